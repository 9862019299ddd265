import { call } from './api.js';
import { pause } from './attempt.js';
import { startFlow } from './flow.js';
import { complain, confirmed, note, say } from './messages.js';
import { named } from './names.js';
import { focusRow, showRows } from './rows.js';
import { USES } from './uses.js';
import { reason, TROUBLE } from './words.js';

const LABEL_AFTER = [500, 1500, 4000]; // Milliseconds between two looks for the name of an account.

/**
 * One list of connections, a person's or the organisation's. They differ in nothing but where their routes are.
 *
 * @param {string} id of the element on the page
 * @param {string} mount what the paths of the list's routes begin with
 * @param {string} suffix distinguishes this list's buttons and messages from the other's
 * @param {object} me what `/me` answered
 */
export function section(id, mount, suffix, me) {
  const routes = `${mount}/nango`;
  const list = document.querySelector(`#${id} ul`);
  const heading = document.querySelector(`#${id} h2`);
  const state = {
    connections: null,
    problem: null,
    waiting: new Map(), // the flows that are open, by the handle of a connection or by what is to become one
    uses: new Map(), // the panels that are open, by handle
    refused: new Set(), // the handles that the provider did not accept, which Nango may not know yet
  };
  const actions = { check, disconnect, reconnect, retry: refresh, use };
  const self = { suffix, state, connect, refresh, changed: () => {} };
  let asked = 0;
  let answered = 0;
  void load(false).then(refresh);
  return self;

  function show() {
    showRows(list, suffix, state, actions);
    self.changed();
  }

  function nameOf(integration) {
    return me.integrations.find((one) => one.id === integration)?.name ?? integration;
  }

  async function load(sync) {
    const turn = ++asked;
    const query = sync ? '?sync=true' : '';
    const answer = await call('GET', `${routes}/connections${query}`).catch((error) => error);
    if (turn < answered) {
      return; // A later question was answered first.
    }
    answered = turn;
    if (answer instanceof Error) {
      state.problem = answer.message;
    } else {
      state.connections = named(answer, nameOf);
      state.problem = null;
    }
    show();
  }

  /** Loads the list after the server has looked at Nango: changes whose webhook was lost are in it, too. */
  function refresh() {
    return load(true);
  }

  function connect(integration, focus) {
    const begin = () => call('POST', `${routes}/session-token`, { integrations: [integration] });
    open(integration, `new ${integration}`, begin, 'connected', focus);
  }

  function reconnect({ integration, handle }) {
    const begin = () => call('POST', `${routes}/reconnect-token`, { handle });
    open(integration, handle, begin, 'reconnected', () => focusRow(list, handle, 'Reconnect'));
  }

  /** Opens the Connect UI, and says what came of this click. `done` is what it makes of a connection. */
  function open(integration, key, begin, done, focus) {
    if (state.waiting.has(key)) {
      state.waiting.get(key).focus();
      return;
    }
    state.uses.delete(key);
    say('');
    const name = nameOf(integration);
    const flow = startFlow(me.connect, name, begin, ask, {
      connected: () => say(`${name} is ${done}${suffix}.`),
      arrived: ({ handle }) => loadWithLabel(handle),
      failed: (payload) => complain(`${name} was not ${done}: ${reason(payload)}`),
      ended: ({ said, outcome, refused, blocked, certain }) => {
        state.waiting.delete(key);
        state.refused.delete(key);
        show();
        restoreFocus(focus);
        if (blocked) {
          complain('Your browser blocked the window. Allow pop-ups for this page, then try again.');
        } else if (refused) {
          complain(`${name} cannot be ${done} now. ${refused.message}`);
        } else if (outcome?.state === 'expired') {
          note(`${name} is not ${done}${suffix}: it took too long. Try again.`);
        } else if (outcome?.handles) {
          note(`${name} is connected more than once${suffix}. Disconnect what you do not need.`);
        } else if (said === 'connect' && outcome === null) {
          note(`${name} is ${done}, but does not show here yet. It will in a moment.`);
        } else if (said === null && outcome === null) {
          const still = certain ? '' : ' yet. If you are still signing in, go on: it will show here';
          note(`${name} is not ${done}${suffix}${still}.`);
        }
      },
    });
    state.waiting.set(key, flow);
    show();
  }

  function ask(attempt, seconds, signal) {
    return call('GET', `${routes}/attempts/${attempt}?wait=${seconds}`, undefined, signal);
  }

  /** The name of the account comes after the connection: the server asks the provider. A reconnect may change it. */
  async function loadWithLabel(handle) {
    const label = () => state.connections?.find((one) => one.handle === handle)?.label ?? null;
    const before = label();
    await load(false);
    void (async () => {
      for (const wait of LABEL_AFTER) {
        if (label() !== before) return;
        await pause(wait);
        await load(false);
      }
    })();
  }

  async function check({ name, handle }) {
    try {
      const { health } = await call('POST', `${routes}/connections/${handle}/check`);
      const report = health === 'healthy' ? say : health === 'needs_reconnect' ? complain : note;
      report(`${name} ${TROUBLE[health] ?? 'works.'}`);
    } catch (error) {
      complain(`${name} could not be checked. ${error.message}`);
    }
    await load(false);
  }

  /** Shows what the app can do with a connection, and hides it again. */
  async function use({ integration, handle }) {
    if (state.uses.delete(handle)) {
      show();
      return;
    }
    const begun = USES[integration].fill(mount, handle);
    state.uses.set(handle, begun.panel);
    show();
    if ((await begun.code) === 'reconnect') {
      state.refused.add(handle);
      show();
    }
  }

  async function disconnect({ name, handle }) {
    const sure = await confirmed(
      `Disconnect ${name}${suffix}?`,
      `Whatever uses ${name} stops working until it is connected again.`,
    );
    restoreFocus(() => focusRow(list, handle, 'Disconnect'));
    if (!sure) {
      return;
    }
    try {
      await call('DELETE', `${routes}/connections/${handle}`);
      say(`${name} is disconnected${suffix}.`);
    } catch (error) {
      complain(`${name} could not be disconnected. ${error.message}`);
    }
    await load(false);
    restoreFocus(() => heading.focus());
  }

  /** What had the focus may have been drawn anew, or be gone, since a frame or a dialog was over it. */
  function restoreFocus(focus) {
    const now = document.activeElement;
    if (now === document.body || now.closest('dialog:not([open])')) {
      focus();
    }
  }
}
