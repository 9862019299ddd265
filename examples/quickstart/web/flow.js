// One click on "Connect" or "Reconnect", from the Connect UI to what came of it. The server is believed, not the window: a
// window reports nothing, and one that looks closed may be the one in which a password is typed.

import { follow, pause } from './attempt.js';
import { openConnect } from './connect.js';

const SHOWN = 1500; // How long "Connected" can be read in a window before it is closed.
const GRACE = 500; // A window may close before the server has said what came of it.
const PATIENCE = 10_000; // The Connect UI has said "connected", and the server does not know of it yet.

/**
 * Call it inside a click's handler: it may open a window.
 *
 * @param {object} page where the Connect UI is
 * @param {string} name what is being connected
 * @param {() => Promise<{sessionToken: string, attempt: string}>} begin makes a connect session
 * @param {(attempt: string, seconds: number, signal?: AbortSignal) => Promise<object>} ask what became of it
 * @param {object} on
 * @param {() => void} on.connected the Connect UI has said so, or the server: once
 * @param {(outcome: object) => Promise<void>} on.arrived the server has said so, and the list can show it
 * @param {(payload: object) => void} on.failed the Connect UI has reported it, and goes on
 * @param {(end: object) => void} on.ended nothing is open any more, for all that can be known
 */
export function startFlow(page, name, begin, ask, on) {
  let said = null; // what the Connect UI said last
  let outcome = null; // what the server said
  let refused = null; // why our own server gave no session
  let announced = false;
  let blocked = false;
  const end = promise(); // how the Connect UI was closed

  let asked = null;
  const session = () => (asked ??= begin());
  const token = () => session().then(
    ({ sessionToken }) => sessionToken,
    (error) => {
      refused = error;
      throw error;
    },
  );
  const ui = openConnect(page, name, token, (event) => {
    if (event.type === 'connect') {
      said = 'connect';
      announce();
    } else if (event.type === 'error' && said !== 'connect') {
      said = 'error';
      on.failed(event.payload);
    } else if (event.type === 'closed') {
      end.resolve(event);
    } else if (event.type === 'blocked') {
      blocked = true;
    }
  });
  queueMicrotask(blocked ? finished : run); // Not before the caller has what this returns.
  return { focus: () => ui.focus() };

  async function run() {
    const found = settle();
    const closed = await Promise.race([end, found.then(finish)]);
    // The Connect UI, or a window that closes by itself, may be quicker than the server.
    if (refused === null && outcome === null) {
      await Promise.race([found, pause(said === 'connect' ? PATIENCE : closed.certain ? 0 : GRACE)]);
    }
    ui.close();
    finished(closed);
  }

  function finished({ certain = true } = {}) {
    on.ended({ said, outcome, refused, blocked, certain });
  }

  /** Follows the attempt for as long as something can come of it: a window that seems closed may be open. */
  async function settle() {
    const { attempt } = await session().catch(() => ({}));
    if (attempt === undefined) return end; // The Connect UI ends by itself.
    outcome = await follow((seconds, signal) => ask(attempt, seconds, signal));
    if (outcome.state === 'connected') {
      announce();
      await on.arrived(outcome);
    }
    return attempt;
  }

  /** Closes what is open, once there is something to show. */
  async function finish(attempt) {
    if (outcome?.state === 'connected') {
      // A frame that has reported the connection closes at its own button.
      if (said === 'connect') await end;
      else await Promise.race([end, pause(SHOWN)]);
      // The same session can be used twice.
      const again = await ask(attempt, 0).catch(() => outcome);
      if (again.state === 'connected') outcome = again;
    }
    return {};
  }

  function announce() {
    if (!announced) on.connected();
    announced = true;
  }
}

function promise() {
  let resolve;
  return Object.assign(new Promise((done) => (resolve = done)), { resolve });
}
