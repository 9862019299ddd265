// Nango's frontend SDK, as it is on the registry, in a browser: its Connect UI frame, and its calls without one.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { clickAway, deny, giveKey, toConsent } from '../browser/connect-ui.mjs';
import { openBrowser, opens, visitor } from '../browser/rig.mjs';
import { Emulator, GOOD_KEY } from './rig.mjs';

describe('the frontend SDK', { timeout: 180_000 }, () => {
  let emulator;
  let browser;
  let people = 0;

  before(async () => {
    emulator = await Emulator.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await emulator?.stop();
  });

  /** A person of their own, and a session for them. */
  async function session(integrations, more = {}) {
    const user = `visitor-${(people += 1)}`;
    const body = { tags: { end_user_id: user }, ...(integrations && { allowed_integrations: integrations }), ...more };
    const { data } = await emulator.call('POST', '/connect/sessions', body);
    return { user, token: data.token };
  }

  async function connectionsOf(user) {
    return (await emulator.call('GET', `/connections?tags[end_user_id]=${user}`)).connections;
  }

  async function theConnectionOf(user) {
    const all = await connectionsOf(user);
    assert.equal(all.length, 1);
    return all[0];
  }

  /** Runs on the application's page; nothing may go wrong in the browser but what is expected. */
  async function onPage(work, expected = []) {
    const { context, page, check } = await visitor(browser, { expected });
    try {
      await page.goto(emulator.world.url);
      await page.locator('body[data-ready]').waitFor();
      await work(page);
      check();
    } finally {
      await context.close();
    }
  }

  /** `openConnectUI` as an application calls it, with the token at once or later. */
  async function openUI(page, token, options = {}) {
    await page.evaluate(
      ([url, given, more]) => {
        window.events = [];
        window.ui = new window.Nango(given ? { connectSessionToken: given } : {}).openConnectUI({
          baseURL: `${url}/connect`,
          apiURL: url,
          onEvent: (event) => window.events.push(event),
          ...more,
        });
      },
      [emulator.publicUrl, token, options],
    );
    return page.frameLocator('iframe#connect-ui');
  }

  async function eventsWhen(page, count) {
    await page.waitForFunction((wanted) => window.events.length >= wanted, count);
    return page.evaluate(() => window.events.map(({ type, payload }) => (payload ? [type, payload] : [type])));
  }

  async function isGone(page) {
    await page.locator('iframe').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.body.style.overflow), '');
  }

  async function finishes(page, frame) {
    await frame.getByRole('button', { name: 'Finish' }).click();
    await isGone(page);
  }

  const BAD_REQUEST = [/status of 400/];

  describe('openConnectUI', () => {
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

    it('connects through a consent page', async () => {
      await onPage(async (page) => {
        const { user, token } = await session(['slack']);
        const frame = await openUI(page, token);
        const consent = await toConsent(frame, page);
        const gone = consent.waitForEvent('close');
        await clickAway(consent, 'Allow');
        await frame.getByRole('heading', { name: 'Connected' }).waitFor();
        await gone;
        const { connection_id: connectionId } = await theConnectionOf(user);
        const connect = ['connect', { providerConfigKey: 'slack', connectionId, isPending: false }];
        assert.deepEqual(await eventsWhen(page, 2), [['ready'], connect]);
        await finishes(page, frame);
        assert.deepEqual(await eventsWhen(page, 3), [['ready'], connect, ['close']]);
      });
    });

    it('says twice that consent was denied, as Nango does, and tries again', async () => {
      await onPage(async (page) => {
        const { user, token } = await session(['slack']);
        const frame = await openUI(page, token);
        await deny(frame, page);
        const [ready, ...errors] = await eventsWhen(page, 3);
        assert.deepEqual(ready, ['ready']);
        assert.deepEqual(
          errors.map(([type]) => type),
          ['error', 'error'],
        );
        const kinds = errors.map(([, { errorType }]) => errorType).sort();
        assert.deepEqual(kinds, ['callback_err', 'connection_validation_failed']);
        for (const [, { errorMessage }] of errors) assert.match(errorMessage, /access_denied/);
        assert.deepEqual(await connectionsOf(user), []);
        const consent = await opens(page, () => frame.getByRole('button', { name: 'Try again' }).click());
        await clickAway(consent, 'Allow');
        await frame.getByRole('heading', { name: 'Connected' }).waitFor();
        assert.equal((await eventsWhen(page, 4))[3][0], 'connect');
        assert.equal((await theConnectionOf(user)).provider_config_key, 'slack');
      }, BAD_REQUEST);
    });

    it('notices a closed consent page when asked to', async () => {
      await onPage(async (page) => {
        const { token } = await session(['slack']);
        const frame = await openUI(page, token, { detectClosedAuthWindow: true });
        await (await toConsent(frame, page)).close();
        const [, [type, { errorType }]] = await eventsWhen(page, 2);
        assert.deepEqual([type, errorType], ['error', 'window_closed']);
        await frame.getByRole('button', { name: 'Try again' }).waitFor();
      });
    });

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

  describe('without a UI', () => {
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
});
