import { call } from './api.js';
import { startFlow } from './flow.js';
import { complain, confirmed, note, say } from './messages.js';
import { focusRow, showRows } from './rows.js';
import { USES } from './uses.js';
import { reason, TROUBLE } from './words.js';

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
  const flows = new Map(); // with those that seem to have ended
  const actions = { check, disconnect, reconnect, retry: refresh, use };
  const self = { suffix, state, connect, refresh, changed: () => {} };
  let asked = 0;
  let answered = 0;
  void load(false).then(refresh);
  return self;

  function show() {
    showRows(list, suffix, nameOf, state, actions);
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
      state.connections = answer.toSorted((a, b) => nameOf(a.integration).localeCompare(nameOf(b.integration)));
      state.problem = null;
    }
    show();
  }

  /** Loads the list after the server has looked at Nango: changes whose webhook was lost are in it, too. */
  function refresh() {
    return load(true);
  }

  function connect(integration, focus) {
    const handles = () => state.connections && new Set(state.connections.map((one) => one.handle));
    let known = handles();
    const arrived = () => {
      const isNew = (one) => one.integration === integration && known && !known.has(one.handle);
      const found = state.connections?.some(isNew) ?? false;
      known ??= handles();
      return found;
    };
    const begin = () => call('POST', `${routes}/session-token`, { integrations: [integration] });
    open(integration, `new ${integration}`, begin, arrived, ({ certain }) => {
      const still = certain ? '' : ' yet. If you are still signing in, go on: it will show here';
      note(`${nameOf(integration)} is not connected${suffix}${still}.`);
    }, focus);
  }

  function reconnect(connection) {
    const { integration, handle, health, healthSince } = connection;
    // A healthy one looks the same afterwards: there is nothing to see but what the Connect UI says.
    const arrived = (said) => state.connections.some((one) =>
      one.handle === handle && one.health === 'healthy' && (said === 'connect' || one.healthSince !== healthSince));
    const begin = () => call('POST', `${routes}/reconnect-token`, { handle });
    open(integration, handle, begin, arrived, async ({ certain }) => {
      if (!certain && health === 'healthy') {
        await check(connection);
      } else {
        const still = certain ? '' : ' yet. If you are still signing in, go on: it will show here';
        note(`${nameOf(integration)} is not reconnected${still}.`);
      }
    }, () => focusRow(list, handle, 'Reconnect'));
  }

  /** Opens the Connect UI, and keeps the list fresh until it has shown what came of it. */
  function open(integration, key, begin, arrived, notSeen, focus) {
    if (state.waiting.has(key)) {
      state.waiting.get(key).focus();
      return;
    }
    flows.get(key)?.stop();
    state.uses.delete(key);
    say('');
    const name = nameOf(integration);
    const flow = startFlow(me.connect, name, begin, load, arrived, {
      connected: () => say(`${name} is connected${suffix}.`),
      failed: (payload) => complain(`${name} was not connected: ${reason(payload)}`),
      ended: async (end) => {
        state.waiting.delete(key);
        state.refused.delete(key);
        show();
        restoreFocus(focus);
        if (end.blocked) {
          complain('Your browser blocked the window. Allow pop-ups for this page, then try again.');
        } else if (end.refused) {
          complain(`${name} cannot be connected now. ${end.refused.message}`);
        } else if (end.said === 'connect' && !end.seen) {
          note(`${name} is connected, but does not show here yet. Reload this page later.`);
        } else if (end.said === null && !end.seen) {
          await notSeen(end);
        }
      },
    });
    flows.set(key, flow);
    state.waiting.set(key, flow);
    show();
  }

  async function check({ integration, handle }) {
    const name = nameOf(integration);
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

  async function disconnect({ integration, handle }) {
    const name = nameOf(integration);
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
