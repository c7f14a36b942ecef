// Does what a front end of the cinema would do, and shows it. The tokens live in this tab's sessionStorage, never in an address.
import { describeToken, el, showCall, showMails, showNotice, showProfile, showProviders } from "/dev/assets/show.js";

const API = "/auth/api/v1";
const kept = {
  get: (name) => JSON.parse(sessionStorage.getItem(name) ?? "null"),
  set: (name, value) => sessionStorage.setItem(name, JSON.stringify(value)),
  take(name) {
    const value = this.get(name);
    sessionStorage.removeItem(name);
    return value;
  },
};
let surroundings = { origin: location.origin, emulator: null, reuse_window_seconds: 10 };

async function call(method, path, { body, token } = {}) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    showNotice("problem", "The service does not answer", "Is it still running?");
    return { ok: false, status: 0, data: {} };
  }
  const text = await answer.text();
  const data = text ? JSON.parse(text) : null;
  showCall(method, path, answer.status, data?.code);
  return { ok: answer.ok, status: answer.status, data };
}

/** Explain a problem by its code, as `GET /problems/{code}` does; `errors` point at the values. */
async function explain(code, problem = {}) {
  const { ok, data } = await call("GET", `/problems/${encodeURIComponent(code)}`);
  const words = ok ? data : { title: "An unknown problem", meaning: "", advice: "" };
  const details = (problem.errors ?? []).map((each) => `${each.pointer.slice(1)}: ${each.detail}`);
  showNotice("problem", words.title, [problem.detail, ...details, words.meaning].filter(Boolean).join(" "), {
    code,
    advice: words.advice,
  });
}

// ---- Sign in with a provider: leave with a challenge, come back with a code, trade it.

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function leaveFor(social) {
  if (!isSecureContext) return showNotice("problem", "PKCE needs a secure address", "Browsers hash on https and on localhost only.");
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  kept.set("departure", { verifier, social });
  const query = new URLSearchParams({
    social,
    return_to: location.origin + location.pathname,
    code_challenge: base64url(new Uint8Array(digest)),
  });
  location.assign(`${API}/oauth/login?${query}`);
}

async function comeBack() {
  const query = new URLSearchParams(location.search);
  const [code, error] = [query.get("code"), query.get("error")];
  if (!code && !error) return;
  history.replaceState(null, "", location.pathname);
  const departure = kept.take("departure");
  if (error) return explain(error);
  if (!departure) return showNotice("problem", "This sign-in began in another tab", "Its verifier is there: start again here.");
  const body = { code, code_verifier: departure.verifier };
  const { ok, data } = await call("POST", "/oauth/exchange", { body });
  if (!ok) return explain(data.code, data);
  keepPair(data);
  const what = data.is_new_account ? "A new account was made." : "The account was there already.";
  showNotice("ok", `Signed in with ${departure.social}`, what);
}

// ---- The pair

function keepPair(pair) {
  const before = kept.get("pair");
  if (before && before.refresh_token !== pair.refresh_token) {
    kept.set("old", { refresh_token: before.refresh_token, replaced_at: Date.now() });
  }
  kept.set("pair", pair);
}

function forgetPair() {
  sessionStorage.removeItem("pair");
  sessionStorage.removeItem("old");
}

async function refresh() {
  const { ok, data } = await call("POST", "/refresh", { body: { refresh_token: kept.get("pair").refresh_token } });
  if (!ok) return endOfSession(data);
  keepPair(data);
  showNotice("ok", "A new pair", "The refresh token before this one is replaced. Try it again: now, and after the reuse window.");
}

/** What a lost answer or a second tab does, and what a thief does: only the time tells them apart. */
async function replay() {
  const pair = kept.get("pair");
  const { ok, data } = await call("POST", "/refresh", { body: { refresh_token: kept.get("old").refresh_token } });
  if (!ok) return endOfSession(data);
  const same = data.access_token === pair.access_token && data.refresh_token === pair.refresh_token;
  const what = same ? "The very same pair came back" : "Another pair came back";
  showNotice("ok", what, "Inside the reuse window a repeated refresh is a lost answer or a second tab, so nobody is logged out.");
}

async function endOfSession(problem) {
  if (problem.code?.startsWith("refresh-token-")) forgetPair();
  if (problem.code) await explain(problem.code, problem);
}

