// Connect UI: gets a session token, shows the integrations of the session, and notifies the
// page around its frame of the outcome.
import { api, logo } from "./api.js";
import { el } from "./dom.js";
import { form } from "./form.js";
import { backButton, close, closeButton, dead, expired, show, notify, waiting } from "./shell.js";
import { apiOrigin, framed, query, state } from "./state.js";

async function start() {
  waiting("Loading…");
  try {
    state.session = (await api("/connect/session")).data;
    const all = (await api("/integrations")).data;
    const allowed = state.session.allowed_integrations;
    state.integrations = allowed ? all.filter((one) => allowed.includes(one.unique_key)) : all;
    const single = allowed && allowed.length === 1 && state.integrations.length === 1;
    if (state.integrations.length === 0) dead("Nothing to connect", "No integration is set up here yet.");
    else if (single) await form(state.integrations[0]);
    else list();
  } catch (error) {
    // No notification: the surrounding window holds a session token that was never valid.
    if (error.status === 401) expired();
    else dead("Something went wrong", "The server cannot be reached. Please try again later.");
  }
}

function list() {
  backButton.hidden = true;
  const items = state.integrations.map((one) =>
    el("li", {}, el(
      "button",
      { type: "button", class: "choice", "data-integration": one.unique_key, onclick: () => form(one) },
      logo(one),
      one.display_name,
    )));
  show(
    "Connect an account",
    el("p", { class: "lead" }, "What would you like to connect?"),
    el("ul", { class: "list" }, ...items),
  );
}

window.addEventListener("message", (event) => {
  const message = event.data;
  if (!message || typeof message !== "object") return;
  if (message.type === "session_token" && typeof message.sessionToken === "string") {
    if (event.source !== window.parent) return;
    if (message.sessionToken === state.token) return;
    state.token = message.sessionToken;
    start();
  } else if (String(message.type).startsWith("nango_oauth_callback_") && event.origin === apiOrigin) {
    if (state.busy && event.source) state.busy.popupSays(message, event.source);
  }
});

backButton.addEventListener("click", () => {
  if (state.busy) state.busy.cancel();
  list();
});
closeButton.addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && framed && !state.finished) close();
});

const theme = query.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
document.body.classList.toggle("framed", framed);
closeButton.hidden = !framed;
state.token = query.get("session_token");
notify({ type: "ready" });
if (state.token) {
  start();
} else if (framed) {
  setTimeout(() => {
    if (!state.token) dead("Still waiting", "This page was opened without a session. Please close it and try again.");
  }, 10000);
} else {
  dead("This link is incomplete", "Please open the link exactly as you received it.");
}
