// What the page says to the person in front of it.

let fading;

/** Good or neutral news, for a while. An empty text takes the last message away. */
export function say(text) {
  show(text, '');
  fading = setTimeout(show, 10_000, '', '');
}

/** Bad news, which stay until something else happens. */
export function complain(text) {
  show('', text);
}

function show(status, alert) {
  clearTimeout(fading);
  document.getElementById('status').replaceChildren(...message('message', status));
  document.getElementById('alert').replaceChildren(...message('message failed', alert));
}

function message(className, text) {
  if (text === '') {
    return [];
  }
  const element = document.createElement('p');
  element.className = className;
  element.textContent = text;
  return [element];
}

/** An error of the Connect UI in a person's words. */
export function reason(payload) {
  const text = `${payload?.errorType ?? ''} ${payload?.errorMessage ?? ''}`;
  if (/denied/i.test(text)) {
    return 'access was denied.';
  }
  if (/window_closed/.test(text)) {
    return 'the window was closed too early.';
  }
  return payload?.errorMessage || 'something went wrong there.';
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
