-- The lines are access tokens.
dofile("common.lua")

function request()
  return text("GET", options.path, "Authorization: Bearer " .. next_line() .. "\r\n")
end
