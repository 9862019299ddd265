import { call } from './api.js';
import { openConnect } from './connect.js';
import { complain, confirmed, reason, say } from './messages.js';
import { focusRow, showRows } from './rows.js';

const POLL = 2500; // The server looks at Nango at most every two seconds for one owner.
const PATIENCE = 30_000; // How long a connection may take to appear after the Connect UI said that it is there.

/**
 * One list of connections, a person's or the organisation's. They differ in nothing but where their routes are.
 *
 * @param {string} id of the element on the page
 * @param {string} routes where the list's routes are mounted
 * @param {string} suffix tells this list's buttons and messages from the other's
 * @param {object} me what `/me` answered
 */
export function section(id, routes, suffix, me) {
  const list = document.querySelector(`#${id} ul`);
  const state = { connections: null, problem: null, waiting: new Map() };
  const actions = { connect, reconnect, check, disconnect, retry: refresh };
  let asked = 0;
  let answered = 0;
  void load('').then(refresh);
  return { refresh };

  function show() {
    showRows(list, suffix, me.integrations, state, actions);
  }

  function nameOf(integration) {
    return me.integrations.find((one) => one.id === integration)?.name ?? integration;
  }

  /** What had the focus may have been drawn anew while a frame or a dialog was over it. */
  function keepFocus(integration, verb) {
    const now = document.activeElement;
    if (now === document.body || now.closest('dialog:not([open])')) {
      focusRow(list, integration, verb);
    }
  }

  async function load(query) {
    const turn = ++asked;
    const answer = await call('GET', `${routes}/connections${query}`).catch((error) => error);
    if (turn < answered) {
      return; // A later question was answered first.
    }
    answered = turn;
    if (answer instanceof Error) {
      state.problem = answer.message;
    } else {
      state.connections = answer;
      state.problem = null;
      state.waiting.forEach((flow) => flow.look());
    }
    show();
  }

  /** The list after the server has looked at Nango: what the webhook has not told it yet is in it too. */
  function refresh() {
    return load('?sync=true');
  }

  function connect(integration) {
    const known = new Set(state.connections.map((one) => one.handle));
    open(integration, `new ${integration}`, {
      begin: () => call('POST', `${routes}/session-token`, { integrations: [integration] }),
      arrived: () => state.connections.some((one) => one.integration === integration && !known.has(one.handle)),
    });
  }

  function reconnect({ integration, handle, health }) {
    const healthy = () => state.connections.some((one) => one.handle === handle && one.health === 'healthy');
    open(integration, handle, {
      begin: () => call('POST', `${routes}/reconnect-token`, { handle }),
      // A healthy one looks the same afterwards: there is nothing to see but what the Connect UI says.
      arrived: (told) => healthy() && (told === 'connect' || health !== 'healthy'),
    });
  }

  /** Opens the Connect UI for one row and keeps the list fresh until it has shown what came of it. */
  function open(integration, key, { begin, arrived }) {
    if (state.waiting.has(key)) {
      state.waiting.get(key).ui.focus();
      return;
    }
    const name = nameOf(integration);
    let told = null; // what the Connect UI said last
    let seen = false; // whether the list has shown it
    let refused = null; // why our own server gave no session

    const token = async () => {
      try {
        return (await begin()).sessionToken;
      } catch (error) {
        refused = error;
        throw error;
      }
    };
    const ui = openConnect(me.connect, name, token, (event) => {
      if (event.type === 'connect') {
        told = 'connect';
        say(`${name} is connected${suffix}.`);
        void refresh();
      } else if (event.type === 'error' && told !== 'connect') {
        told = 'error';
        complain(`${name} was not connected: ${reason(event.payload)}`);
      } else if (event.type === 'close') {
        void finish();
      }
    });
    if (!ui) {
      complain('Your browser blocked the window. Allow pop-ups for this page, then try again.');
      return;
    }
    say('');
    state.waiting.set(key, { ui, look: () => (seen ||= arrived(told)) });
    show();
    const poll = setInterval(refresh, POLL);

    async function finish() {
      clearInterval(poll);
      await refresh();
      const end = Date.now() + PATIENCE;
      while (told === 'connect' && !seen && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, POLL));
        await refresh();
      }
      state.waiting.delete(key);
      show();
      if (refused) {
        complain(`${name} cannot be connected now: ${refused.message}`);
      } else if (told === 'connect' && !seen) {
        complain(`${name} is connected, but does not show here yet. Please reload this page later.`);
      } else if (told === null && seen) {
        say(`${name} is connected${suffix}.`);
      } else if (told === null) {
        say(`The window was closed. Nothing about ${name} was changed.`);
      }
      keepFocus(integration, 'Connect');
    }
  }

  async function check({ integration, handle }) {
    const name = nameOf(integration);
    try {
      const { health } = await call('POST', `${routes}/connections/${handle}/check`);
      say(health === 'healthy' ? `${name} works.` : `${name} was checked. It does not work yet.`);
    } catch (error) {
      complain(`${name} could not be checked: ${error.message}`);
    }
    await load('');
  }

  async function disconnect({ integration, handle }) {
    const name = nameOf(integration);
    const sure = await confirmed(
      `Disconnect ${name}${suffix}?`,
      `Whatever uses ${name} stops working until it is connected again.`,
    );
    keepFocus(integration, 'Disconnect');
    if (!sure) {
      return;
    }
    try {
      await call('DELETE', `${routes}/connections/${handle}`);
      say(`${name} is disconnected${suffix}.`);
    } catch (error) {
      complain(`${name} could not be disconnected: ${error.message}`);
    }
    await load('');
  }
}
