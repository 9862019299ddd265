// One list on the page: each integration with its connections, or with a button that makes one.

const HEALTH = {
  healthy: 'Connected',
  degraded: 'Has trouble that may pass',
  needs_reconnect: 'Needs to be reconnected',
  gone: 'No longer connected',
  unknown: 'Not checked lately',
};

/**
 * @param {HTMLElement} list
 * @param {string} suffix tells the buttons of one list from another's for those who hear them
 * @param {{id: string, name: string}[]} integrations
 * @param {{connections: object[] | null, problem: string | null, waiting: Map<string, object>}} state
 * @param {Record<string, Function>} actions
 */
export function showRows(list, suffix, integrations, state, actions) {
  // The same picture again would take a button away from under a finger.
  const picture = JSON.stringify([state.connections, state.problem, [...state.waiting.keys()]]);
  if (list.dataset.picture === picture) {
    return;
  }
  list.dataset.picture = picture;

  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const place = focused?.closest('li')?.dataset.integration;
  const verb = focused?.dataset.verb;

  list.replaceChildren(...rows());
  list.setAttribute('aria-busy', String(state.connections === null && state.problem === null));

  // Whoever works with the keyboard stays where they were: on the same button, or else in the same row.
  if (focused) {
    focusRow(list, place ?? '', verb);
  }

  function rows() {
    if (state.connections === null) {
      return state.problem === null ? [] : [trouble()];
    }
    const listed = integrations.flatMap((integration) => {
      const connections = state.connections.filter((one) => one.integration === integration.id);
      return connections.length === 0
        ? [absent(integration)]
        : connections.map((connection) => present(integration.name, connection));
    });
    // Connected once, and no longer on offer: still theirs to end.
    const others = state.connections
      .filter((one) => !integrations.some((integration) => integration.id === one.integration))
      .map((one) => present(one.integration, one));
    return [...listed, ...others];
  }

  function absent({ id, name }) {
    const waiting = state.waiting.has(`new ${id}`);
    return row(id, name, waiting ? 'waiting' : 'none', waiting ? 'Waiting for you to finish' : 'Not connected', [
      button('Connect', name, () => actions.connect(id), '', waiting),
    ]);
  }

  function present(name, connection) {
    const { handle, health, integration, createdAt } = connection;
    if (state.waiting.has(handle)) {
      return row(integration, name, 'waiting', 'Waiting for you to finish', [
        button('Reconnect', name, () => actions.reconnect(connection), '', true),
      ]);
    }
    const unsure = health === 'degraded' || health === 'unknown';
    const since = health === 'healthy' ? ` since ${day(createdAt)}` : '';
    return row(integration, name, health, (HEALTH[health] ?? HEALTH.unknown) + since, [
      unsure
        ? button('Check', name, () => actions.check(connection), 'quiet')
        : button('Reconnect', name, () => actions.reconnect(connection), health === 'healthy' ? 'quiet' : 'primary'),
      button('Disconnect', name, () => actions.disconnect(connection), 'quiet'),
    ]);
  }

  function button(verb, name, action, className, begun = false) {
    const text = begun ? 'Continue' : verb;
    const element = make('button', className, text);
    element.type = 'button';
    element.dataset.verb = verb;
    element.setAttribute('aria-label', `${text} ${begun ? 'connecting ' : ''}${name}${suffix}`);
    element.addEventListener('click', action);
    return element;
  }

  function trouble() {
    const retry = make('button', '', 'Try again');
    retry.addEventListener('click', actions.retry);
    const item = make('li', 'row note');
    item.append(make('p', 'what', 'The connections could not be loaded.'), retry);
    return item;
  }
}

/** Gives the focus to a row's button with this verb, or else to its first. */
export function focusRow(list, integration, verb) {
  const buttons = [...list.querySelectorAll(`li[data-integration="${CSS.escape(integration)}"] button`)];
  (buttons.find((button) => button.dataset.verb === verb) ?? buttons[0])?.focus();
}

function row(integration, name, state, text, buttons) {
  const item = make('li', 'row');
  item.dataset.integration = integration;
  item.dataset.state = state;

  const logo = make('span', 'logo', name.slice(0, 1).toUpperCase());
  logo.ariaHidden = 'true';
  logo.style.setProperty('--hue', String(hue(integration)));

  const what = make('div', 'what');
  what.append(make('h3', '', name), make('p', `state ${state}`, text));

  const actions = make('div', 'actions');
  actions.append(...buttons);
  item.append(logo, what, actions);
  return item;
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Always the same colour for the same integration. */
function hue(text) {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
}

function day(time) {
  return new Date(time).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}
