-- The lines are access tokens; `method` is GET unless it is told otherwise.
dofile("common.lua")

function request()
  return text(options.method or "GET", options.path, "Authorization: Bearer " .. next_line() .. "\r\n")
end
