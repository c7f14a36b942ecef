-- What every scenario shares: the lines of a file spread over the threads, statuses counted, one line of JSON at the end.
-- Called as `wrk … -s refresh.lua URL -- name=value …`: lines=FILE threads=N path=PATH pause=MILLISECONDS.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanoseconds; } moment; int clock_gettime(int clock, moment *now);")

local now, threads = ffi.new("moment"), {}

local function clock()
  ffi.C.clock_gettime(1, now)  -- CLOCK_MONOTONIC
  return tonumber(now.seconds) + tonumber(now.nanoseconds) / 1e9
end

-- Globals are what `done` can read from the threads.
statuses, sample, first_at, last_at = {}, "", 0, 0
options, lines, made = {}, {}, 0

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  for _, argument in pairs(args) do
    local name, value = argument:match("^(%w+)=(.*)$")
    if name then options[name] = value end
  end
  if options.lines then
    local at = 0
    for line in io.lines(options.lines) do
      if at % tonumber(options.threads) == number then table.insert(lines, line) end
      at = at + 1
    end
  end
  math.randomseed(os.time() * 16 + number)
  local pause = tonumber(options.pause or 0)
  if pause > 0 then
    -- People come independently of each other: the time between two requests of one is exponential.
    delay = function() return math.floor(-pause * math.log(1 - math.random()) + 0.5) end
  end
end

-- A whole request as text: wrk's own helper merges tables each time.
function text(method, path, headers, body)
  if made > 0 and first_at == 0 then first_at = clock() end  -- the very first is wrk's own try of the script
  made = made + 1
  local host = wrk.host .. ":" .. wrk.port
  local sized = body and string.format("Content-Length: %d\r\n", #body) or ""
  return string.format("%s %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n%s", method, path, host, sized, headers or "", body or "")
end

-- Another caller each time, as a trusted proxy tells it: limits count per address.
function caller()
  if not options.spread then return "" end
  local random = math.random
  return string.format("X-Forwarded-For: 11.%d.%d.%d\r\n", random(0, 255), random(0, 255), random(1, 254))
end

function next_line()
  at = (at or 0) % #lines + 1
  return lines[at]
end

function response(status, headers, body)
  last_at = clock()
  statuses[status] = (statuses[status] or 0) + 1
  if status >= 400 then
    sample = body:sub(1, 300):gsub("[%c\"\\]", " ")
  end
  if answered then answered(status, headers, body) end
end

function done(summary, latency, requests)
  local total, began, ended, shown = {}, math.huge, 0, ""
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do total[status] = (total[status] or 0) + count end
    if thread:get("first_at") > 0 then began = math.min(began, thread:get("first_at")) end
    ended, shown = math.max(ended, thread:get("last_at")), shown .. thread:get("sample")
  end
  local counted = {}
  for status, count in pairs(total) do table.insert(counted, string.format('"%d": %d', status, count)) end
  local failures = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"seconds": %f, "between": %f, "p50": %d, "p99": %d, "max": %d, "failures": %d, "sample": "%s", "statuses": {%s}}\n',
    summary.duration / 1e6, math.max(0, ended - began), latency:percentile(50), latency:percentile(99), latency.max,
    failures, shown:sub(1, 1000), table.concat(counted, ", ")
  ))
end
