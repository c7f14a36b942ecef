-- An address that nobody has yet, each time.
dofile("common.lua")

function request()
  local email = string.format("%s-%d-%d@cinema.example", options.run, number, made)
  local body = string.format('{"email":"%s","password":"%s"}', email, options.password)
  return text("POST", options.path, "Content-Type: application/json\r\n", body)
end
