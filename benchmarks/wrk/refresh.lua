-- Each thread keeps a queue of refresh tokens: a request takes the first, its answer puts the next one at the end.
dofile("common.lua")

local JSON = "Content-Type: application/json\r\n"
local first, last

function request()
  first, last = first or 1, last or #lines
  local token = lines[first]
  lines[first], first = nil, first + 1
  return text("POST", options.path, JSON .. caller(), '{"refresh_token":"' .. token .. '"}')
end

function answered(status, headers, body)
  if status == 200 then
    last = last + 1
    lines[last] = body:match('"refresh_token":%s*"([^"]+)"')
  end
end
