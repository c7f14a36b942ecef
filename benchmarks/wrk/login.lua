-- The lines are addresses; all have the same password. With `form=yes` both go as a form, where an address is a username.
dofile("common.lua")

local JSON = { type = "application/json", body = '{"email":"%s","password":"%s"}' }
local FORM = { type = "application/x-www-form-urlencoded", body = "username=%s&password=%s" }

function request()
  local shape = options.form and FORM or JSON
  local body = string.format(shape.body, next_line(), options.password)
  return text("POST", options.path, "Content-Type: " .. shape.type .. "\r\n", body)
end
