// Form of one integration.
import { api, logo } from "./api.js";
import { byForm } from "./credentials.js";
import { el } from "./dom.js";
import { FRIENDLY } from "./errors.js";
import { fieldsOf, input, problemOf } from "./fields.js";
import { byPopup } from "./oauth.js";
import { backButton, dead, expired, live, show, notify, waiting } from "./shell.js";
import { state } from "./state.js";

export async function form(integration) {
  waiting("Loading…");
  let provider;
  try {
    provider = (await api(`/providers/${encodeURIComponent(integration.provider)}`)).data;
  } catch (error) {
    if (error.status === 401) return expired();
    return dead("Something went wrong", "The server cannot be reached. Please try again later.");
  }
  backButton.hidden = state.integrations.length < 2;
  const defaults = (state.session.integrations_config_defaults || {})[integration.unique_key] || {};
  const inputs = fieldsOf(provider, defaults.connection_config || {}).map(input);
  const shown = inputs.filter((one) => !one.field.hidden);
  const name = integration.display_name;
  const oauth = provider.auth_mode === "OAUTH2";
  const verb = state.session.isReconnecting ? "Reconnect" : "Connect";
  const lead = oauth
    ? `You will be taken to ${name} to allow access, and come back here.`
    : shown.length ? `Enter your ${name} details.` : `Nothing to enter for ${name}.`;
  const alert = el("div", { class: "alert", role: "alert", hidden: true });
  const button = el("button", { type: "submit", class: "primary" }, verb);
  const label = (text, working) => {
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
      label(text, true);
      live.textContent = text;
    },
    idle: (text, hint) => {
      label(text || verb, false);
      live.textContent = hint || "";
    },
    failed: (error) => {
      // The failure was reported already; a second report would repeat it.
      if (alert.hidden) {
        const text = FRIENDLY[error.code] || error.message || "Please try again.";
        alert.replaceChildren(el("strong", {}, "That did not work."), el("span", {}, text));
        alert.hidden = false;
      }
      label("Try again", false);
      live.textContent = "";
      notify({ type: "error", payload: { errorType: error.code || "unknown_error", errorMessage: error.message || "" } });
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
  const docs = ((state.session.overrides || {})[integration.unique_key] || {}).docs_connect || provider.docs;
  const help = shown.length && docs && /^https?:/.test(docs)
    ? el("p", { class: "quiet" }, el("a", { href: docs, target: "_blank", rel: "noopener noreferrer" }, "Where do I find this?"))
    : null;
  const picture = logo(integration);
  picture.setAttribute("data-above", "");
  show(`${verb} ${name}`, picture, el("p", { class: "lead" }, lead), node, help);
  if (shown.length) shown[0].control.focus({ preventScroll: true });
}
