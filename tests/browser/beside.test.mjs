// The app with a Nango that runs beside it, as in production: the app can be away while Nango goes on.

import { it } from 'node:test';

import { agree, closes, giveKey } from './connect-ui.mjs';
import { connect, waitForState } from './page.mjs';
import { AWAY } from './rig.mjs';
import { suite } from './suite.mjs';

suite('with a Nango of its own beside the app', { nangoBeside: true }, (shared, visit) => {
  it('connects through a consent page', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Slack');
      await agree(popup);
      await waitForState(page, 'mine', 'slack', 'healthy');
      await closes(popup);
    });
  });

  it('finds what was connected while the app was dead, though the webhook was lost', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'OpenAI');
      await popup.getByLabel('API key').waitFor(); // The app has given its session: from here on it is not needed.
      await shared.app.kill();
      await giveKey(popup);
      // Nango tries three times, the last time after nine seconds, and then never again.
      await new Promise((resolve) => setTimeout(resolve, 11_000));
      await shared.app.start();
      // The page is still open: it asks again by itself.
      await waitForState(page, 'mine', 'openai', 'healthy');
      await closes(popup);
    }, { expected: [AWAY] });
  });
});
