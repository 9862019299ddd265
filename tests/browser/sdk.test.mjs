// The same with Nango's own frontend SDK, as it is on the registry: the Connect UI opens in its frame.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { agree, clickAway, deny, giveKey, toConsent } from './connect-ui.mjs';
import { focusReaches, says, screenshot, waitForState, waitForTile } from './page.mjs';
import { suite } from './suite.mjs';

suite('connecting in the SDK’s frame', { sdk: true }, (shared, visit) => {
  async function open(page, name) {
    const button = page.getByRole('button', { name: `Connect ${name}`, exact: true });
    await button.click();
    const frame = page.frameLocator(`iframe#connect-ui[title="Connect ${name}"]`);
    await frame.getByRole('heading', { name: `Connect ${name}` }).waitFor();
    return frame;
  }

  async function close(page, frame, button) {
    await frame.getByRole('button', { name: button }).click();
    await page.locator('iframe').waitFor({ state: 'detached' });
  }

  it('connects with an API key', async () => {
    await visit('alice', async (page) => {
      const frame = await open(page, 'OpenAI');
      await screenshot(page, 'sdk-frame');
      await giveKey(frame);
      await page.getByRole('status').filter({ hasText: 'OpenAI is connected.' }).waitFor();
      await close(page, frame, 'Finish');
      await waitForState(page, 'mine', 'openai', 'healthy');
    });
  });

  it('connects through a consent page', async () => {
    await visit('alice', async (page) => {
      const frame = await open(page, 'Slack');
      await agree(frame, page);
      await close(page, frame, 'Finish');
      await waitForState(page, 'mine', 'slack', 'healthy');
    });
  });

  it('says so when consent was denied', async () => {
    await visit(
      'alice',
      async (page) => {
        const frame = await open(page, 'Google Calendar');
        await deny(frame, page);
        await says(page, '!', 'Google Calendar was not connected: access was denied.');
        await close(page, frame, 'Cancel and close');
        await waitForTile(page, 'google-calendar', 'none');
        await waitForState(page, 'mine', 'google-calendar', 'none');
      },
      { expected: [/status of 400.*\/oauth\/callback/] },
    );
  });

  it('takes a closed frame calmly', async () => {
    await visit('alice', async (page) => {
      const frame = await open(page, 'HubSpot');
      await close(page, frame, 'Cancel and close');
      await says(page, 'i', 'HubSpot is not connected.');
      await waitForTile(page, 'hubspot', 'none');
      await waitForState(page, 'mine', 'hubspot', 'none');
      await focusReaches(page, 'Connect HubSpot');
    });
  });

  it('removes the frame when there is no session to be had', async () => {
    await visit(
      'alice',
      async (page) => {
        const error = { code: 'too_many_requests', message: 'x' };
        await page.route('**/nango/session-token', (route) => route.fulfill({ status: 429, json: { error } }));
        await page.getByRole('button', { name: 'Connect HubSpot', exact: true }).click();
        await says(page, '!', 'HubSpot cannot be connected now. That was too often. Wait a minute, then try again.');
        await page.locator('iframe').waitFor({ state: 'detached' });
        await focusReaches(page, 'Connect HubSpot');
      },
      { expected: [/status of 429/] },
    );
  });

  it('gives the Connect UI an address of Nango to which it can append a path', async () => {
    await visit('alice', async (page) => {
      await open(page, 'HubSpot');
      const { searchParams } = new URL(await page.locator('iframe').getAttribute('src'));
      assert.equal(searchParams.get('apiURL'), shared.app.nango.replace('127.0.0.1', 'localhost'));
    });
  });

  it('connects while the provider’s page cuts the tie to its window', async () => {
    await visit('alice', async (page) => {
      // As Microsoft's does. What opened the window sees it closed at once. A redirect cannot be intercepted.
      const context = page.context();
      await context.route('**/oauth/connect/hubspot?*', async (route) => {
        const { location } = (await route.fetch({ maxRedirects: 0 })).headers();
        const body = `<script>location.replace(${JSON.stringify(location)})</script>`;
        await route.fulfill({ contentType: 'text/html', body });
      });
      await context.route('**/_emulator/provider/hubspot/authorize?*', async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers(), 'cross-origin-opener-policy': 'same-origin' };
        await route.fulfill({ response, headers });
      });
      const frame = await open(page, 'HubSpot');
      const consent = await toConsent(frame, page);
      await frame.getByText('Finish in the other window, or try again here.').waitFor(); // It looks closed.
      await page.waitForTimeout(3000); // A password is typed.
      assert.equal((await page.locator('.toast').textContent()).trim(), '', 'nothing has happened yet');
      await clickAway(consent, 'Allow');
      await says(page, '✓', 'HubSpot is connected.');
      await waitForState(page, 'mine', 'hubspot', 'healthy');
    });
  });
});
