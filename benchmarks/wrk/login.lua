-- The lines are addresses; all have the same password.
dofile("common.lua")

function request()
  local body = string.format('{"email":"%s","password":"%s"}', next_line(), options.password)
  return text("POST", options.path, "Content-Type: application/json\r\n", body)
end
