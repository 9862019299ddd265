// What the page says about one click, whatever happens to it, and how soon it is true.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { agree, clickAway, closes, deny, giveKey, toConsent } from './connect-ui.mjs';
import { assertLegible } from './legible.mjs';
import { row, says, screenshot, tile, waitForState, waitForTile } from './page.mjs';
import { AWAY, opens } from './rig.mjs';
import { suite } from './suite.mjs';

const SOON = 1000; // Milliseconds in which what is true is said.
const LOOK = 4000; // Without a webhook it is said after a look at Nango, of which there is one every two seconds.

/** Does something, and insists that the page says so soon. */
async function soon(page, mark, text, work, limit = SOON) {
  await page.evaluate(() => {
    window.said = [];
    const watch = (one) => window.said.push({ text: one.textContent.trim(), at: Date.now() });
    new MutationObserver(() => document.querySelectorAll('.toast .message').forEach(watch))
      .observe(document.querySelector('.toast'), { childList: true, subtree: true });
  });
  let begun = Date.now();
  await work(() => (begun = Date.now()));
  await says(page, mark, text);
  const { at } = await page.evaluate((wanted) => window.said.find((one) => one.text === wanted), text);
  assert.ok(at - begun < limit, `“${text}” came after ${at - begun} ms`);
}

const click = (page, integration) => opens(page, () => tile(page, integration).click());
const silent = async (page) => assert.equal((await page.locator('.toast').textContent()).trim(), '', 'nothing has happened yet');

/** Chooses an account on the provider's page, and agrees. `decided` is called at the moment of the click. */
async function allow(consent, { account, decided = () => {} } = {}) {
  if (account) await consent.getByRole('radio', { name: account, exact: true }).check();
  decided();
  await clickAway(consent, 'Allow');
}

suite('what the page says about a click', { nangoBeside: true }, (shared, visit) => {
  it('it has connected', async () => {
    await visit('alice', async (page) => {
      const consent = await toConsent(await click(page, 'slack'));
      await silent(page);
      await soon(page, '✓', 'Slack is connected.', (decided) => allow(consent, { decided }));
      await waitForState(page, 'mine', 'slack', 'healthy');
    });
  });

  it('it was denied, and the window closed', async () => {
    const text = 'HubSpot is not connected yet. If you are still signing in, go on: it will show here.';
    await visit('alice', async (page) => {
      const popup = await click(page, 'hubspot');
      await deny(popup);
      await silent(page);
      await soon(page, 'i', text, (closed) => popup.close().then(closed));
      await waitForTile(page, 'hubspot', 'none');
    }, { expected: [/status of 400.*\/oauth\/callback/] });
  });

  it('the right one of two, which were begun in two tabs', async () => {
    await visit('bob', async (first) => {
      const second = await first.context().newPage();
      await second.goto(shared.app.url);
      const popups = [await click(first, 'slack'), await click(second, 'slack')];
      const consent = await toConsent(popups[1]);
      await soon(second, '✓', 'Slack is connected.', (decided) => allow(consent, { decided }));
      await first.waitForTimeout(3000);
      await silent(first);
      await waitForTile(first, 'slack', 'waiting');
      const other = await toConsent(popups[0]);
      await soon(first, '✓', 'Slack is connected.', (decided) => allow(other, { decided }));
      await row(first, 'mine', 'slack').nth(1).waitFor();
    });
  });

  it('it is waiting, for as long as the provider takes', async () => {
    await visit('carol', async (page) => {
      const consent = await toConsent(await click(page, 'google-calendar'));
      await page.waitForTimeout(20_000); // A password, a second factor.
      await silent(page);
      await waitForTile(page, 'google-calendar', 'waiting');
      await soon(page, '✓', 'Google Calendar is connected.', (decided) => allow(consent, { decided }));
    });
  });

  it('it has connected, though the webhook is lost', async () => {
    await visit('carol', async (page) => {
      await shared.app.control('webhooks', { action: 'drop', count: 1 });
      const consent = await toConsent(await click(page, 'hubspot'));
      await soon(page, '✓', 'HubSpot is connected.', (decided) => allow(consent, { decided }), LOOK);
    });
  });

  it('it has connected, though the app was restarted in the middle', async () => {
    await visit('carol', async (page) => {
      const consent = await toConsent(await click(page, 'slack'));
      await shared.app.kill();
      await shared.app.start();
      await soon(page, '✓', 'Slack is connected.', (decided) => allow(consent, { decided }));
      await waitForState(page, 'mine', 'slack', 'healthy');
    }, { expected: [AWAY] });
  });

});

