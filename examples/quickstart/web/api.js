// The app's own JSON routes.

/** Asks one of them. Anything but a 2xx becomes an `Error` with the server's words and its `code`. */
export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401) {
    location.assign('/'); // The login ended somewhere else.
  }
  const text = await response.text();
  let reply = null;
  try {
    reply = text === '' ? null : JSON.parse(text);
  } catch {
    // Not one of our routes: a proxy's page, say.
  }
  if (!response.ok) {
    const error = new Error(reply?.error?.message ?? `the server answered ${response.status}`);
    error.code = reply?.error?.code;
    throw error;
  }
  return reply;
}
