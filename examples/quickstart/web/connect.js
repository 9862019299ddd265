// Opens Nango's Connect UI: in the official frontend SDK's frame where the SDK could be loaded, and otherwise as a
// page in a window of its own. Both report the same events.

let Sdk = null;

/** Begins to load the SDK. Nothing waits for it: a click before it is there, or without it, opens the window. */
export function loadSdk(url) {
  if (url) {
    import(url).then(
      (module) => (Sdk = module.default),
      () => {},
    );
  }
}

/**
 * Call it inside a click's handler, before anything is awaited: a window opened later counts as a pop-up and is blocked.
 *
 * @param {{url: string, apiUrl: string}} page where the Connect UI is, and which Nango it shall talk to
 * @param {string} name what is being connected, for people
 * @param {() => Promise<string>} begin makes a connect session and gives its token
 * @param {(event: {type: 'connect' | 'error' | 'close', payload?: object}) => void} onEvent
 * @returns {{focus: () => void} | null} null: the browser blocked the window
 */
export function openConnect(page, name, begin, onEvent) {
  return Sdk ? openFrame(page, name, begin, onEvent) : openWindow(page, begin, onEvent);
}

function openFrame(page, name, begin, onEvent) {
  const ui = new Sdk().openConnectUI({
    baseURL: page.url,
    apiURL: page.apiUrl,
    detectClosedAuthWindow: true,
    onEvent,
  });
  const frame = document.getElementById('connect-ui');
  if (frame) {
    frame.title = `Connect ${name}`;
    frame.focus();
  }
  begin().then(
    (token) => ui.setSessionToken(token),
    () => {
      ui.close();
      onEvent({ type: 'close' });
    },
  );
  return { focus: () => document.getElementById('connect-ui')?.focus() };
}

function openWindow(page, begin, onEvent) {
  const popup = window.open('', '_blank', placed(500, 720));
  if (!popup) {
    return null;
  }
  popup.document.title = 'Connecting…';

  const origin = new URL(page.url).origin;
  const listen = (event) => {
    if (event.source !== popup || event.origin !== origin) {
      return;
    }
    if (event.data?.type === 'connect' || event.data?.type === 'error') {
      onEvent(event.data);
    } else if (event.data?.type === 'close') {
      popup.close();
    }
  };
  window.addEventListener('message', listen);
  // There is no event for a window of another origin that was closed.
  const watch = setInterval(() => {
    if (popup.closed) {
      clearInterval(watch);
      window.removeEventListener('message', listen);
      onEvent({ type: 'close' });
    }
  }, 300);

  begin().then(
    (token) => {
      const target = new URL(page.url);
      target.searchParams.set('session_token', token);
      target.searchParams.set('apiURL', page.apiUrl);
      popup.location.replace(target);
    },
    () => popup.close(),
  );
  return { focus: () => popup.focus() };
}

/** Window features: in the middle of this window. */
function placed(width, height) {
  const left = Math.round(window.screenX + (window.outerWidth - width) / 2);
  const top = Math.round(window.screenY + (window.outerHeight - height) / 2);
  return `popup,width=${width},height=${height},left=${Math.max(left, 0)},top=${Math.max(top, 0)}`;
}
