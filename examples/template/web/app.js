// The page: connects, lists and reconnects. A click opens Nango's Connect UI in a window, and the server says what became
// of it: a window reports nothing. README.md says how to use Nango's own package instead.

const HEALTH = {
  healthy: 'works',
  degraded: 'has trouble that may pass',
  needs_reconnect: 'has to be reconnected',
  unknown: 'cannot be checked',
};

let following = null; // The question about the newest click: the older ones are not asked any more.

const me = await call('GET', '/me');
byId('email').textContent = me.email;
byId('offers').replaceChildren(...me.integrations.map(({ id, name }) =>
  button(`Connect ${name}`, () => open('/nango/session-token', { integrations: [id] }))));
await refresh();
// What other tabs and windows have done.
addEventListener('focus', () => refresh().catch(complain));

async function refresh() {
  const [connections, runs] = await Promise.all([call('GET', '/nango/connections'), call('GET', '/sync-runs')]);
  byId('connections').replaceChildren(...connections.map(row));
  byId('runs').replaceChildren(...runs.map(({ integration, model, added }) =>
    element('li', element('span', `${integration}: ${added} new of ${model ?? 'records'}`))));
}

function row({ handle, integration, label, health }) {
  const name = me.integrations.find(({ id }) => id === integration)?.name ?? integration;
  const path = `/nango/connections/${handle}`;
  const item = element('li', element('span', `${label ? `${name} (${label})` : name} ${HEALTH[health] ?? health}`));
  if (health === 'needs_reconnect') {
    item.append(button('Reconnect', () => open('/nango/reconnect-token', { handle })));
  }
  item.append(
    button('Check', async () => { await call('POST', `${path}/check`); await refresh(); }),
    button('Disconnect', async () => { await call('DELETE', path); await refresh(); }),
  );
  return item;
}

/** Opens the Connect UI, and follows what becomes of it. Browsers allow a window only right after a click. */
async function open(path, body) {
  const shown = window.open('', '_blank', 'popup,width=500,height=720');
  if (!shown) throw new Error('the browser has blocked the window; allow windows of this page');
  try {
    const { sessionToken, apiUrl, attempt } = await call('POST', path, body);
    const target = new URL(me.connectUrl);
    target.searchParams.set('session_token', sessionToken);
    target.searchParams.set('apiURL', apiUrl);
    shown.location.replace(target);
    say('Go on in the window that has opened.');
    await follow(attempt);
  } finally {
    shown.close();
  }
}

async function follow(attempt) {
  following?.abort();
  const mine = (following = new AbortController());
  for (;;) {
    const reply = await call('GET', `/nango/attempts/${attempt}?wait=25`, undefined, mine.signal).catch((error) => {
      if (!mine.signal.aborted) throw error;
    });
    if (mine.signal.aborted) return undefined;
    const { state } = reply;
    if (state !== 'pending') {
      say(state === 'connected' ? 'Connected.' : 'Nothing was connected.');
      return refresh();
    }
  }
}

/** Calls a route of the app. */
async function call(method, path, body, signal) {
  const reply = await fetch(path, { method, body: body && JSON.stringify(body), signal });
  if (reply.status === 401) location.assign('/login');
  const text = await reply.text();
  let json = null;
  try {
    json = text && JSON.parse(text);
  } catch {
    // The page of a proxy, say.
  }
  if (!reply.ok) throw new Error(json?.error?.message ?? `the server replied with ${reply.status}`);
  return json;
}

function button(text, click) {
  const made = element('button', text);
  made.addEventListener('click', () => click().catch(complain));
  return made;
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function complain(error) {
  say(`That did not work: ${error.message}.`);
}

function say(text) {
  byId('message').textContent = text;
}

function byId(id) {
  return document.getElementById(id);
}
