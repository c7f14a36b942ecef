-- `decide_rotation` of app/ports/tokens.py, on the stored state and in one step; a test compares the two.
-- KEYS: session, roles. ARGV: the generation presented, now, window, deadline by this server's clock or 0.
-- Moments are in microseconds. The second value of the answer is the time by this server's clock.
local time = redis.call('TIME')
local clock = time[1] * 1000000 + time[2]
local deadline = tonumber(ARGV[4])
if deadline > 0 and clock > deadline then
  -- A network kept it back, and whoever asked has given up: by now the token may rightly have been replaced.
  return {'late', string.format('%d', clock)}
end

local state = redis.call('HMGET', KEYS[1], 'generation', 'rotated_at', 'expires_at', 'ended')
local roles = redis.call('HMGET', KEYS[2], 'roles', 'version')
if not state[1] or not roles[1] then
  return {'unknown', string.format('%d', clock)}
end

local presented, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local generation, rotated_at, expires_at = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
if not (generation and rotated_at and expires_at) then
  return {'unreadable', string.format('%d', clock)}
end

local outcome
if state[4] ~= '0' or now >= expires_at then
  outcome = 'ended'
elseif presented >= generation then
  outcome = 'rotated'
  state[1], state[2] = string.format('%d', presented + 1), ARGV[2]
  redis.call('HSET', KEYS[1], 'generation', state[1], 'rotated_at', state[2])
elseif presented == generation - 1 and math.abs(now - rotated_at) <= tonumber(ARGV[3]) then
  outcome = 'repeated'
else
  outcome = 'reused'
  state[4] = '1'
  redis.call('HSET', KEYS[1], 'ended', '1')
end
return {outcome, string.format('%d', clock), state[1], state[2], state[3], state[4], roles[1], roles[2]}
