// One list on the page: the connections that there are.

import { logo, make } from './dom.js';
import { USES } from './uses.js';
import { HEALTH } from './words.js';

/**
 * @param {HTMLElement} list
 * @param {string} suffix distinguishes the buttons of one list from another's for screen readers
 * @param {object} state of the section
 * @param {Record<string, Function>} actions
 */
export function showRows(list, suffix, state, actions) {
  // The same picture again would take a button away from under a finger.
  const keys = [state.waiting, state.uses, state.refused].map((one) => [...one.keys()]);
  const picture = JSON.stringify([state.connections, state.problem, keys]);
  if (list.dataset.picture === picture) {
    return;
  }
  list.dataset.picture = picture;

  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const handle = focused?.closest('li')?.dataset.handle;
  const verb = focused?.dataset.verb;

  list.replaceChildren(...rows());
  list.setAttribute('aria-busy', String(state.connections === null && state.problem === null));

  // The keyboard's focus stays where it was: on the same button, or else in the same row.
  if (focused) {
    focusRow(list, handle ?? '', verb);
  }

  function rows() {
    if (state.connections === null) {
      return state.problem === null ? [] : [trouble()];
    }
    return state.connections.length === 0 ? [make('li', 'row empty', list.dataset.empty)] : state.connections.map(row);
  }

  function row(connection) {
    const { handle, integration, title, account, name, createdAt } = connection;
    const health = state.refused.has(handle) ? 'needs_reconnect' : connection.health;
    const waiting = state.waiting.has(handle);
    const since = health === 'healthy' ? ` since ${day(createdAt)}` : '';
    const text = waiting ? 'Waiting for you to finish' : (HEALTH[health] ?? HEALTH.unknown) + since;
    const panel = state.uses.get(handle);

    const what = make('div', 'what');
    what.append(make('h3', '', title), ...(account ? [make('p', 'account', account)] : []), make('p', `state ${waiting ? 'waiting' : health}`, text));

    const use = USES[integration];
    if (use && (panel || health === 'healthy') && !waiting) {
      const toggle = button(panel ? use.hide : use.show, name, 'Use', () => actions.use(connection), 'use');
      toggle.setAttribute('aria-expanded', String(panel !== undefined));
      what.append(toggle, ...(panel ? [panel] : []));
    }

    const buttons = make('div', 'actions');
    if (waiting) {
      buttons.append(button('Continue', `connecting ${name}`, 'Reconnect', () => actions.reconnect(connection)));
    } else if (health === 'degraded' || health === 'unknown') {
      buttons.append(button('Check', name, 'Check', () => actions.check(connection)));
    } else {
      const className = health === 'healthy' ? 'quiet' : 'primary';
      buttons.append(button('Reconnect', name, 'Reconnect', () => actions.reconnect(connection), className));
    }
    // The last one, of one width and in every state of a row: no other button is ever where it will be.
    buttons.append(button('Disconnect', name, 'Disconnect', () => actions.disconnect(connection)));

    const item = make('li', 'row');
    item.dataset.handle = handle;
    item.dataset.integration = integration;
    item.dataset.state = waiting ? 'waiting' : health;
    item.append(logo(integration, title), what, buttons);
    return item;
  }

  function button(text, object, verb, action, className = 'quiet') {
    const element = make('button', className, text);
    element.type = 'button';
    element.dataset.verb = verb;
    element.setAttribute('aria-label', `${text} ${verb === 'Use' ? 'of ' : ''}${object}${suffix}`);
    element.addEventListener('click', action);
    return element;
  }

  function trouble() {
    const retry = make('button', '', 'Try again');
    retry.addEventListener('click', actions.retry);
    const item = make('li', 'row note');
    item.append(make('p', 'what', state.problem), retry);
    return item;
  }
}

/** Gives the focus to a row's button with this verb, or else to its first. */
export function focusRow(list, handle, verb) {
  const buttons = [...list.querySelectorAll(`li[data-handle="${CSS.escape(handle)}"] button`)];
  (buttons.find((button) => button.dataset.verb === verb) ?? buttons[0])?.focus();
}

function day(time) {
  return new Date(time).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}
