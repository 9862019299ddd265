// The Connect UI: it asks for a session token, shows what the session may connect, and tells the
// window around it (a frame's parent, a popup's opener) how that went.
import { el, mark } from "./dom.js";
import { ApiError, FRIENDLY } from "./errors.js";
import { fieldsOf, input, problemOf } from "./fields.js";

const query = new URLSearchParams(location.search);
const apiURL = (query.get("apiURL") || location.origin).replace(/\/+$/, "");
const apiOrigin = new URL(apiURL, location.href).origin;
const detectClosed = query.get("detectClosedAuthWindow") === "true";
const framed = window.parent !== window;
const opener = window.opener;
// A tab of its own has nobody to tell and cannot close itself.
const accompanied = framed || Boolean(opener);

const view = document.getElementById("view");
const card = document.getElementById("card");
const backButton = document.getElementById("back");
const closeButton = document.getElementById("close");
const live = document.getElementById("live");

let token = null;
let session = null;
let integrations = [];
let busy = null; // the OAuth flow under way
let finished = false;

// --- small tools -------------------------------------------------------------------------------

function show(title, ...nodes) {
  const heading = el("h1", { tabindex: "-1" }, title);
  view.replaceChildren(heading, ...nodes.filter(Boolean));
  // A logo or a badge stands above the heading.
  const above = view.querySelector("[data-above]");
  if (above) view.prepend(above);
  card.setAttribute("aria-busy", "false");
  document.title = title;
  live.textContent = "";
  heading.focus({ preventScroll: true });
}

function waiting(text) {
  card.setAttribute("aria-busy", "true");
  const spinner = el("span", { class: "spinner", "aria-hidden": "true" });
  view.replaceChildren(el("p", { class: "wait" }, spinner, text));
}

function tell(event) {
  if (framed) window.parent.postMessage(event, "*");
  if (opener) opener.postMessage(event, "*");
}

async function api(path, options = {}) {
  const headers = { authorization: `Bearer ${token}`, ...options.headers };
  const answer = await fetch(apiURL + path, { ...options, headers });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(answer.status, body);
  return body;
}

function logo(integration) {
  const path = integration.logo && new URL(integration.logo, apiURL).pathname;
  const own = path && path.startsWith("/images/");
  return el("img", { class: "logo", src: own ? apiURL + path : integration.logo, alt: "" });
}

// --- beginning and end -------------------------------------------------------------------------

function close() {
  if (busy) busy.cancel();
  finished = true;
  tell({ type: "close" });
  if (!framed && opener) window.close();
}

function dead(title, text) {
  backButton.hidden = true;
  const badge = el("div", { class: "badge bad", "data-above": true }, mark("M12 6v7m0 4.5v.1"));
  show(title, badge, el("p", { class: "lead" }, text));
  view.classList.add("center");
}

async function start() {
  waiting("Loading…");
  try {
    session = (await api("/connect/session")).data;
    const all = (await api("/integrations")).data;
    const allowed = session.allowed_integrations;
    integrations = allowed ? all.filter((one) => allowed.includes(one.unique_key)) : all;
    const single = allowed && allowed.length === 1 && integrations.length === 1;
    if (integrations.length === 0) dead("Nothing to connect", "No integration is set up here yet.");
    else if (single) await form(integrations[0]);
    else list();
  } catch (error) {
    // Nothing is told: the window around it has a session token that never worked.
    if (error.status === 401) expired();
    else dead("Something went wrong", "The server cannot be reached. Please try again later.");
  }
}

function expired() {
  dead("This session has expired", "Please close this window and start again.");
}

// --- choosing ----------------------------------------------------------------------------------

