import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { clickAway, giveKey } from '../../browser/connect-ui.mjs';
import { GOOD_KEY } from '../rig.mjs';
import { BAD_REQUEST, connectionsOf, emulator, onPage, session, theConnectionOf } from './page.mjs';

describe('the frontend SDK without a UI', { timeout: 180_000 }, () => {
  /** Calls a method; what it says is either `made` or `failed`. */
  function headless(page, token, method, ...args) {
    return page.evaluate(
      async ([host, connectSessionToken, name, given]) => {
        try {
          const nango = new window.Nango({ host, connectSessionToken });
          return { made: await nango[name](...given) };
        } catch ({ type, message }) {
          return { failed: { type, message } };
        }
      },
      [emulator.publicUrl, token, method, args],
    );
  }

  /** The same when a consent page opens. */
  async function byConsent(page, decide, ...call) {
    const result = headless(page, ...call);
    const consent = await page.context().waitForEvent('page');
    await consent.getByRole('button', { name: 'Allow' }).waitFor();
    await decide(consent);
    return result;
  }

  it('auth() goes through a consent page', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['slack']);
      const { made } = await byConsent(page, (consent) => clickAway(consent, 'Allow'), token, 'auth', 'slack');
      const { connection_id: connectionId } = await theConnectionOf(user);
      assert.deepEqual(made, { connectionId, providerConfigKey: 'slack', isPending: false });
    });
  });

  it('auth() rejects when consent was denied', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['slack']);
      const { failed } = await byConsent(page, (consent) => clickAway(consent, 'Deny'), token, 'auth', 'slack');
      assert.equal(failed.type, 'callback_err');
      assert.match(failed.message, /access_denied/);
      assert.deepEqual(await connectionsOf(user), []);
    }, BAD_REQUEST);
  });

  it('auth() rejects when the consent page was closed', async () => {
    await onPage(async (page) => {
      const { token } = await session(['slack']);
      const options = { detectClosedAuthWindow: true };
      const { failed } = await byConsent(page, (consent) => consent.close(), token, 'auth', 'slack', options);
      assert.equal(failed.type, 'window_closed');
    });
  });

  it('auth() takes an API key, and says when it is refused', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['acme']);
      const { failed } = await headless(page, token, 'auth', 'acme', { credentials: { apiKey: 'bad-key' } });
      assert.equal(failed.type, 'connection_test_failed');
      assert.ok(failed.message.length > 0);
      const { made } = await headless(page, token, 'auth', 'acme', { credentials: { apiKey: GOOD_KEY } });
      const { connection_id: connectionId } = await theConnectionOf(user);
      assert.deepEqual(made, { connectionId, providerConfigKey: 'acme' });
    }, BAD_REQUEST);
  });

  it('auth() takes basic credentials with a parameter', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['freshdesk']);
      const options = { credentials: { username: 'ada', password: '' }, params: { subdomain: 'acme' } };
      const { made } = await headless(page, token, 'auth', 'freshdesk', options);
      const { connection_id: id } = await theConnectionOf(user);
      assert.deepEqual(made, { connectionId: id, providerConfigKey: 'freshdesk' });
      const stored = await emulator.call('GET', `/connections/${id}?provider_config_key=freshdesk`);
      assert.equal(stored.connection_config.subdomain, 'acme');
    });
  });

  it('create() makes a connection without credentials', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['open', 'openai']);
      const { made } = await headless(page, token, 'create', 'open');
      const { connection_id: connectionId } = await theConnectionOf(user);
      assert.deepEqual(made, { connectionId, providerConfigKey: 'open' });
      const { failed } = await headless(page, token, 'create', 'openai');
      assert.equal(failed.type, 'invalid_auth_mode');
      assert.equal((await connectionsOf(user)).length, 1);
    }, BAD_REQUEST);
  });

  it('reconnect() keeps the connection', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['openai']);
      const { connectionId } = await emulator.giveKey(token, 'openai', 'first-key');
      const again = { connection_id: connectionId, integration_id: 'openai', tags: { end_user_id: user } };
      const { data } = await emulator.call('POST', '/connect/sessions/reconnect', again);
      const { made } = await headless(page, data.token, 'reconnect', 'openai', {
        credentials: { apiKey: 'second-key' },
      });
      assert.deepEqual(made, { connectionId, providerConfigKey: 'openai' });
      const stored = await emulator.call('GET', `/connections/${connectionId}?provider_config_key=openai`);
      assert.equal(stored.credentials.apiKey, 'second-key');
    });
  });

  it('says what a session may not do', async () => {
    await onPage(
      async (page) => {
        const { token } = await session(['openai']);
        const key = { credentials: { apiKey: 'k' } };
        assert.equal((await headless(page, token, 'auth', 'acme', key)).failed.type, 'integration_not_allowed');
        const unknown = `nango_connect_session_${'0'.repeat(64)}`;
        assert.equal(
          (await headless(page, unknown, 'auth', 'openai', key)).failed.type,
          'unknown_connect_session_token',
        );
        assert.equal((await headless(page, undefined, 'auth', 'openai', key)).failed.type, 'missing_auth_token');
      },
      [/status of 40[013]/],
    );
  });
});