suite('what the page says about accounts', {}, (_, visit) => {
  it('that there are two, as two people would call them', async () => {
    const [anna, work] = ['anna@example.com', 'anna.work@example.com'];
    await visit('alice', async (page) => {
      for (const account of [anna, work]) {
        const popup = await click(page, 'google-mail');
        await allow(await toConsent(popup), { account });
        await closes(popup);
        await row(page, 'mine', 'google-mail').getByText(account, { exact: true }).waitFor();
      }
      for (const account of [anna, work]) {
        await page.getByRole('button', { name: `Reconnect Gmail (${account})`, exact: true }).waitFor();
      }
      await page.setViewportSize({ width: 390, height: 844 });
      await assertLegible(page, 'two accounts');
      await screenshot(page, 'accounts-phone-light', { fullPage: true });
      await page.setViewportSize({ width: 1280, height: 800 });
      await screenshot(page, 'accounts-wide-light', { fullPage: true });

      await page.getByRole('button', { name: `Disconnect Gmail (${work})`, exact: true }).click();
      await page.getByRole('dialog', { name: `Disconnect Gmail (${work})?` }).getByRole('button', { name: 'Disconnect' }).click();
      await says(page, '✓', `Gmail (${work}) is disconnected.`);
      await row(page, 'mine', 'google-mail').getByText(work).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Disconnect Gmail', exact: true }).waitFor();
    });
  });

  it('which account it is now, after a reconnect with another one', async () => {
    await visit('alice', async (page) => {
      const popup = await opens(page, () => page.getByRole('button', { name: 'Reconnect Gmail', exact: true }).click());
      const consent = await toConsent(popup);
      await soon(page, '✓', 'Gmail is reconnected.', (decided) => allow(consent, { account: 'anna.work@example.com', decided }));
      await row(page, 'mine', 'google-mail').getByText('anna.work@example.com', { exact: true }).waitFor();
    });
  });

  it('one thing for each of many clicks, with the server’s connections to spare', async () => {
    await visit('bob', async (page) => {
      const popups = {};
      for (const integration of ['freshdesk', 'google-calendar', 'google-mail', 'hubspot', 'openai', 'slack']) {
        popups[integration] = await click(page, integration);
      }
      // Six questions at once would leave the browser no connection for anything else.
      const begun = Date.now();
      assert.equal(await page.evaluate(async () => (await fetch('/me')).status), 200);
      assert.ok(Date.now() - begun < SOON, `after ${Date.now() - begun} ms`);
      await giveKey(popups.openai);
      await says(page, '✓', 'OpenAI is connected.');
      await agree(popups.hubspot);
      await says(page, '✓', 'HubSpot is connected.');
    });
  });
});

suite('what the page says about a click, in the SDK’s frame', { sdk: true }, (_, visit) => {
  it('it was denied, it was closed, it has connected', async () => {
    await visit('alice', async (page) => {
      const frame = page.frameLocator('iframe#connect-ui');

      await tile(page, 'slack').click();
      const consent = await toConsent(frame, page);
      await soon(page, '!', 'Slack was not connected: access was denied.', (denied) => clickAway(consent, 'Deny').then(denied));
      await frame.getByRole('button', { name: 'Cancel and close' }).click();
      await waitForTile(page, 'slack', 'none');

      await tile(page, 'hubspot').click();
      await frame.getByRole('heading', { name: 'Connect HubSpot' }).waitFor();
      await soon(page, 'i', 'HubSpot is not connected.', () => frame.getByRole('button', { name: 'Cancel and close' }).click());

      await tile(page, 'slack').click();
      const again = await toConsent(frame, page);
      await soon(page, '✓', 'Slack is connected.', (decided) => allow(again, { decided }));
      await waitForState(page, 'mine', 'slack', 'healthy');
    }, { expected: [/status of 400.*\/oauth\/callback/] });
  });
});
