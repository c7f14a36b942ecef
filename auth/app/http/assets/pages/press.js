// Does what a mail's link is for. Only the button does: programs that open links in mails change nothing.
import { forgetToken, send, show, token, words } from "./words.js";

for (const button of words.querySelectorAll("button")) button.addEventListener("click", () => press(button));
show(token ? "ask" : "refused");

async function press(button) {
  button.disabled = true;
  const status = await send({ token });
  button.disabled = false;
  if (status === 204) {
    forgetToken();
    show("done");
  } else {
    show(status >= 400 && status < 500 && status !== 429 ? "refused" : "failed");
  }
}
