// What a person does in the Connect UI and on the consent page. A `place` is a page or a frame.

import { opens } from './rig.mjs';

/** Gives any key, with the mouse or with nothing but the keyboard. */
export async function giveKey(place, { keyboard = false } = {}) {
  const field = place.getByLabel('API key');
  await field.waitFor();
  if (keyboard) {
    // The form takes the focus to its first field by itself.
    await place.keyboard.type('any-key-will-do');
    await place.keyboard.press('Enter');
  } else {
    await field.fill('any-key-will-do');
    await place.getByRole('button', { name: /^(Connect|Reconnect)$/ }).click();
  }
  await says(place, /^(Connected|Reconnected)$/);
}

export async function agree(place, page = place) {
  const consent = await toConsent(place, page);
  await clickAway(consent, 'Allow');
  await says(place, /^(Connected|Reconnected)$/);
}

/** A window is closed by the app's page a moment after it says so. */
async function says(place, name) {
  await place
    .getByRole('heading', { name })
    .waitFor()
    .catch((error) => {
      if (!place.isClosed?.()) throw error;
    });
}

export async function deny(place, page = place) {
  const consent = await toConsent(place, page);
  await clickAway(consent, 'Deny');
  await place.getByRole('alert').filter({ hasText: 'That did not work.' }).waitFor();
}

/** From the Connect UI's form to the provider's page. */
export async function toConsent(place, page = place) {
  const button = place.getByRole('button', { name: /^(Connect|Reconnect)$/ });
  await button.waitFor();
  const consent = await opens(page, () => button.click());
  await consent.getByRole('button', { name: 'Allow' }).waitFor();
  return consent;
}

/** Waits until the app's page has closed the window: the Connect UI does not close itself there. */
export async function closes(popup) {
  if (!popup.isClosed()) await popup.waitForEvent('close').catch((error) => popup.isClosed() || Promise.reject(error));
}

/** Clicks what may close the window before the click has been reported. */
export async function clickAway(page, name) {
  await page
    .getByRole('button', { name })
    .click()
    .catch((error) => {
      if (!page.isClosed()) throw error;
    });
}
