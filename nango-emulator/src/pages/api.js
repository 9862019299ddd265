// Calls to Nango with the session's token.
import { el } from "./dom.js";
import { ApiError } from "./errors.js";
import { apiURL, state } from "./state.js";

export async function api(path, options = {}) {
  const headers = { authorization: `Bearer ${state.token}`, ...options.headers };
  const answer = await fetch(apiURL + path, { ...options, headers });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(answer.status, body);
  return body;
}

export function logo(integration) {
  const path = integration.logo && new URL(integration.logo, apiURL).pathname;
  const own = path && path.startsWith("/images/");
  return el("img", { class: "logo", src: own ? apiURL + path : integration.logo, alt: "" });
}

export function paramsOf(inputs) {
  const params = new URLSearchParams({ connect_session_token: state.token });
  for (const one of inputs.filter((one) => one.field.of === "params" && one.value())) {
    params.set(`params[${one.field.name}]`, one.value());
  }
  return params;
}
