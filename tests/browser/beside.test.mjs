// The app with a Nango that runs beside it, as in production: the app can be away while Nango goes on.

import { after, before, describe, it } from 'node:test';

import { agree, closes, giveKey } from './connect-ui.mjs';
import { connect, logIn, waitForState } from './page.mjs';
import { App, AWAY, openBrowser, visitor } from './rig.mjs';

describe('with a Nango of its own beside the app', { timeout: 120_000 }, () => {
  let app;
  let browser;

  before(async () => {
    [app, browser] = await Promise.all([App.in({ nangoBeside: true }), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  it('connects through a consent page', async () => {
    const { context, page, check } = await visitor(browser);
    await logIn(page, app, 'alice');
    const popup = await connect(page, 'Slack');
    await agree(popup);
    await waitForState(page, 'mine', 'slack', 'healthy');
    await closes(popup);
    await context.close();
    check();
  });

  it('finds what was connected while the app was dead, though the webhook was lost', async () => {
    const { context, page, check } = await visitor(browser, { expected: [AWAY] });
    await logIn(page, app, 'alice');
    const popup = await connect(page, 'OpenAI');
    await popup.getByLabel('API key').waitFor(); // The app has given its session: from here on it is not needed.
    await app.kill();
    await giveKey(popup);
    // Nango tries three times, the last time after nine seconds, and then never again.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    await app.start();
    // The page is still open: it asks again by itself.
    await waitForState(page, 'mine', 'openai', 'healthy');
    await closes(popup);
    await context.close();
    check();
  });
});
