/** An element with a class and a text, each of which may be empty. */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** A letter in a colour that is always the same for the same integration. */
export function logo(integration, name) {
  const element = make('span', 'logo', name.slice(0, 1).toUpperCase());
  element.ariaHidden = 'true';
  const hue = [...integration].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  element.style.setProperty('--hue', String(hue));
  return element;
}
