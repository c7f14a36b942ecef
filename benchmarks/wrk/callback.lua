-- The lines are callbacks of browsers that come back from a provider: address, tab, cookie. Each is used once; a
-- connection for which none is left waits until the end.
dofile("common.lua")

local reserved, begun = 0, 0

function delay()
  if reserved >= #lines then return 3600000 end
  reserved, begun = reserved + 1, begun + 1
  return begun <= tonumber(options.first) and math.random(0, tonumber(options.over)) or 0
end

function request()
  reserved = math.max(0, reserved - 1)
  local path, cookie = table.remove(lines):match("^([^\t]+)\t(.+)$")
  return text("GET", path, "Cookie: " .. cookie .. "\r\n")
end
