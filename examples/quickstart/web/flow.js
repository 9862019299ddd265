// One click on "Connect" or "Reconnect", from the Connect UI to what the server says came of it. The server is believed, not
// the window: a window reports nothing, and one that looks closed may be the one in which a password is typed.

import { openConnect } from './connect.js';

const STEP = 2500; // Between two looks at the list. Every other one makes the server look at Nango.
const OFTEN = 48; // How many of them there are before they become rare: two minutes.
const SHOWN = 1500; // How long "Connected" can be read in a window before it is closed.
const LATE_STEP = 5000; // Between two looks after a window that seems closed,
const LATE = 10 * 60_000; // and how long they go on: as long as a slow login takes.

/**
 * Call it inside a click's handler: it may open a window.
 *
 * @param {object} page where the Connect UI is
 * @param {string} name what is being connected
 * @param {() => Promise<{sessionToken: string}>} begin makes a connect session
 * @param {(sync: boolean) => Promise<void>} load asks for the list
 * @param {(said: string | null) => boolean} arrived whether the list shows the outcome
 * @param {{connected: () => void, failed: (payload: object) => void, ended: (end: object) => void}} on
 */
export function startFlow(page, name, begin, load, arrived, on) {
  let said = null; // what the Connect UI said last
  let end = null; // how it was closed
  let seen = false; // whether the list has shown it
  let stopped = false;
  let wake = () => {};

  let asked = null;
  let refused = null; // why our own server gave no session
  const token = () => (asked ??= begin().then(
    ({ sessionToken }) => sessionToken,
    (error) => {
      refused = error;
      throw error;
    },
  ));
  const ui = openConnect(page, name, token, (event) => {
    if (event.type === 'connect') {
      said = 'connect';
      if (!seen) on.connected();
    } else if (event.type === 'error' && said !== 'connect') {
      said = 'error';
      on.failed(event.payload);
    } else if (event.type === 'closed' || event.type === 'blocked') {
      end ??= event;
    }
    wake();
  });
  queueMicrotask(run); // A blocked window has ended already.
  return { focus: () => ui.focus(), stop: () => (stopped = true) };

  async function run() {
    for (let step = 1; !end && !seen; step += 1) {
      await pause(step < OFTEN ? STEP : 4 * STEP);
      await look(step % 2 === 0 || said === 'connect' || end !== null);
    }
    if (seen && said !== 'connect') {
      on.connected();
      await pause(SHOWN);
    }
    // A frame that has reported the connection closes at its own button.
    while (!end && said === 'connect') {
      await pause(STEP);
    }
    ui.close();
    if (!seen) {
      await lookAfterTheEnd();
    }
    on.ended({ said, seen, refused, blocked: end?.type === 'blocked', certain: end?.certain ?? true });

    // It may be open all the same.
    const until = Date.now() + LATE;
    for (let step = 1; !seen && !stopped && end.certain === false && Date.now() < until; step += 1) {
      await pause(LATE_STEP);
      await look(step % 2 === 0);
      if (seen && !stopped) on.connected();
    }
  }

  /** The webhook may be on its way, or lost; and Nango itself takes a moment. */
  async function lookAfterTheEnd() {
    for (let looks = said === 'connect' ? 12 : 2; !seen && looks > 0 && !gaveUp(); looks -= 1) {
      await look(true);
      if (!seen && looks > 1) await pause(STEP);
    }
    if (seen && said !== 'connect') on.connected();
  }

  function gaveUp() {
    return refused !== null || end?.type === 'blocked';
  }

  async function look(sync) {
    await load(sync);
    seen ||= arrived(said);
  }

  function pause(milliseconds) {
    return new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}
