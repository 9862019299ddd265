// The app's own JSON routes.

import { sentence } from './words.js';

/** Asks one of them. Anything but a 2xx becomes an `Error` with a sentence for a customer and the reply's `code`. */
export async function call(method, path, body, signal) {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
    text = await response.text();
  } catch {
    throw failure(signal?.aborted ? 'aborted' : 'offline'); // Each browser has its own words for it, none of them for a customer.
  }
  if (response.status === 401) {
    location.assign('/'); // The login ended somewhere else.
  }
  let reply = null;
  try {
    reply = text === '' ? null : JSON.parse(text);
  } catch {
    // Not one of our routes: a proxy's page, say.
  }
  if (!response.ok) {
    throw failure(reply?.error?.code);
  }
  return reply;
}

function failure(code) {
  const error = new Error(sentence(code));
  error.code = code;
  return error;
}
