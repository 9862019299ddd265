// What goes wrong between the page and the Connect UI: a frame that does not start, and windows that say nothing.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { agree, closes, giveKey } from './connect-ui.mjs';
import { startCdn, startConnectUi } from './hosts.mjs';
import { connect, focusReaches, logIn, reloadUntilState, says, waitForState, waitForTile } from './page.mjs';
import { App, openBrowser, opens, visitor } from './rig.mjs';

/** The app with a Connect UI on another site. */
async function appWith(connectUi, args = []) {
  const app = await App.in({ args: ['--connect-url', connectUi.url, ...args] });
  connectUi.nango = app.nango;
  return app;
}

/** Runs with a logged-in visitor, and closes everything. */
async function visit(browser, app, work, expected = []) {
  const { context, page, check } = await visitor(browser, { expected });
  const loaded = app.args.includes('--sdk-url') ? page.waitForResponse(/connectUI\.js/) : null;
  await logIn(page, app, 'alice');
  await loaded;
  await work(page);
  await context.close();
  check();
}

const tile = (page, name) => page.getByRole('button', { name: `Connect ${name}`, exact: true });
const dialog = (page, name) => page.getByRole('dialog', { name });

describe('a Connect UI that does not start in its frame', { timeout: 240_000 }, () => {
  let cdn;
  let connectUi;
  let app;
  let blocking;
  let allowing;

  before(async () => {
    [cdn, connectUi] = await Promise.all([startCdn(), startConnectUi()]);
    app = await appWith(connectUi, ['--sdk-url', cdn.url]);
    blocking = await openBrowser({ thirdPartyCookies: false });
    allowing = await openBrowser({ thirdPartyCookies: true });
  });
  after(async () => {
    await blocking?.close();
    await allowing?.close();
    await app?.remove();
    connectUi?.stop();
    cdn?.stop();
  });

  it('starts where the browser allows third-party cookies', async () => {
    await visit(allowing, app, async (page) => {
      await tile(page, 'HubSpot').click();
      const frame = page.frameLocator('iframe#connect-ui');
      await agree(frame, page);
      await says(page, '✓', 'HubSpot is connected.');
      await frame.getByRole('button', { name: 'Finish' }).click();
      await waitForState(page, 'mine', 'hubspot', 'healthy');
      await focusReaches(page, 'Add another HubSpot');
    });
  });

  it('is removed and offered in a window where the browser blocks them', async () => {
    await visit(
      blocking,
      app,
      async (page) => {
        await tile(page, 'OpenAI').click();
        await page.locator('iframe').waitFor({ state: 'detached' });
        assert.equal(await page.evaluate(() => document.body.style.overflow), '', 'the page can be scrolled');
        const offer = dialog(page, 'OpenAI cannot be connected inside this page');
        await offer.getByText('It can be connected in a window of its own instead.').waitFor();
        await focusReaches(page, 'Open in a window');

        const popup = await opens(page, () => page.keyboard.press('Enter'));
        await popup.waitForURL(/session_token/);
        const { origin, pathname, searchParams } = new URL(popup.url());
        assert.equal(`${origin}${pathname}`, connectUi.url);
        assert.equal(searchParams.get('apiURL'), app.nango.replace('127.0.0.1', 'localhost'));
        await giveKey(popup);
        await closes(popup);
        await says(page, '✓', 'OpenAI is connected.');
        await waitForState(page, 'mine', 'openai', 'healthy');
        await focusReaches(page, 'Add another OpenAI');

        // The frame would fail again: the next click opens the window at once.
        const next = await connect(page, 'Slack');
        await agree(next);
        await closes(next);
        await waitForState(page, 'mine', 'slack', 'healthy');
      },
      [/SecurityError.*sessionStorage/],
    );
  });

  it('is given up where there is none, and leaves the page as it was', async () => {
    connectUi.mode = 'missing';
    try {
      await visit(
        allowing,
        app,
        async (page) => {
          await tile(page, 'Freshdesk').click();
          await page.locator('iframe').waitFor({ state: 'detached' });
          await dialog(page, 'Freshdesk cannot be connected inside this page').waitFor();
          await page.keyboard.press('Escape');
          await says(page, 'i', 'Freshdesk is not connected.');
          await waitForTile(page, 'freshdesk', 'none');
          await focusReaches(page, 'Connect Freshdesk');
          await page.getByRole('button', { name: 'Sign out' }).click();
          await page.getByRole('heading', { name: 'Sign in to Quickstart' }).waitFor();
        },
        [/status of 404/],
      );
    } finally {
      connectUi.mode = 'works';
    }
  });

  it('can be left while it loads', async () => {
    connectUi.mode = 'silent';
    try {
      await visit(allowing, app, async (page) => {
        for (const leave of [() => page.keyboard.press('Escape'), () => page.getByRole('button', { name: 'Cancel' }).click()]) {
          await tile(page, 'Freshdesk').click();
          await dialog(page, 'Opening Freshdesk…').waitFor();
          await leave();
          await page.locator('iframe').waitFor({ state: 'detached' });
          await says(page, 'i', 'Freshdesk is not connected.');
          await focusReaches(page, 'Connect Freshdesk');
        }
        // Without an answer there is no `load`, either.
        await tile(page, 'Freshdesk').click();
        await dialog(page, 'Freshdesk cannot be connected inside this page').waitFor({ timeout: 20_000 });
        assert.equal(await page.locator('iframe').count(), 0);
      });
    } finally {
      connectUi.mode = 'works';
    }
  });
});

