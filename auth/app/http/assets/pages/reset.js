// Sets a new password with the token of a mail's link.
import { forgetToken, send, show, token, words } from "./words.js";

const form = words.querySelector("form");
form.addEventListener("submit", reset);
show(token ? "ask" : "refused");

async function reset(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const status = await send({ token, password: form.elements.password.value });
  button.disabled = false;
  form.querySelector("[data-weak]").hidden = status !== 422;
  if (status === 204) {
    forgetToken();
    show("done");
  } else if (status !== 422) {
    show(status === 400 ? "refused" : "failed");
  }
}
