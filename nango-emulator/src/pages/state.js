// State of the page and its surroundings.
export const query = new URLSearchParams(location.search);
export const apiURL = (query.get("apiURL") || location.origin).replace(/\/+$/, "");
export const apiOrigin = new URL(apiURL, location.href).origin;
export const framed = window.parent !== window;
export const opener = window.opener;
// A page in its own tab has no window to notify and cannot close itself.
export const accompanied = framed || Boolean(opener);

export const state = {
  token: null,
  session: null,
  integrations: [],
  busy: null, // the OAuth flow under way
  finished: false,
};
