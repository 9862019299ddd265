// What became of one click, as the server says: it knows the connection that a click has led to, also where the window said
// nothing, the webhook was lost, or another instance received it.

const HELD = 25; // Seconds for which the server may hold the question about the newest attempt.
const BRIEF = 1; // The others are asked about briefly,
const EVERY = 2000; // and with pauses: a browser has six connections to a server, for all of its tabs.
const AGAIN = 700; // After a question that the server did not answer.

let newest = null;

/**
 * Follows an attempt until it has led to a connection, or can lead to none any more.
 *
 * @param {(seconds: number, signal: AbortSignal) => Promise<object>} ask
 * @returns {Promise<{state: 'connected' | 'expired', handle?: string, handles?: string[]}>}
 */
export async function follow(ask) {
  const mine = hold();
  try {
    for (;;) {
      const held = mine === (newest ??= mine);
      try {
        const outcome = await ask(held ? HELD : BRIEF, mine.signal());
        if (outcome.state !== 'pending') return outcome;
        if (!held) await pause(EVERY);
      } catch (error) {
        if (error.code === 'not_found') return { state: 'expired' }; // It belongs to a login that has ended.
        if (error.code !== 'aborted') await pause(AGAIN);
      }
    }
  } finally {
    if (newest === mine) newest = null;
  }
}

/** Makes a new attempt the newest: the question about the one before it is held no longer. */
function hold() {
  let controller = new AbortController();
  const before = newest;
  newest = {
    signal: () => (controller = new AbortController()).signal,
    release: () => controller.abort(),
  };
  before?.release();
  return newest;
}

export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
