// Confirms the address of a mail's link. Only the button does: programs that open links in mails change nothing.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const asked = new URLSearchParams(location.search).get("lang");
const language = asked ?? (navigator.languages.some((each) => each.startsWith("ru")) ? "ru" : "en");
const words = document.querySelector(`main > [lang="${language === "en" ? "en" : "ru"}"]`);

document.documentElement.lang = words.lang;
document.title = words.dataset.title;
for (const each of document.querySelectorAll("main > [lang]")) each.hidden = each !== words;
for (const button of words.querySelectorAll("button")) button.addEventListener("click", () => confirm(button));
show(token ? "ask" : "refused");

function show(step) {
  for (const each of words.querySelectorAll("[data-step]")) each.hidden = each.dataset.step !== step;
}

async function confirm(button) {
  button.disabled = true;
  const status = await send();
  button.disabled = false;
  if (status === 204) {
    history.replaceState(null, "", location.pathname + location.search); // the used token need not stay in the address
    show("done");
  } else {
    show(status >= 400 && status < 500 && status !== 429 ? "refused" : "failed");
  }
}

async function send() {
  try {
    const body = JSON.stringify({ token });
    const answer = await fetch(location.pathname, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return answer.status;
  } catch {
    return 0;
  }
}