async function logOut(path) {
  const pair = kept.get("pair");
  let answer = await call("POST", path, { token: pair.access_token });
  if (answer.status === 401 && path === "/logout") {
    answer = await call("POST", path, { body: { refresh_token: pair.refresh_token } }); // the access token has expired
  }
  if (!answer.ok) return endOfSession(answer.data);
  forgetPair();
  showNotice("ok", "Logged out", path === "/logout" ? "This session has ended." : "Every session of the account has ended.");
}

// ---- Passwords

async function submitCredentials(intent, form) {
  const { email, password, name } = Object.fromEntries(new FormData(form));
  if (intent === "forgot") return accepted(await call("POST", "/password/forgot", { body: { email } }));
  if (intent === "resend") return accepted(await call("POST", "/email/confirm/resend", { body: { email } }));
  if (intent === "register") {
    return accepted(await call("POST", "/register", { body: { email, password, ...(name && { name }) } }));
  }
  const { ok, data } = await call("POST", "/login", { body: { email, password } });
  if (!ok) return data.code && explain(data.code, data);
  keepPair(data);
  form.reset();
  showNotice("ok", "Signed in with a password", "");
}

function accepted({ ok, data }) {
  if (!ok) return data.code && explain(data.code, data);
  showNotice("ok", "A mail is on its way", "Below, under Mail. The answer is the same for every address, known or not.");
}

// ---- The page

const actions = {
  refresh,
  replay,
  logout: () => logOut("/logout"),
  "logout-all": () => logOut("/logout/all"),
  mail: () => {},
};

async function run(action) {
  document.body.setAttribute("aria-busy", "true");
  try {
    await action();
    await draw();
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

async function draw() {
  const pair = kept.get("pair");
  for (const each of document.querySelectorAll("[data-when]")) each.hidden = (each.dataset.when === "signed-in") !== Boolean(pair);
  if (pair) {
    const { ok, data } = await call("GET", "/me", { token: pair.access_token });
    showProfile(ok ? data : null);
    for (const name of ["access_token", "refresh_token"]) describeToken(name, pair[name]);
  }
  const mails = await fetch("/dev/mail");
  if (mails.ok) showMails(await mails.json());
  tick();
}

/** Once a second: what is left of the tokens and of the reuse window. */
function tick() {
  const old = kept.get("old");
  document.querySelector("[data-do=replay]").disabled = !old;
  const left = old ? Math.ceil(surroundings.reuse_window_seconds - (Date.now() - old.replaced_at) / 1000) : 0;
  const hint = left > 0 ? `The old token still gets the same pair, for ${left} s.` : "The old token is a stolen one by now: using it ends the session.";
  document.getElementById("replay-hint").textContent = old ? hint : "Refresh once, and there is an old token to try.";
  for (const each of document.querySelectorAll("[data-expires]")) {
    const seconds = Math.floor(Number(each.dataset.expires) - Date.now() / 1000);
    each.textContent = seconds > 0 ? `${el.duration(seconds)} left` : "expired";
    each.classList.toggle("expired", seconds <= 0);
  }
}

function fillIn() {
  for (const each of document.querySelectorAll("[data-emulator]")) each.href = surroundings.emulator ?? "";
  for (const each of document.querySelectorAll("[data-emulator], [data-emulator-only]")) each.hidden = !surroundings.emulator;
  for (const each of document.querySelectorAll("[data-fill]")) {
    each.textContent = each.textContent.replaceAll("{api}", surroundings.origin + API).replaceAll("{emulator}", surroundings.emulator);
  }
}

const isLoopback = ({ hostname }) => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

async function begin() {
  surroundings = await (await fetch("/dev/surroundings")).json();
  if (surroundings.origin !== location.origin) {
    // Cookies, redirect addresses and `return_to` belong to one name of this machine: 127.0.0.1 is not localhost.
    const own = new URL(surroundings.origin);
    if ([own, location].every(isLoopback) && own.port === location.port) return location.replace(own.origin + location.pathname);
    showNotice("problem", "This is not the service's own address", "Sign-in with providers works there only:", { link: `${surroundings.origin}/` });
  }
  fillIn();
  const { ok, data } = await call("GET", "/oauth/providers");
  showProviders(ok ? data : [], leaveFor);
  await comeBack();
  await draw();
  setInterval(tick, 1000);
}

document.getElementById("credentials").addEventListener("submit", (event) => {
  event.preventDefault();
  run(() => submitCredentials(event.submitter?.value ?? "login", event.target));
});
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => run(actions[button.dataset.do]));
begin();
