// State of the page and its surroundings.
export const query = new URLSearchParams(location.search);
export const apiURL = (query.get("apiURL") || location.origin).replace(/\/+$/, "");
export const apiOrigin = new URL(apiURL, location.href).origin;
export const framed = window.parent !== window;

export const state = {
  token: null,
  session: null,
  integrations: [],
  busy: null, // the OAuth flow under way
  finished: false,
};
