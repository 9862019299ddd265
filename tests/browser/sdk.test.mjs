// The same with Nango's own frontend SDK, as it is on the registry: the Connect UI opens in its frame.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { agree, deny, giveKey } from './connect-ui.mjs';
import { App, logIn, openBrowser, screenshot, visitor, waitForState } from './rig.mjs';

const SDK = join(import.meta.dirname, 'node_modules/@nangohq/frontend/dist');

describe('connecting in the SDK’s frame', { timeout: 120_000 }, () => {
  let app;
  let browser;
  let cdn;

  before(async () => {
    cdn = createServer(async (request, response) => {
      const file = await readFile(join(SDK, new URL(request.url, 'http://cdn').pathname)).catch(() => null);
      response.writeHead(file ? 200 : 404, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' });
      response.end(file);
    }).listen(0, '127.0.0.1');
    await once(cdn, 'listening');
    const url = `http://127.0.0.1:${cdn.address().port}/index.js`;
    [app, browser] = await Promise.all([App.in({ args: ['--sdk-url', url] }), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
    cdn?.close();
    cdn?.closeAllConnections();
  });

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

  async function visit(work, options) {
    const { context, page, check } = await visitor(browser, options);
    const loaded = page.waitForResponse(/connectUI\.js/);
    await logIn(page, app, 'alice');
    await loaded;
    await work(page);
    await context.close();
    check();
  }

  it('connects with an API key', async () => {
    await visit(async (page) => {
      const frame = await open(page, 'OpenAI');
      await screenshot(page, 'sdk-frame');
      await giveKey(frame);
      await page.getByRole('status').filter({ hasText: 'OpenAI is connected.' }).waitFor();
      await close(page, frame, 'Finish');
      await waitForState(page, 'mine', 'openai', 'healthy');
    });
  });

  it('connects through a consent page', async () => {
    await visit(async (page) => {
      const frame = await open(page, 'Slack');
      await agree(frame, page);
      await close(page, frame, 'Finish');
      await waitForState(page, 'mine', 'slack', 'healthy');
    });
  });

  it('says so when consent was denied', async () => {
    await visit(
      async (page) => {
        const frame = await open(page, 'Google Calendar');
        await deny(frame, page);
        await page.getByRole('alert').filter({ hasText: 'access was denied' }).waitFor();
        await close(page, frame, 'Cancel and close');
        await waitForState(page, 'mine', 'google-calendar', 'none');
      },
      { expected: [/status of 400.*\/oauth\/callback/] },
    );
  });

  it('takes a closed frame calmly', async () => {
    await visit(async (page) => {
      const frame = await open(page, 'HubSpot');
      await close(page, frame, 'Cancel and close');
      await page.getByRole('status').filter({ hasText: 'The window was closed.' }).waitFor();
      await waitForState(page, 'mine', 'hubspot', 'none');
      assert.equal(
        await page.evaluate(() => document.activeElement?.ariaLabel),
        'Connect HubSpot',
        'the focus is where it was',
      );
    });
  });
});
