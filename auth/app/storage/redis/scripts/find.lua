-- The state as it is, or nothing. KEYS: session, roles.
local state = redis.call('HMGET', KEYS[1], 'generation', 'rotated_at', 'expires_at', 'ended')
local roles = redis.call('HMGET', KEYS[2], 'roles', 'version')
if not state[1] or not roles[1] then
  return nil
end
return {state[1], state[2], state[3], state[4], roles[1], roles[2]}
