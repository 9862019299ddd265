// What the page says to the person in front of it.

import { make } from './dom.js';

let fading;

/** Something worked. An empty text takes the last message away. */
export function say(text) {
  show('message', text, '');
  fading = setTimeout(show, 10_000, '', '', '');
}

/** Something is as it is: neither good nor bad. */
export function note(text) {
  show('message neutral', text, '');
  fading = setTimeout(show, 20_000, '', '', '');
}

/** Something failed. It stays until something else happens. */
export function complain(text) {
  show('message failed', '', text);
}

function show(className, status, alert) {
  clearTimeout(fading);
  for (const [id, text] of [['status', status], ['alert', alert]]) {
    document.getElementById(id).replaceChildren(...(text === '' ? [] : [make('p', className, text)]));
  }
}

let answer; // takes the answer to the question that was asked last

/** Asks on the page. Esc and Cancel mean no. */
export function confirmed(title, text) {
  const dialog = document.getElementById('confirm');
  const settle = () => {
    answer?.(dialog.returnValue === 'yes');
    answer = null;
  };
  settle(); // The event of the dialog that closed before may still be on its way.
  document.getElementById('confirm-title').textContent = title;
  document.getElementById('confirm-text').textContent = text;
  dialog.returnValue = '';
  dialog.onclose = () => dialog.open || settle();
  dialog.showModal();
  return new Promise((resolve) => {
    answer = resolve;
  });
}
