// Sets a new password with the token of a mail's link; without a token it asks where to send one.
import { forgetToken, send, show, token, words } from "./words.js";

const asking = words.querySelector("form[data-step=mail]");
const setting = words.querySelector("form[data-step=ask]");
asking.addEventListener("submit", (event) => run(event, askForMail));
setting.addEventListener("submit", (event) => run(event, reset));
words.querySelector("[data-again]").addEventListener("click", () => show("mail"));
show(token ? "ask" : "mail");

async function run(event, action) {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  await action(event.target);
  button.disabled = false;
}

async function askForMail(form) {
  const status = await send({ email: form.elements.email.value }, new URL("forgot", location.href).pathname);
  form.querySelector("[data-wrong]").hidden = status !== 422;
  if (status !== 422) show(status === 202 ? "sent" : "failed");
}

async function reset(form) {
  const status = await send({ token, password: form.elements.password.value });
  form.querySelector("[data-weak]").hidden = status !== 422;
  if (status === 204) {
    forgetToken();
    show("done");
  } else if (status !== 422) {
    show(status === 400 ? "refused" : "failed");
  }
}