function list() {
  backButton.hidden = true;
  view.classList.remove("center");
  const items = integrations.map((one) =>
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

// --- the form ----------------------------------------------------------------------------------

async function form(integration) {
  view.classList.remove("center");
  waiting("Loading…");
  let provider;
  try {
    provider = (await api(`/providers/${encodeURIComponent(integration.provider)}`)).data;
  } catch (error) {
    if (error.status === 401) return expired();
    return dead("Something went wrong", "The server cannot be reached. Please try again later.");
  }
  backButton.hidden = integrations.length < 2;
  const defaults = (session.integrations_config_defaults || {})[integration.unique_key] || {};
  const inputs = fieldsOf(provider, defaults.connection_config || {}).map(input);
  const shown = inputs.filter((one) => !one.field.hidden);
  const name = integration.display_name;
  const oauth = provider.auth_mode === "OAUTH2";
  const verb = session.isReconnecting ? "Reconnect" : "Connect";
  const lead = oauth
    ? `You will be taken to ${name} to allow access, and come back here.`
    : shown.length ? `Enter your ${name} details.` : `Nothing to enter for ${name}.`;
  const alert = el("div", { class: "alert", role: "alert", hidden: true });
  const button = el("button", { type: "submit", class: "primary" }, verb);
  const state = (text, working) => {
    button.replaceChildren(
      ...(working ? [el("span", { class: "spinner", "aria-hidden": "true" })] : []), text);
    button.setAttribute("aria-disabled", String(Boolean(working)));
  };
  const work = {
    integration,
    provider,
    inputs,
    working: (text) => {
      alert.hidden = true;
      state(text, true);
      live.textContent = text;
    },
    idle: (text, hint) => {
      state(text || verb, false);
      live.textContent = hint || "";
    },
    failed: (error) => {
      // The second report of one failure says nothing new to people.
      if (alert.hidden) {
        const text = FRIENDLY[error.code] || error.message || "Please try again.";
        alert.replaceChildren(el("strong", {}, "That did not work."), el("span", {}, text));
        alert.hidden = false;
      }
      state("Try again", false);
      live.textContent = "";
      tell({ type: "error", payload: { errorType: error.code || "unknown_error", errorMessage: error.message || "" } });
    },
  };
  const node = el("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    const wrong = inputs.filter((one) => {
      const text = problemOf(one);
      one.complain(text);
      return text;
    });
    if (wrong.length) return wrong[0].control.focus();
    if (oauth) byPopup(work);
    else byForm(work);
  } }, ...inputs.map((one) => one.node), alert, button);
  const docs = ((session.overrides || {})[integration.unique_key] || {}).docs_connect || provider.docs;
  const help = shown.length && docs && /^https?:/.test(docs)
    ? el("p", { class: "quiet" }, el("a", { href: docs, target: "_blank", rel: "noopener noreferrer" }, "Where do I find this?"))
    : null;
  const picture = logo(integration);
  picture.setAttribute("data-above", "");
  show(`${verb} ${name}`, picture, el("p", { class: "lead" }, lead), node, help);
  if (shown.length) shown[0].control.focus({ preventScroll: true });
}

function paramsOf(inputs) {
  const params = new URLSearchParams({ connect_session_token: token });
  for (const one of inputs.filter((one) => one.field.of === "params" && one.value())) {
    params.set(`params[${one.field.name}]`, one.value());
  }
  return params;
}

// --- credentials -------------------------------------------------------------------------------

const ENDPOINT = {
  API_KEY: "/api-auth/api-key/",
  BASIC: "/api-auth/basic/",
  OAUTH2_CC: "/oauth2/auth/",
  NONE: "/auth/unauthenticated/",
};

