// Pictures for people to look at, in ./screenshots. What a machine can tell about them is checked here: that nothing is cut
// off at the side, and that texts stand out from what is behind them.

import { after, before, describe, it } from 'node:test';

import { agree, clickAway, closes, giveKey, toConsent } from './connect-ui.mjs';
import { startCdn, startConnectUi } from './hosts.mjs';
import { assertLegible } from './legible.mjs';
import { connect, connectFor, logIn, reloadUntilState, screenshot, waitForEvent, waitForState, waitForTile } from './page.mjs';
import { App, openBrowser, visitor } from './rig.mjs';

const SIZES = {
  wide: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 360, height: 640 },
};

describe('screenshots', { timeout: 240_000 }, () => {
  let app;
  let browser;

  before(async () => {
    [app, browser] = await Promise.all([App.in(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      it(`${size}, ${colorScheme}`, async () => {
        const options = { viewport, colorScheme, expected: [/status of 40[01]/] };
        const { context, page, check } = await visitor(browser, options);
        const shot = async (of, name, options) => {
          if (of !== page) await of.setViewportSize(viewport);
          await assertLegible(of, name);
          await screenshot(of, `${name}-${size}-${colorScheme}`, options);
        };
        const click = (name) => page.getByRole('button', { name, exact: true }).click();

        await page.goto(app.url);
        await shot(page, 'login');
        await page.getByRole('button', { name: /Alice/ }).evaluate((button) => (button.value = 'mallory'));
        await page.getByRole('button', { name: /Alice/ }).click();
        await page.getByRole('alert').waitFor();
        await shot(page, 'login-unknown');

        await logIn(page, app, 'alice');
        if ((await page.getByRole('button', { name: 'Connect OpenAI', exact: true }).count()) === 1) {
          await shot(page, 'list-empty');
          const openai = await connect(page, 'OpenAI');
          await giveKey(openai);
          await closes(openai);
          for (const [who, name] of [['Only me', 'HubSpot'], ['Everyone at acme', 'Slack for acme']]) {
            await connectFor(page, who);
            const popup = await connect(page, name);
            await agree(popup);
            await closes(popup);
          }
          await waitForState(page, 'ours', 'slack', 'healthy');
          await shot(page, 'list-connected');
          await app.revoke('hubspot');
          await reloadUntilState(page, 'mine', 'hubspot', 'degraded');
          await click('Check HubSpot');
          const records = { File: [{ id: '1' }], Model: [{ id: '1' }] };
          const files = { type: 'sync', integration: 'openai', name: 'files', models: ['File', 'Model'], runs: 'every hour', records };
          await app.control('functions', { functions: [files] });
        }
        await waitForState(page, 'mine', 'openai', 'healthy');
        await waitForState(page, 'mine', 'hubspot', 'needs_reconnect');
        await page.reload();
        await waitForState(page, 'ours', 'slack', 'healthy');
        await click('Show channels of Slack for acme');
        await page.getByText('#general').waitFor();
        await waitForEvent(page);
        await shot(page, 'list', { fullPage: true });

        await click('Disconnect OpenAI');
        await shot(page, 'confirm');
        await page.keyboard.press('Escape');

        const key = await connect(page, 'Freshdesk');
        await key.getByRole('textbox').first().waitFor();
        await key.getByRole('button', { name: 'Connect' }).click();
        await shot(key, 'connect-key');
        await shot(page, 'list-waiting');
        await key.close();
        await waitForTile(page, 'freshdesk', 'none');
        await page.getByText('go on: it will show here').waitFor();
        await shot(page, 'list-not-yet');

        const popup = await connect(page, 'Slack');
        await popup.getByRole('button', { name: 'Connect' }).waitFor();
        await shot(popup, 'connect');
        const consent = await toConsent(popup);
        await shot(consent, 'consent');
        await clickAway(consent, 'Deny');
        await popup.getByRole('alert').filter({ hasText: 'That did not work.' }).waitFor();
        await shot(popup, 'connect-denied');
        await popup.close();
        await context.close();
        check();
      });
    }
  }

  it('a Connect UI that does not start', async () => {
    const [cdn, connectUi] = await Promise.all([startCdn(), startConnectUi({ mode: 'silent' })]);
    const framed = await App.in({ args: ['--connect-url', connectUi.url, '--sdk-url', cdn.url] });
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of ['light', 'dark']) {
        const { context, page, check } = await visitor(browser, { viewport, colorScheme, expected: [/status of 404/] });
        const loaded = page.waitForResponse(/connectUI\.js/);
        await logIn(page, framed, 'alice');
        await loaded;
        for (const [mode, title] of [['silent', 'Opening OpenAI…'], ['missing', 'OpenAI cannot be connected inside this page']]) {
          connectUi.mode = mode;
          await page.getByRole('button', { name: 'Connect OpenAI', exact: true }).click();
          await page.getByRole('dialog', { name: title }).waitFor();
          await assertLegible(page, `frame-${mode}`);
          await screenshot(page, `frame-${mode}-${size}-${colorScheme}`);
          await page.keyboard.press('Escape');
          await waitForTile(page, 'openai', 'none');
        }
        await context.close();
        check();
      }
    }
    await framed.remove();
    connectUi.stop();
    cdn.stop();
  });
});
