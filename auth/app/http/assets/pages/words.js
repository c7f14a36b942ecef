// What the mailed pages share: the token of the link, the visitor's language, one step shown at a time.
export const token = new URLSearchParams(location.hash.slice(1)).get("token");

const asked = new URLSearchParams(location.search).get("lang");
const language = asked ?? (navigator.languages.some((each) => each.startsWith("ru")) ? "ru" : "en");
export const words = document.querySelector(`main > [lang="${language === "en" ? "en" : "ru"}"]`);

document.documentElement.lang = words.lang;
document.title = words.dataset.title;
for (const each of document.querySelectorAll("main > [lang]")) each.hidden = each !== words;

export function show(step) {
  for (const each of words.querySelectorAll("[data-step]")) each.hidden = each.dataset.step !== step;
}

/** Send the body, to the page's own address unless told otherwise; give the status, 0 when nothing came back. */
export async function send(body, path = location.pathname) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.status;
  } catch {
    return 0;
  }
}

/** The link has done its work: it need not stay in the address. */
export function forgetToken() {
  history.replaceState(null, "", location.pathname + location.search);
}
