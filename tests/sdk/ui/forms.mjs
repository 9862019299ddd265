import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { giveKey } from '../../browser/connect-ui.mjs';
import { GOOD_KEY } from '../rig.mjs';
import { BAD_REQUEST, connectionsOf, emulator, eventsWhen, finishes, onPage, openUI, session, theConnectionOf } from './page.mjs';

describe('openConnectUI: what is typed', { timeout: 180_000 }, () => {
  it('connects with an API key', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['openai']);
      const frame = await openUI(page, token);
      await giveKey(frame);
      const { connection_id: connectionId } = await theConnectionOf(user);
      const connect = ['connect', { providerConfigKey: 'openai', connectionId }];
      assert.deepEqual(await eventsWhen(page, 2), [['ready'], connect]);
      const { src, overflow } = await page.evaluate(() => ({
        src: document.querySelector('iframe').src,
        overflow: document.body.style.overflow,
      }));
      assert.equal(src.includes(token), false, 'no token in the address');
      assert.equal(overflow, 'hidden');
      await finishes(page, frame);
      assert.deepEqual(await eventsWhen(page, 3), [['ready'], connect, ['close']]);
    });
  });

  it('says that a key was refused, and takes another', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['acme']);
      const frame = await openUI(page, token);
      await frame.getByLabel('Acme key').fill('bad-key');
      await frame.getByRole('button', { name: 'Connect' }).click();
      await frame.getByRole('alert').filter({ hasText: 'That did not work.' }).waitFor();
      const [, [type, { errorType, errorMessage }]] = await eventsWhen(page, 2);
      assert.deepEqual([type, errorType], ['error', 'connection_test_failed']);
      assert.ok(errorMessage.length > 0);
      assert.deepEqual(await connectionsOf(user), []);
      await frame.getByLabel('Acme key').fill(GOOD_KEY);
      await frame.getByRole('button', { name: 'Try again' }).click();
      await frame.getByRole('heading', { name: 'Connected' }).waitFor();
      const { connection_id: connectionId } = await theConnectionOf(user);
      assert.deepEqual((await eventsWhen(page, 3))[2], ['connect', { providerConfigKey: 'acme', connectionId }]);
      await finishes(page, frame);
    }, BAD_REQUEST);
  });

  it('connects with basic auth and a parameter', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['freshdesk']);
      const frame = await openUI(page, token);
      await frame.getByLabel('API key or e-mail').fill('ada@example.com');
      await frame.getByLabel('Password').fill('secret');
      await frame.getByLabel('Subdomain').fill('Not This!');
      await frame.getByRole('button', { name: 'Connect' }).click();
      await frame.getByText('This does not look right.').waitFor();
      assert.deepEqual(await eventsWhen(page, 1), [['ready']]);
      await frame.getByLabel('Subdomain').fill('acme');
      await frame.getByRole('button', { name: 'Connect' }).click();
      await frame.getByRole('heading', { name: 'Connected' }).waitFor();
      const { connection_id: id } = await theConnectionOf(user);
      const made = await emulator.call('GET', `/connections/${id}?provider_config_key=freshdesk`);
      assert.deepEqual(made.credentials, { type: 'BASIC', username: 'ada@example.com', password: 'secret' });
      assert.equal(made.connection_config.subdomain, 'acme');
      assert.deepEqual((await eventsWhen(page, 2))[1], [
        'connect',
        { providerConfigKey: 'freshdesk', connectionId: id },
      ]);
      await finishes(page, frame);
    });
  });

  it('does not ask for what the session presets', async () => {
    await onPage(async (page) => {
      const integrations_config_defaults = { freshdesk: { connection_config: { subdomain: 'preset' } } };
      const { user, token } = await session(['freshdesk'], { integrations_config_defaults });
      const frame = await openUI(page, token);
      await frame.getByLabel('API key or e-mail').fill('key');
      assert.equal(await frame.getByLabel('Subdomain').count(), 0);
      await frame.getByLabel('Password').fill('X');
      await frame.getByRole('button', { name: 'Connect' }).click();
      await frame.getByRole('heading', { name: 'Connected' }).waitFor();
      const { connection_id: id } = await theConnectionOf(user);
      const made = await emulator.call('GET', `/connections/${id}?provider_config_key=freshdesk`);
      assert.equal(made.connection_config.subdomain, 'preset');
    });
  });
});
