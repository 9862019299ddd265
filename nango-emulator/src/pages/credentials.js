// Connecting with the credentials of the form.
import { api, paramsOf } from "./api.js";
import { ApiError } from "./errors.js";
import { connected } from "./shell.js";

const ENDPOINT = {
  API_KEY: "/api-auth/api-key/",
  BASIC: "/api-auth/basic/",
  OAUTH2_CC: "/oauth2/auth/",
  NONE: "/auth/unauthenticated/",
};

export async function byForm(work) {
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