async function byForm(work) {
  const { integration, provider, inputs } = work;
  const endpoint = ENDPOINT[provider.auth_mode];
  if (!endpoint) return work.failed(new Error(`${provider.auth_mode} is not supported by this page.`));
  const body = {};
  for (const one of inputs.filter((one) => one.field.of === "credentials")) {
    body[one.field.name] = one.value();
  }
  work.working("Connecting…");
  try {
    const path = `${endpoint}${encodeURIComponent(integration.unique_key)}?${paramsOf(inputs)}`;
    const made = await api(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    connected(integration, made.connectionId, {});
  } catch (error) {
    work.failed(error instanceof ApiError ? error : new Error("The server cannot be reached."));
  }
}

// --- OAuth2 ------------------------------------------------------------------------------------

function byPopup(work) {
  const { integration, inputs } = work;
  if (busy) busy.cancel();
  // At once, in the click: later the browser would block it.
  const width = 520, height = 720;
  const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2);
  const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2);
  const popup = window.open("", "_blank", `popup,width=${width},height=${height},left=${left},top=${top}`);
  if (!popup) {
    const error = new Error("Your browser blocked the window. Please allow it and try again.");
    error.code = "blocked_by_browser";
    return work.failed(error);
  }
  work.working("Waiting for you to finish in the other window…");

  const path = session.websocketsPath || "/";
  const socket = new WebSocket(apiURL.replace(/^http/, "ws") + path);
  let settled = false;
  let watcher = 0;
  const stop = () => {
    settled = true;
    clearInterval(watcher);
    socket.close();
    if (busy === flow) busy = null;
  };
  const flow = {
    cancel: () => {
      stop();
      if (!popup.closed) popup.close();
    },
    // The page in the popup speaks, too, and waits for a word before it closes.
    popupSays: (message, source) => {
      if (source) source.postMessage({ type: "nango_oauth_callback_ack" }, apiOrigin);
      if (message.type !== "nango_oauth_callback_error") return;
      const { errorType, message: text } = message.payload || {};
      const error = new Error(text || "The other window reported a failure.");
      error.code = errorType || "connection_validation_failed";
      flow.fail(error);
    },
    fail: (error) => {
      clearInterval(watcher);
      work.failed(error);
      if (error.code === "window_closed") stop();
    },
  };
  busy = flow;

  socket.addEventListener("message", (event) => {
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    if (message.message_type === "connection_ack") {
      const params = paramsOf(inputs);
      params.set("ws_client_id", message.ws_client_id);
      popup.location = `${apiURL}/oauth/connect/${encodeURIComponent(integration.unique_key)}?${params}`;
    } else if (message.message_type === "success") {
      stop();
      connected(integration, message.connection_id, { isPending: Boolean(message.is_pending) });
    } else if (message.message_type === "error") {
      const error = new Error(message.error_desc || "The connection was not made.");
      error.code = message.error_type;
      socket.close();
      flow.fail(error);
    }
  });
  socket.addEventListener("error", () => {
    if (settled) return;
    stop();
    if (!popup.closed) popup.close();
    work.failed(new Error("The server cannot be reached."));
  });
  watcher = setInterval(() => {
    if (!popup.closed || settled) return;
    clearInterval(watcher);
    // Success may be on its way: the popup closes itself, too.
    setTimeout(() => {
      if (settled || busy !== flow) return;
      if (!detectClosed) return work.idle("Try again", "The other window was closed.");
      const error = new Error("The window was closed before access was allowed.");
      error.code = "window_closed";
      flow.fail(error);
    }, 1000);
  }, 400);
}

// --- success -----------------------------------------------------------------------------------

function connected(integration, connectionId, more) {
  backButton.hidden = true;
  const payload = { providerConfigKey: integration.unique_key, connectionId, ...more };
  tell({ type: "connect", payload });
  const done = accompanied
    ? el("button", { type: "button", class: "primary", onclick: close }, "Finish")
    : el("p", { class: "quiet" }, "You can now close this tab.");
  const badge = el("div", { class: "badge", "data-above": true }, mark("m5 12.5 4.5 4.5L19 7.5"));
  show(
    session.isReconnecting ? "Reconnected" : "Connected",
    badge,
    el("p", { class: "lead" }, `${integration.display_name} is connected.`),
    done,
  );
  view.classList.add("center");
  const button = view.querySelector("button");
  if (button) button.focus({ preventScroll: true });
}

// --- listening ---------------------------------------------------------------------------------

window.addEventListener("message", (event) => {
  const message = event.data;
  if (!message || typeof message !== "object") return;
  if (message.type === "session_token" && typeof message.sessionToken === "string") {
    if (event.source !== window.parent && event.source !== opener) return;
    if (message.sessionToken === token) return;
    token = message.sessionToken;
    start();
  } else if (String(message.type).startsWith("nango_oauth_callback_") && event.origin === apiOrigin) {
    if (busy && event.source) busy.popupSays(message, event.source);
  }
});

backButton.addEventListener("click", () => {
  if (busy) busy.cancel();
  list();
});
closeButton.addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && accompanied && !finished) close();
});

const theme = query.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
document.body.classList.toggle("framed", framed);
closeButton.hidden = !accompanied;
token = query.get("session_token");
tell({ type: "ready" });
if (token) {
  start();
} else if (accompanied) {
  setTimeout(() => {
    if (!token) dead("Still waiting", "This page was opened without a session. Please close it and try again.");
  }, 10000);
} else {
  dead("This link is incomplete", "Please open the link exactly as you received it.");
}
