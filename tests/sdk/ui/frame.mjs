import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { clickAway, giveKey, toConsent } from '../../browser/connect-ui.mjs';
import { connectionsOf, emulator, eventsWhen, finishes, isGone, onPage, openUI, session, theConnectionOf } from './page.mjs';

describe('openConnectUI: the frame', { timeout: 180_000 }, () => {
  it('offers a list, and a way back to it', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['slack', 'openai', 'freshdesk']);
      const frame = await openUI(page, token);
      await frame.getByRole('heading', { name: 'Connect an account' }).waitFor();
      const names = await frame.getByRole('listitem').allInnerTexts();
      assert.deepEqual(names.map((name) => name.trim()).sort(), ['Freshdesk', 'OpenAI', 'Slack']);
      await frame.getByRole('button', { name: 'Slack' }).click();
      await frame.getByRole('heading', { name: 'Connect Slack' }).waitFor();
      await frame.getByRole('button', { name: 'Back to the list' }).click();
      await frame.getByRole('button', { name: 'OpenAI' }).click();
      await giveKey(frame);
      assert.equal((await theConnectionOf(user)).provider_config_key, 'openai');
      assert.deepEqual(
        (await eventsWhen(page, 2)).map(([type]) => type),
        ['ready', 'connect'],
      );
      await finishes(page, frame);
    });
  });

  it('lists everything when the session allows everything', async () => {
    await onPage(async (page) => {
      const frame = await openUI(page, (await session()).token);
      await frame.getByRole('heading', { name: 'Connect an account' }).waitFor();
      assert.equal(await frame.getByRole('listitem').count(), 6);
    });
  });

  it('reconnects, with a key and with consent', async () => {
    await onPage(async (page) => {
      for (const integration of ['openai', 'slack']) {
        const { user, token } = await session([integration]);
        if (integration === 'openai') await emulator.giveKey(token, integration, 'first-key');
        else await emulator.consent(token, integration);
        const { connection_id } = await theConnectionOf(user);
        const before = await emulator.call('GET', `/connections/${connection_id}?provider_config_key=${integration}`);
        const again = { connection_id, integration_id: integration, tags: { end_user_id: user, again: 'yes' } };
        const { data } = await emulator.call('POST', '/connect/sessions/reconnect', again);
        const frame = await openUI(page, data.token);
        await frame.getByRole('button', { name: 'Reconnect' }).waitFor();
        if (integration === 'openai') {
          await frame.getByLabel('API key').fill('second-key');
          await frame.getByRole('button', { name: 'Reconnect' }).click();
        } else {
          await clickAway(await toConsent(frame, page), 'Allow');
        }
        await frame.getByRole('heading', { name: 'Reconnected' }).waitFor();
        const [, [type, { connectionId }]] = await eventsWhen(page, 2);
        assert.deepEqual([type, connectionId], ['connect', connection_id]);
        const made = await emulator.call('GET', `/connections/${connection_id}?provider_config_key=${integration}`);
        assert.deepEqual(made.tags, again.tags);
        assert.notDeepEqual(made.credentials, before.credentials);
        const [hook] = await emulator.world.hooksWhere(
          (one) => one.connectionId === connection_id && one.operation === 'override',
        );
        assert.equal(JSON.parse(hook.body).success, true);
        await finishes(page, frame);
      }
    });
  });

  it('waits for a token, with nothing to type in', async () => {
    await onPage(async (page) => {
      const frame = await openUI(page, undefined);
      assert.deepEqual(await eventsWhen(page, 1), [['ready']]);
      await frame.getByText('Loading…').waitFor();
      assert.equal(await frame.locator('input, select, form').count(), 0);
      const { token } = await session(['openai']);
      await page.evaluate((given) => window.ui.setSessionToken(given), token);
      await giveKey(frame);
      assert.equal((await eventsWhen(page, 2))[1][0], 'connect');
    });
  });

  it('says that a session has expired, and emits nothing', async () => {
    await onPage(
      async (page) => {
        const frame = await openUI(page, `nango_connect_session_${'0'.repeat(64)}`);
        await frame.getByRole('heading', { name: 'This session has expired' }).waitFor();
        assert.equal(await frame.locator('input').count(), 0);
        assert.deepEqual(await eventsWhen(page, 1), [['ready']]);
        await frame.getByRole('button', { name: 'Cancel and close' }).click();
        await isGone(page);
        assert.deepEqual(await eventsWhen(page, 2), [['ready'], ['close']]);
      },
      [/status of 401/],
    );
  });

  it('asks before it throws away what was typed', async () => {
    await onPage(async (page) => {
      const { token } = await session(['openai']);
      const asked = [];
      page.on('dialog', (dialog) => {
        asked.push(dialog.type());
        return asked.length === 1 ? dialog.dismiss() : dialog.accept();
      });
      const frame = await openUI(page, token);
      const field = frame.getByLabel('API key');
      const cross = frame.getByRole('button', { name: 'Cancel and close' });
      await field.fill('half-a-key');
      await cross.click();
      assert.equal(await field.inputValue(), 'half-a-key');
      assert.deepEqual(await eventsWhen(page, 1), [['ready']]);
      await cross.click();
      await isGone(page);
      assert.deepEqual(await eventsWhen(page, 2), [['ready'], ['close']]);
      await openUI(page, token);
      await field.waitFor();
      await cross.click();
      await isGone(page);
      assert.deepEqual(asked, ['confirm', 'confirm'], 'nothing was typed the last time');
    });
  });

  it('closes at any time, by the person and by the application', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['slack']);
      const frame = await openUI(page, token);
      const consent = await toConsent(frame, page);
      const gone = consent.waitForEvent('close');
      await frame.getByRole('button', { name: 'Cancel and close' }).click();
      await Promise.all([gone, isGone(page)]);
      assert.deepEqual(await eventsWhen(page, 2), [['ready'], ['close']]);
      await openUI(page, token);
      await frame.getByRole('button', { name: 'Connect' }).waitFor();
      await page.evaluate(() => window.ui.close());
      await isGone(page);
      assert.deepEqual(await eventsWhen(page, 1), [['ready']]);
      assert.deepEqual(await connectionsOf(user), []);
    });
  });
});
