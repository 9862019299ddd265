// What has happened at the connected tools, as far as the app has handled it.

import { call } from './api.js';
import { logo, make } from './dom.js';
import { EVENT } from './words.js';

const SHOWN = 10;

/**
 * The list of events, a person's and the organisation's. It is not there until there is one.
 *
 * @param {object} me what `/me` answered
 */
export function events(me) {
  const section = document.getElementById('events');
  const list = section.querySelector('ul');
  let asked = 0;
  let picture = '';
  void refresh();
  return { refresh };

  async function refresh() {
    const turn = ++asked;
    // Without an answer it shows what it has shown: nothing that a person does here depends on it.
    const answers = await Promise.all([call('GET', '/events'), call('GET', '/org/events')]).catch(() => null);
    if (answers === null || turn < asked) {
      return;
    }
    const newest = answers.flat().sort((one, other) => Date.parse(other.handled) - Date.parse(one.handled)).slice(0, SHOWN);
    section.hidden = newest.length === 0;
    // The same list again would take the mark off a text that is selected.
    if (picture !== (picture = JSON.stringify(newest))) {
      list.replaceChildren(...newest.map(row));
    }
  }

  function row({ kind, integration, model, handled }) {
    const name = me.integrations.find((one) => one.id === integration)?.name ?? integration;
    const what = make('div', 'what');
    const text = EVENT[kind] ?? kind;
    what.append(make('h3', '', name), make('p', 'hint', model ? `${text}: ${model.replaceAll(',', ', ')}` : text));
    const when = make('time', 'hint', new Date(handled).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }));
    when.dateTime = handled;
    const item = make('li', 'row');
    item.dataset.kind = kind;
    item.append(logo(integration, name), what, when);
    return item;
  }
}
