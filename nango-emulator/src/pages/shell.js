// Card around every view, and the page around a frame. In a window of its own this page, like Nango's,
// neither notifies the window that opened it nor closes itself.
import { el, mark } from "./dom.js";
import { framed, state } from "./state.js";

const view = document.getElementById("view");
const card = document.getElementById("card");
export const backButton = document.getElementById("back");
export const closeButton = document.getElementById("close");
export const live = document.getElementById("live");

export function show(title, ...nodes) {
  view.classList.remove("center");
  const heading = el("h1", { tabindex: "-1" }, title);
  view.replaceChildren(heading, ...nodes.filter(Boolean));
  // A logo or a badge is above the heading.
  const above = view.querySelector("[data-above]");
  if (above) view.prepend(above);
  card.setAttribute("aria-busy", "false");
  document.title = title;
  live.textContent = "";
  heading.focus({ preventScroll: true });
}

export function waiting(text) {
  view.classList.remove("center");
  card.setAttribute("aria-busy", "true");
  const spinner = el("span", { class: "spinner", "aria-hidden": "true" });
  view.replaceChildren(el("p", { class: "wait" }, spinner, text));
}

export function notify(event) {
  if (framed) window.parent.postMessage(event, "*");
}

function isTyped() {
  return [...view.querySelectorAll("input")].some((one) => one.value !== one.defaultValue);
}

export function close() {
  if (isTyped() && !window.confirm("Close without connecting? What you entered will be lost.")) return;
  if (state.busy) state.busy.cancel();
  state.finished = true;
  notify({ type: "close" });
}

export function dead(title, text) {
  backButton.hidden = true;
  const badge = el("div", { class: "badge bad", "data-above": true }, mark("M12 6v7m0 4.5v.1"));
  show(title, badge, el("p", { class: "lead" }, text));
  view.classList.add("center");
}

export function expired() {
  dead("This session has expired", "Please close this window and start again.");
}

export function connected(integration, connectionId, more) {
  backButton.hidden = true;
  const payload = { providerConfigKey: integration.unique_key, connectionId, ...more };
  notify({ type: "connect", payload });
  const done = framed
    ? el("button", { type: "button", class: "primary", onclick: close }, "Finish")
    : el("p", { class: "quiet" }, "You can now close this tab.");
  const badge = el("div", { class: "badge", "data-above": true }, mark("m5 12.5 4.5 4.5L19 7.5"));
  show(
    state.session.isReconnecting ? "Reconnected" : "Connected",
    badge,
    el("p", { class: "lead" }, `${integration.display_name} is connected.`),
    done,
  );
  view.classList.add("center");
  const button = view.querySelector("button");
  if (button) button.focus({ preventScroll: true });
}
