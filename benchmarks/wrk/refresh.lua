-- Each thread keeps a pool of refresh tokens: a request takes one out, its answer puts the next one in.
dofile("common.lua")

local JSON = "Content-Type: application/json\r\n"

function request()
  local token = table.remove(lines)
  return text("POST", options.path, JSON .. caller(), '{"refresh_token":"' .. token .. '"}')
end

function answered(status, headers, body)
  if status == 200 then table.insert(lines, body:match('"refresh_token":"([^"]+)"')) end
end