describe('a window that only looks closed, and says nothing', { timeout: 240_000 }, () => {
  let connectUi;
  let app;
  let browser;

  before(async () => {
    connectUi = await startConnectUi({ headers: { 'cross-origin-opener-policy': 'same-origin' } });
    [app, browser] = await Promise.all([appWith(connectUi), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
    connectUi?.stop();
  });

  const NOT_YET = 'yet. If you are still signing in, go on: it will show here.';

  it('is not taken for one that was closed', async () => {
    await visit(browser, app, async (page) => {
      const popup = await connect(page, 'Slack');
      await says(page, 'i', `Slack is not connected ${NOT_YET}`);
      await agree(popup);
      await says(page, '✓', 'Slack is connected.');
      await waitForState(page, 'mine', 'slack', 'healthy');
    });
  });

  it('is followed by looks at Nango, where the webhook is lost', async () => {
    await visit(browser, app, async (page) => {
      await app.control('webhooks', { action: 'drop', count: 1 });
      const popup = await connect(page, 'OpenAI');
      await giveKey(popup);
      await says(page, '✓', 'OpenAI is connected.');
      await waitForState(page, 'mine', 'openai', 'healthy');
    });
  });

  it('has reconnected what was broken', async () => {
    await visit(browser, app, async (page) => {
      await app.revoke('slack');
      await reloadUntilState(page, 'mine', 'slack', 'degraded');
      await page.getByRole('button', { name: 'Check Slack', exact: true }).click();
      const reconnect = page.getByRole('button', { name: 'Reconnect Slack', exact: true });
      await waitForState(page, 'mine', 'slack', 'needs_reconnect');
      const popup = await opens(page, () => reconnect.click());
      await says(page, 'i', `Slack is not reconnected ${NOT_YET}`);
      await agree(popup);
      await says(page, '✓', 'Slack is reconnected.');
      await waitForState(page, 'mine', 'slack', 'healthy');
    });
  });

  it('has reconnected what worked before, or has not', async () => {
    await visit(browser, app, async (page) => {
      const popup = await opens(page, () => page.getByRole('button', { name: 'Reconnect OpenAI', exact: true }).click());
      await says(page, 'i', `OpenAI is not reconnected ${NOT_YET}`);
      await giveKey(popup);
      await says(page, '✓', 'OpenAI is reconnected.');
    });
  });
});
