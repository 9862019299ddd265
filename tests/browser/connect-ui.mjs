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
    await place.getByRole('button', { name: 'Connect' }).click();
  }
  await place.getByRole('heading', { name: 'Connected' }).waitFor();
}

export async function agree(place, page = place) {
  const consent = await toConsent(place, page);
  await clickAway(consent, 'Allow');
  await place.getByRole('heading', { name: /^(Connected|Reconnected)$/ }).waitFor();
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

/** Closes it as the Connect UI proposes; a window goes away with it. */
export async function finish(popup) {
  const gone = popup.waitForEvent('close');
  await clickAway(popup, 'Finish');
  await gone;
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
