-- The lines are access tokens; `client` is a service's id and secret as HTTP Basic has them.
dofile("common.lua")

function request()
  local headers = "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic " .. options.client .. "\r\n"
  return text("POST", options.path, headers, "token=" .. next_line())
end
