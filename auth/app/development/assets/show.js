// Puts what came back on the page. Texts are set as texts: nothing that was received becomes markup.

const byId = (id) => document.getElementById(id);

export function el(name, properties = {}, ...children) {
  const { data = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

el.duration = (seconds) => {
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
};

export function showNotice(kind, title, text, { code, advice, link } = {}) {
  const notice = byId("notice");
  notice.className = kind;
  notice.hidden = false;
  notice.replaceChildren(el("strong", {}, title), ...(text ? [el("p", {}, text)] : []));
  if (link) notice.append(el("a", { href: link }, link));
  if (advice) notice.append(el("p", { className: "quiet" }, "For the front end: ", advice));
  if (code) notice.append(el("a", { className: "code", href: `/auth/api/v1/problems/${code}` }, code));
  notice.scrollIntoView({ block: "nearest" }); // on a phone the button that was pressed is far below
}

export function showCall(method, path, status, code) {
  const answer = code && status >= 400 ? el("a", { href: `/auth/api/v1/problems/${code}` }, code) : "";
  const line = el("li", { className: status < 400 ? "" : "failed" }, el("code", {}, `${method} ${path}`), el("b", {}, String(status)), answer);
  byId("call-list").prepend(line);
  while (byId("call-list").children.length > 12) byId("call-list").lastChild.remove();
}

export function showProviders(providers, choose) {
  byId("no-providers").hidden = providers.length > 0;
  byId("providers").replaceChildren(
    ...providers.map(({ social, title, icon, available }) => {
      const mark = el("img", { src: icon, alt: "", width: 24, height: 24 });
      const button = el("button", { type: "button", className: `provider ${social}`, disabled: !available }, mark, el("span", {}, title));
      button.addEventListener("click", () => choose(social));
      return button;
    }),
  );
}

export function showProfile(me) {
  const profile = byId("profile");
  if (!me) {
    profile.replaceChildren(el("dt", {}, "Profile"), el("dd", {}, "The access token opens nothing any more. Refresh, or sign in again."));
    return;
  }
  const rows = {
    Name: me.name ?? "none",
    "E-mail": me.email ? `${me.email} ${me.email_confirmed ? "(confirmed)" : "(not confirmed)"}` : "none",
    Password: me.has_password ? "set" : "none: signs in with a provider",
    Roles: me.roles.join(", ") || "none",
    Id: me.id,
  };
  profile.replaceChildren(...Object.entries(rows).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

/** Read a JWT as anybody can: whoever holds one sees its claims, only its issuer can make them. */
function readToken(token) {
  const [header, claims] = token.split(".").map((part) => part.replaceAll("-", "+").replaceAll("_", "/"));
  return [header, claims].map((part) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (sign) => sign.charCodeAt(0)))));
}

export function describeToken(name, token) {
  const [header, claims] = readToken(token);
  const copy = el("button", { type: "button", className: "link", hidden: !navigator.clipboard }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(token);
    copy.textContent = "Copied";
  });
  const left = el("span", { className: "left", data: { expires: claims.exp } });
  byId(name).replaceChildren(
    el("div", { className: "heading" }, el("h3", {}, name), left, copy),
    el("pre", {}, `${JSON.stringify(header)}\n${JSON.stringify(claims, null, 2)}`),
    el("details", {}, el("summary", {}, "The token itself"), el("pre", {}, token)),
  );
}

let shown = null;

export function showMails(mails) {
  const ids = mails.map((mail) => mail.id).join();
  if (ids === shown) return;
  const isFirstLook = shown === null;
  shown = ids;
  byId("no-mails").hidden = mails.length > 0;
  byId("mails").replaceChildren(...mails.map((mail, place) => describeMail(mail, place === 0 && !isFirstLook)));
}

function describeMail(mail, open) {
  const time = new Date(mail.created_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const frame = el("iframe", { title: mail.subject });
  frame.sandbox = "allow-popups allow-popups-to-escape-sandbox";
  const whole = el("details", { className: "letter", open });
  const load = () => frame.src || (frame.src = `/dev/mail/${mail.id}`);
  whole.addEventListener("toggle", () => whole.open && load());
  whole.append(
    el("summary", {}, el("b", {}, mail.subject), el("span", { className: "quiet" }, `${mail.to} · ${time}`)),
    frame,
    el("details", {}, el("summary", {}, "As plain text"), el("pre", {}, mail.text)),
  );
  return whole;
}
