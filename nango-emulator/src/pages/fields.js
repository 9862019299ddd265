// Labelled inputs for an integration's credentials and parameters, and their validation.
import { el } from "./dom.js";

const SECRET = { apiKey: "API key", password: "Password", client_secret: "Client secret" };
const PLAIN = { username: "Username", client_id: "Client ID" };
const BY_MODE = {
  API_KEY: ["apiKey"],
  BASIC: ["username", "password"],
  OAUTH2_CC: ["client_id", "client_secret"],
};

export function fieldsOf(provider, preset) {
  const credentials = (BY_MODE[provider.auth_mode] || []).map((name) => {
    const about = (provider.credentials || {})[name] || {};
    return {
      name,
      about,
      title: about.title || SECRET[name] || PLAIN[name],
      secret: name in SECRET,
      // Nango accepts empty basic-auth fields, and some providers need them.
      required: provider.auth_mode !== "BASIC" || name === "username",
      hidden: Boolean(about.hidden || about.automated),
      of: "credentials",
    };
  });
  const params = Object.entries(provider.connection_config || {})
    .filter(([name, about]) => !about.automated && !(name in preset))
    .sort(([, a], [, b]) => (a.order ?? 99) - (b.order ?? 99))
    .map(([name, about]) => ({
      name,
      about,
      title: about.title || name,
      secret: Boolean(about.secret),
      required: !about.optional,
      hidden: Boolean(about.hidden),
      of: "params",
    }));
  return [...params, ...credentials];
}

export function input(field) {
  const id = `field-${field.name}`;
  const { about } = field;
  const hints = [`${id}-hint`, `${id}-problem`].join(" ");
  const common = { id, name: field.name, "aria-describedby": hints, "aria-required": String(field.required) };
  let control;
  if (Array.isArray(about.enum)) {
    const options = about.enum.map((one) => el("option", { value: one }, String(one)));
    control = el("select", common, ...options);
  } else {
    control = el("input", {
      ...common,
      type: field.secret ? "password" : "text",
      autocomplete: "off",
      autocapitalize: "none",
      spellcheck: "false",
      placeholder: about.example || null,
      value: about.default_value ?? null,
    });
  }
  const label = el("label", { for: id }, field.title,
    field.required ? null : el("span", { class: "optional" }, " (optional)"));
  const box = el("div", { class: "input" },
    about.prefix ? el("span", { class: "affix", "aria-hidden": "true" }, about.prefix) : null,
    control,
    about.suffix ? el("span", { class: "affix after", "aria-hidden": "true" }, about.suffix) : null);
  const hint = about.description ? el("p", { class: "hint", id: `${id}-hint` }, about.description) : null;
  const problem = el("p", { class: "problem", id: `${id}-problem`, hidden: true });
  // An optional field without input sends its default.
  const node = el("div", { class: "field", hidden: field.hidden }, label, box, hint, problem);
  const complain = (text) => {
    problem.textContent = text || "";
    problem.hidden = !text;
    node.classList.toggle("invalid", Boolean(text));
    control.setAttribute("aria-invalid", String(Boolean(text)));
  };
  control.addEventListener("input", () => complain(""));
  const value = () => (field.secret ? control.value : control.value.trim());
  return { field, node, control, complain, value };
}

export function problemOf({ field, value }) {
  const text = value();
  if (field.hidden) return "";
  const example = field.about.example ? ` For example: ${field.about.example}` : "";
  if (!text) return field.required ? `Please fill this in.${example}` : "";
  if (!field.about.pattern) return "";
  let pattern;
  try {
    pattern = new RegExp(field.about.pattern);
  } catch {
    return "";
  }
  return pattern.test(text) ? "" : `This does not look right.${example}`;
}
