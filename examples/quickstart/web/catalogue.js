// What can be connected: one tile for each integration, and the choice of who will use it. The tiles never move, so that
// nothing else comes to be under the pointer.

import { logo, make } from './dom.js';

/**
 * @param {{id: string, name: string}[]} integrations
 * @param {Record<string, object>} sections by the value of the choice
 */
export function catalogue(integrations, sections) {
  const root = document.getElementById('add');
  const chosen = () => sections[root.querySelector('input:checked').value];
  const tiles = integrations.map(tile);
  root.querySelector('ul').replaceChildren(...tiles.map((one) => one.item));
  root.addEventListener('change', update);
  Object.values(sections).forEach((one) => (one.changed = update));
  update();

  function tile({ id, name }) {
    const item = make('li');
    item.dataset.integration = id;
    const button = make('button', 'tile');
    button.type = 'button';
    const what = make('span', 'what');
    const hint = make('small');
    what.append(make('b', '', name), hint);
    button.append(logo(id, name), what);
    button.addEventListener('click', () => chosen().connect(id, () => button.focus()));
    item.append(button);
    return { id, name, item, button, hint };
  }

  function update() {
    const { suffix, state } = chosen();
    for (const { id, name, item, button, hint } of tiles) {
      const waiting = state.waiting.has(`new ${id}`);
      const another = state.connections?.some((one) => one.integration === id);
      const [text, label] = waiting
        ? ['Waiting…', `Continue connecting ${name}`]
        : another
          ? ['Add another', `Add another ${name}`]
          : ['Connect', `Connect ${name}`];
      item.dataset.state = waiting ? 'waiting' : 'none';
      hint.textContent = text;
      button.setAttribute('aria-label', label + suffix);
    }
  }
}
