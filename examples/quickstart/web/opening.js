// The dialog that stands over the Connect UI's frame until that has started. The frame covers the whole page, and what
// does not start has no button to close it.

const LOADING = 15_000; // How long the frame may take to load,
const STARTING = 5_000; // and how long its program may take from there.
const QUIET = 400; // What starts at once needs no dialog.

/**
 * @param {string} name what is being connected
 * @param {HTMLIFrameElement} frame
 * @param {{giveUp: () => void, window: () => void, cancel: () => void}} on
 * @returns {() => void} call it when the Connect UI has started, or is not wanted any more
 */
export function watchStart(name, frame, on) {
  const dialog = document.getElementById('opening');
  const [title, text] = dialog.querySelectorAll('h2, p');
  const [cancel, inWindow] = dialog.querySelectorAll('button');
  title.textContent = `Opening ${name}…`;
  text.textContent = 'This takes a few seconds at most.';
  inWindow.hidden = true;
  dialog.dataset.state = 'opening';

  let over = false;
  let late = setTimeout(giveUp, LOADING);
  const quiet = setTimeout(() => dialog.showModal(), QUIET);
  // A page with an error fires `load`, too.
  const loaded = () => {
    clearTimeout(late);
    late = setTimeout(giveUp, STARTING);
  };
  frame.addEventListener('load', loaded, { once: true });

  cancel.onclick = () => stop(on.cancel);
  inWindow.onclick = () => stop(on.window);
  dialog.oncancel = () => stop(on.cancel); // Esc
  return stop;

  function giveUp() {
    frame.removeEventListener('load', loaded);
    on.giveUp();
    title.textContent = `${name} cannot be connected inside this page`;
    text.textContent = 'Your browser may be blocking it. It can be connected in a window of its own instead.';
    inWindow.hidden = false;
    dialog.dataset.state = 'failed';
    if (!dialog.open) dialog.showModal();
    inWindow.focus();
  }

  function stop(then) {
    if (over) return;
    over = true;
    frame.removeEventListener('load', loaded);
    clearTimeout(late);
    clearTimeout(quiet);
    dialog.oncancel = null;
    if (dialog.open) dialog.close();
    then?.();
  }
}
