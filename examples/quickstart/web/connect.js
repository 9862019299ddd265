// Opens Nango's Connect UI: in the official frontend SDK's frame where that works, and otherwise as a page in a window of
// its own. A frame says what happens in it. A window says nothing, not even reliably whether it is still open.

import { watchStart } from './opening.js';

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
 * `closed` comes once, with whether it is certain; `blocked` instead of it, if the browser opens no window.
 *
 * @param {{url: string, apiUrl: string}} page where the Connect UI is, and which Nango it shall talk to
 * @param {string} name what is being connected, for people
 * @param {() => Promise<string>} token of a connect session, always the same one
 * @param {(event: {type: 'connect' | 'error' | 'closed' | 'blocked', payload?: object, certain?: boolean}) => void} on
 * @returns {{focus: () => void, close: () => void}} `close` without an event
 */
export function openConnect(page, name, token, on) {
  const shown = { focus: () => {}, close: () => {} };
  const inWindow = () => Object.assign(shown, openWindow(page, token, on));
  if (!Sdk) {
    inWindow();
    return shown;
  }
  const inFrame = openFrame(page, name, token, on, () => {
    Sdk = null; // It would fail again, until the page is reloaded.
    inWindow();
  });
  return Object.assign(shown, inFrame);
}

function openFrame(page, name, token, on, inWindow) {
  let ui = null;
  const end = () => {
    started();
    ui.close();
  };
  const closed = () => {
    end();
    on({ type: 'closed', certain: true });
  };
  ui = new Sdk().openConnectUI({
    baseURL: page.url,
    apiURL: page.apiUrl,
    // A login page can cut the tie to its window, which then counts as closed while a password is typed there.
    detectClosedAuthWindow: false,
    onEvent: (event) => {
      if (event.type === 'ready') {
        started();
        focus();
      } else if (event.type === 'close') {
        closed();
      } else if (event.type === 'connect' || event.type === 'error') {
        on(event);
      }
    },
  });
  const frame = document.getElementById('connect-ui');
  const focus = () => frame.focus();
  frame.title = `Connect ${name}`;
  const started = watchStart(name, frame, { giveUp: () => ui.close(), window: inWindow, cancel: closed });
  token().then((text) => ui.setSessionToken(text), closed);
  return { focus, close: end };
}

function openWindow(page, token, on) {
  const popup = window.open('', '_blank', placed(500, 720));
  if (!popup) {
    on({ type: 'blocked' });
    return {};
  }
  popup.document.title = 'Connecting…';

  // There is no event for a window of another origin that was closed; and one whose page asks to be alone
  // (`Cross-Origin-Opener-Policy`) only looks closed.
  const watch = setInterval(() => {
    if (popup.closed) {
      clearInterval(watch);
      on({ type: 'closed', certain: false });
    }
  }, 300);
  const close = () => {
    clearInterval(watch);
    popup.close();
  };

  token().then(
    (text) => {
      const target = new URL(page.url);
      target.searchParams.set('session_token', text);
      target.searchParams.set('apiURL', page.apiUrl);
      popup.location.replace(target);
    },
    () => {
      close();
      on({ type: 'closed', certain: true });
    },
  );
  return { focus: () => popup.focus(), close };
}

/** Window features: in the middle of this window. */
function placed(width, height) {
  const left = Math.round(window.screenX + (window.outerWidth - width) / 2);
  const top = Math.round(window.screenY + (window.outerHeight - height) / 2);
  return `popup,width=${width},height=${height},left=${Math.max(left, 0)},top=${Math.max(top, 0)}`;
}
