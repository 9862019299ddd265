// Every method of Nango's Node SDK, as it is on the registry, against the emulator.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Nango } from '@nangohq/node';

import { API_KEY, Emulator, GOOD_KEY, SIGNING_KEY } from './rig.mjs';

const PRIVATE = [
  'constructor',
  '_triggerAction',
  '_verifyWebhookSignatureImpl',
  'getConnectionDetails',
  'enrichHeaders',
];
const METHODS = Object.getOwnPropertyNames(Nango.prototype).filter((name) => !PRIVATE.includes(name));
const used = new Set();

/** The SDK unchanged, with a list of what these tests called. */
function client(props) {
  return new Proxy(new Nango(props), {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args) => {
        used.add(name);
        return value.apply(target, args);
      };
    },
  });
}

async function refused(promise, status, code) {
  await assert.rejects(promise, (error) => {
    assert.deepEqual([error.response?.status, error.response?.data?.error?.code], [status, code], error.message);
    return true;
  });
}

const sorted = (list) => [...list].sort();

describe('the Node SDK', { timeout: 60_000 }, () => {
  let emulator;
  let nango;
  let people = 0;

  before(async () => {
    emulator = await Emulator.start();
    nango = client({ host: emulator.url, apiKey: API_KEY, webhookSigningKey: SIGNING_KEY });
  });
  after(() => emulator?.stop());

  /** A person of their own for each test. */
  const someone = () => `person-${(people += 1)}`;

  async function connected(integration = 'acme', session = {}) {
    const user = someone();
    const tags = { end_user_id: user, ...session.tags };
    const { data } = await nango.createConnectSession({ allowed_integrations: [integration], ...session, tags });
    if (integration === 'slack') {
      const page = await emulator.consent(data.token, integration);
      assert.equal(page.status, 200, await page.text());
    } else {
      await emulator.giveKey(data.token, integration);
    }
    const { connections } = await nango.listConnections({ tags: { end_user_id: user } });
    assert.equal(connections.length, 1);
    return { id: connections[0].connection_id, user, tags };
  }

  describe('providers', () => {
    it('lists and searches', async () => {
      const all = (await nango.listProviders({})).data;
      assert.ok(all.length > 5);
      const found = (await nango.listProviders({ search: 'ACM' })).data;
      assert.deepEqual(
        found.map((one) => [one.name, one.display_name, one.auth_mode]),
        [['acme', 'Acme', 'API_KEY']],
      );
    });

    it('gets one', async () => {
      const { data } = await nango.getProvider({ provider: 'acme' });
      assert.equal(data.name, 'acme');
      assert.equal(data.logo_url, `${emulator.publicUrl}/images/template-logos/acme.svg`);
      assert.equal(data.credentials.apiKey.title, 'Acme key');
      await refused(nango.getProvider({ provider: 'nobody' }), 404, 'not_found');
    });

    it('has no templates for functions', async () => {
      assert.deepEqual(await nango.getProviderTemplates({ provider: 'acme' }), { data: [] });
    });
  });

  describe('integrations', () => {
    it('creates, lists, gets, updates and deletes', async () => {
      const credentials = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret', scopes: 'a, b' };
      const made = await nango.createIntegration({
        provider: 'hubspot',
        unique_key: 'crm',
        display_name: 'CRM',
        credentials,
      });
      assert.equal(made.data.unique_key, 'crm');
      assert.equal(made.data.display_name, 'CRM');
      const { configs } = await nango.listIntegrations();
      assert.ok(configs.some((one) => one.unique_key === 'crm' && one.provider === 'hubspot'));

      const { data } = await nango.getIntegration({ uniqueKey: 'crm' }, { include: ['credentials'] });
      assert.deepEqual(
        [data.credentials.client_id, data.credentials.client_secret, data.credentials.scopes],
        ['id', 'secret', 'a,b'],
      );
      const hooks = await nango.getIntegration({ uniqueKey: 'crm' }, { include: ['webhook'] });
      assert.equal(hooks.data.webhook_url, null);
      assert.equal('credentials' in hooks.data, false);

      const changed = await nango.updateIntegration(
        { uniqueKey: 'crm' },
        { unique_key: 'crm-2', display_name: 'CRM 2', forward_webhooks: false },
      );
      assert.deepEqual(
        [changed.data.unique_key, changed.data.display_name, changed.data.forward_webhooks],
        ['crm-2', 'CRM 2', false],
      );
      await refused(nango.getIntegration({ uniqueKey: 'crm' }), 404, 'not_found');

      assert.deepEqual((await nango.deleteIntegration('crm-2')).data, { success: true });
      await refused(nango.deleteIntegration('crm-2'), 404, 'not_found');
    });

    it('refuses what Nango refuses', async () => {
      await refused(nango.createIntegration({ provider: 'nobody', unique_key: 'x' }), 400, 'invalid_body');
      await refused(nango.createIntegration({ provider: 'acme', unique_key: 'acme' }), 400, 'invalid_body');
      await refused(nango.createIntegration({ provider: 'hubspot', unique_key: 'x' }), 400, 'invalid_body');
    });

    it('sets one up with a developer app that is there already', async () => {
      const made = await nango.createQuickstartIntegration({
        provider: 'slack',
        unique_key: 'quick',
        display_name: 'Quick',
      });
      assert.deepEqual([made.data.unique_key, made.data.provider, made.data.display_name], ['quick', 'slack', 'Quick']);
      const user = someone();
      const { data } = await nango.createConnectSession({
        tags: { end_user_id: user },
        allowed_integrations: ['quick'],
      });
      assert.equal((await emulator.consent(data.token, 'quick')).status, 200);
      assert.equal(
        (await nango.listConnections({ tags: { end_user_id: user } })).connections[0].provider_config_key,
        'quick',
      );
      await refused(nango.createQuickstartIntegration({ provider: 'slack', unique_key: 'quick' }), 400, 'invalid_body');
      await refused(nango.createQuickstartIntegration({ provider: 'acme', unique_key: 'x' }), 400, 'invalid_body');
      await nango.deleteIntegration('quick');
    });

    it('has no functions', async () => {
      const which = { uniqueKey: 'acme' };
      const none = { data: [], pagination: { total: 0, page: 0, limit: 20 } };
      assert.deepEqual(await nango.listFunctions(which), none);
      const page = await nango.listFunctions(which, { type: 'sync', search: 'issues', page: 2, limit: 5 });
      assert.deepEqual(page, { data: [], pagination: { total: 0, page: 2, limit: 5 } });
      await refused(nango.listFunctions(which, { type: 'other' }), 400, 'invalid_query_params');
      await refused(nango.listFunctions({ uniqueKey: 'nobody' }), 404, 'not_found');
      const one = { ...which, name: 'issues' };
      await refused(nango.getFunction(one), 404, 'not_found');
      await refused(nango.getFunctionCode(one, { type: 'sync' }), 404, 'not_found');
      await refused(nango.deleteFunction(one, { type: 'sync' }), 404, 'not_found');
      await refused(nango.deleteFunction(one), 400, 'invalid_query_params');
    });
  });

  describe('sessions', () => {
    it('makes one to connect', async () => {
      const { data } = await nango.createConnectSession({
        tags: { end_user_id: someone() },
        allowed_integrations: ['acme'],
      });
      assert.match(data.token, /^nango_connect_session_[0-9a-f]{64}$/);
      assert.equal(new URL(data.connect_link).searchParams.get('session_token'), data.token);
      const minutes = (new Date(data.expires_at) - Date.now()) / 60_000;
      assert.ok(minutes > 29 && minutes <= 30, `${minutes}`);
      await refused(nango.createConnectSession({ tags: {}, allowed_integrations: ['nobody'] }), 400, 'invalid_body');
    });

    it('makes one to reconnect, which sets the tags anew', async () => {
      const { id, user } = await connected();
      const { data } = await nango.createReconnectSession({
        connection_id: id,
        integration_id: 'acme',
        tags: { end_user_id: user, again: 'yes' },
      });
      const made = await emulator.giveKey(data.token, 'acme');
      assert.equal(made.connectionId, id);
      assert.deepEqual((await nango.getConnection('acme', id)).tags, { end_user_id: user, again: 'yes' });
      const bare = await nango.createReconnectSession({ connection_id: id, integration_id: 'acme' });
      await emulator.giveKey(bare.data.token, 'acme');
      assert.deepEqual((await nango.getConnection('acme', id)).tags, {});
      await refused(
        nango.createReconnectSession({ connection_id: 'none', integration_id: 'acme' }),
        400,
        'invalid_body',
      );
    });
  });

  describe('connections', () => {
    it('are found by each filter', async () => {
      const team = { end_user_email: 'ada@example.com', end_user_display_name: 'Ada', team: 'red' };
      const mine = await connected('acme', { tags: team });
      await connected('openai', { tags: { team: 'blue' } });
      const ids = ({ connections }) => connections.map((one) => one.connection_id);
      const only = [mine.id];
      assert.deepEqual(ids(await nango.listConnections(mine.id)), only);
      assert.deepEqual(ids(await nango.listConnections({ connectionId: mine.id })), only);
      assert.deepEqual(ids(await nango.listConnections({ tags: { TEAM: 'red' } })), only);
      assert.deepEqual(
        ids(await nango.listConnections({ tags: { displayName: 'Ada', email: 'ada@example.com' } })),
        only,
      );
      assert.deepEqual(ids(await nango.listConnections(undefined, mine.id.slice(0, 20))), only);
      assert.deepEqual(
        ids(await nango.listConnections({ tags: { team: 'red' }, integrationId: ['acme', 'slack'] })),
        only,
      );
      assert.deepEqual(ids(await nango.listConnections({ tags: { team: 'red' }, integrationId: 'openai' })), []);
      const all = ids(await nango.listConnections());
      assert.deepEqual(ids(await nango.listConnections(undefined, undefined, { limit: 1 })), all.slice(0, 1));
      assert.deepEqual(ids(await nango.listConnections(undefined, undefined, { limit: 1, page: 1 })), all.slice(1, 2));
      await refused(nango.listConnections({ limit: 2001 }), 400, 'invalid_query_params');
    });

    it('are found by their end user, as older applications do', async () => {
      const user = someone();
      const { data } = await nango.createConnectSession({
        end_user: { id: user, email: 'old@example.com' },
        organization: { id: `of-${user}` },
      });
      const { connectionId } = await emulator.giveKey(data.token, 'acme');
      const ids = ({ connections }) => connections.map((one) => one.connection_id);
      assert.deepEqual(ids(await nango.listConnections({ userId: user })), [connectionId]);
      assert.deepEqual(
        ids(await nango.listConnections(undefined, undefined, { endUserOrganizationId: `of-${user}` })),
        [connectionId],
      );
      const found = await nango.waitForConnection('acme', user);
      assert.equal(found.connection_id, connectionId);
      assert.equal(found.end_user.email, 'old@example.com');
      const stop = new AbortController();
      const waiting = nango.waitForConnection('openai', user, { signal: stop.signal });
      setTimeout(() => stop.abort(), 50);
      await assert.rejects(waiting, /aborted/);
    });

    it('hold credentials of an API key', async () => {
      const { id, tags } = await connected();
      const connection = await nango.getConnection('acme', id);
      assert.deepEqual(
        [connection.connection_id, connection.provider_config_key, connection.provider],
        [id, 'acme', 'acme'],
      );
      assert.deepEqual(connection.credentials, { type: 'API_KEY', apiKey: GOOD_KEY });
      assert.deepEqual(connection.tags, tags);
      assert.deepEqual(await nango.getToken('acme', id), { type: 'API_KEY', apiKey: GOOD_KEY });
      assert.equal(await nango.getRawTokenResponse('acme', id), undefined);
      await refused(nango.getConnection('acme', 'none'), 404, 'not_found');
      await refused(nango.getConnection('nobody', id), 400, 'unknown_provider_config');
    });

    it('hold and refresh the tokens of OAuth2', async () => {
      const { id } = await connected('slack');
      const token = await nango.getToken('slack', id);
      assert.equal(typeof token, 'string');
      assert.equal(await nango.getToken('slack', id), token);
      const raw = await nango.getRawTokenResponse('slack', id);
      assert.deepEqual([raw.access_token, raw.token_type, raw.team.id], [token, 'Bearer', 'T0EMULATOR']);
      const newer = await nango.getToken('slack', id, true);
      assert.notEqual(newer, token);
      const { credentials, connection_config } = await nango.getConnection('slack', id, false, true);
      assert.deepEqual([credentials.type, credentials.access_token], ['OAUTH2', newer]);
      assert.ok(credentials.refresh_token);
      assert.equal('refresh_token' in (await nango.getConnection('slack', id)).credentials, false);
      assert.equal(connection_config['team.id'], 'T0EMULATOR');
      await emulator.call('POST', '/_emulator/revoke', { integration: 'slack', connection_id: id, notice: false });
      await refused(nango.getToken('slack', id, true), 400, 'invalid_credentials');
    });

    it('take new tags', async () => {
      const { id } = await connected();
      const where = { connectionId: id, provider_config_key: 'acme' };
      assert.deepEqual(await nango.patchConnection(where, { tags: { Plan: 'Pro' } }), { success: true });
      assert.deepEqual((await nango.getConnection('acme', id)).tags, { plan: 'Pro' });
      await refused(nango.patchConnection(where, { tags: { '': 'x' } }), 400, 'invalid_body');
      await refused(nango.patchConnection({ ...where, connectionId: 'none' }, { tags: {} }), 404, 'not_found');
    });

    it('hold metadata', async () => {
      const [first, second] = [(await connected()).id, (await connected()).id];
      assert.equal((await nango.setMetadata('acme', first, { a: 1, b: { c: 2 } })).status, 201);
      assert.deepEqual(await nango.getMetadata('acme', first), { a: 1, b: { c: 2 } });
      await nango.updateMetadata('acme', [first, second], { b: 3 });
      assert.deepEqual(await nango.getMetadata('acme', first), { a: 1, b: 3 });
      assert.deepEqual(await nango.getMetadata('acme', second), { b: 3 });
      await nango.setMetadata('acme', first, { d: 4 });
      assert.deepEqual(await nango.getMetadata('acme', first), { d: 4 });
      await refused(nango.updateMetadata('acme', [first, 'none'], { e: 5 }), 404, 'unknown_connection');
    });

    it('go', async () => {
      const { id } = await connected();
      assert.deepEqual((await nango.deleteConnection('acme', id)).data, { success: true });
      await refused(nango.getConnection('acme', id), 404, 'not_found');
      await refused(nango.deleteConnection('acme', id), 400, 'unknown_connection');
    });
  });

  describe('the proxy', () => {
    let id;
    const at = (more) => ({ providerConfigKey: 'acme', connectionId: id, endpoint: '/echo', ...more });
    before(async () => ({ id } = await connected()));

    it('forwards each method with the credentials', async () => {
      for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
        const data = method === 'get' ? undefined : { x: [1, 'é'] };
        const { status, data: seen } = await nango[method](
          at({ data, params: { q: 'a b' }, headers: { 'X-Trace': 'one' } }),
        );
        assert.deepEqual([status, seen.method, seen.url], [200, method.toUpperCase(), '/api/echo?q=a+b']);
        assert.equal(seen.headers.authorization, `Bearer ${GOOD_KEY}`);
        assert.equal(seen.headers['x-trace'], 'one');
        assert.equal(seen.headers['connection-id'], undefined);
        assert.deepEqual(seen.body && JSON.parse(seen.body), data ?? '');
      }
    });

    it('takes the method, the connection and the query in each form', async () => {
      const bound = client({ host: emulator.url, apiKey: API_KEY, connectionId: id, providerConfigKey: 'acme' });
      const { data } = await bound.proxy({ endpoint: 'echo', method: 'PROPFIND', data: { depth: 1 } });
      assert.deepEqual([data.method, data.url, data.body], ['PROPFIND', '/api/echo', '{"depth":1}']);
      const plain = await bound.proxy({ endpoint: '/echo', params: '?q=1&q=2' });
      assert.deepEqual([plain.data.method, plain.data.url], ['GET', '/api/echo?q=1&q=2']);
      const elsewhere = await bound.proxy({ endpoint: '/echo', baseUrlOverride: `${emulator.world.url}/elsewhere` });
      assert.equal(elsewhere.data.url, '/elsewhere/echo');
    });

    it('brings bytes and errors back as they are', async () => {
      const bytes = await nango.get(at({ endpoint: '/bytes', responseType: 'arraybuffer' }));
      assert.deepEqual([...bytes.data], [0, 1, 2, 255, 254]);
      await assert.rejects(nango.get(at({ endpoint: '/teapot' })), ({ response }) => {
        assert.deepEqual(
          [response.status, response.headers['x-brew'], response.data],
          [418, 'tea', { short: 'stout' }],
        );
        return true;
      });
      await refused(nango.get(at({ connectionId: 'none' })), 400, 'server_error');
      await refused(nango.get(at({ providerConfigKey: 'nobody' })), 404, 'unknown_provider_config');
    });

    it('tries again when asked to', async () => {
      const { data } = await nango.get(at({ endpoint: '/second-time', retries: 1, retryOn: [404] }));
      assert.deepEqual(data, { attempts: 2 });
    });
  });

  describe('what functions would do', () => {
    let id;
    before(async () => ({ id } = await connected()));

    it('answers for syncs as a Nango without any', async () => {
      await refused(nango.triggerSync('acme', ['issues'], id), 400, 'no_syncs_found');
      await refused(
        nango.triggerSync('acme', [{ name: 'issues', variant: 'v' }], id, 'full_refresh'),
        400,
        'no_syncs_found',
      );
      await refused(nango.triggerSync('acme', ['issues'], 'none', { reset: true }), 404, 'unknown_connection');
      await refused(
        nango.triggerSync('acme', ['issues'], id, { reset: true, emptyCache: true }),
        400,
        'no_syncs_found',
      );
      await refused(nango.triggerSync('acme', ['issues'], id, 'sideways'), 400, 'invalid_body');
      await refused(nango.startSync('acme', ['issues'], id), 400, 'no_syncs_found');
      await refused(nango.pauseSync('acme', ['issues']), 400, 'no_syncs_found');
      assert.deepEqual(await nango.syncStatus('acme', '*', id), { syncs: [] });
      assert.deepEqual(await nango.syncStatus('acme', ['issues', { name: 'a', variant: 'b' }]), { syncs: [] });
      await refused(nango.updateSyncConnectionFrequency('acme', 'issues', id, 'every hour'), 400, 'unknown_sync');
      await refused(
        nango.updateSyncConnectionFrequency('acme', { name: 'a', variant: 'b' }, id, null),
        400,
        'unknown_sync',
      );
    });

    it('answers for variants', async () => {
      const variant = { provider_config_key: 'acme', connection_id: id, name: 'issues', variant: 'mine' };
      await refused(nango.createSyncVariant(variant), 400, 'unknown_sync');
      await refused(nango.createSyncVariant({ ...variant, variant: 'Base' }), 400, 'invalid_variant');
      await refused(nango.createSyncVariant({ ...variant, connection_id: 'none' }), 400, 'unknown_connection');
      await refused(nango.deleteSyncVariant(variant), 404, 'not_found');
    });

    it('answers for records', async () => {
      const which = { providerConfigKey: 'acme', connectionId: id, model: 'Issue' };
      const more = { variant: 'v', modifiedAfter: '2026-01-01T00:00:00Z', limit: 5, filter: 'added', ids: ['1', '2'] };
      assert.deepEqual(await nango.listRecords({ ...which, ...more }), { next_cursor: null, records: [] });
      await refused(nango.listRecords({ ...which, connectionId: 'none' }), 400, 'unknown_connection');
      const pruned = await nango.pruneRecords({ ...which, untilCursor: 'c', limit: 10, variant: 'v' });
      assert.deepEqual(pruned, { count: 0, has_more: false });
      await refused(nango.pruneRecords(which), 400, 'invalid_body');
      await refused(
        nango.pruneRecords({ ...which, connectionId: 'none', untilCursor: 'c' }),
        400,
        'unknown_connection',
      );
    });

    it('answers for actions', async () => {
      await refused(nango.triggerAction('acme', id, 'create', { a: 1 }), 404, 'not_found');
      await refused(nango.triggerAction('acme', 'none', 'create'), 400, 'unknown_connection');
      await refused(nango.triggerActionAsync('acme', id, 'create'), 404, 'not_found');
      const missing = 'd0c5ec2e-0000-4000-8000-000000000000';
      await refused(nango.getAsyncActionResult({ id: missing }), 404, 'not_found');
      await refused(nango.getAsyncActionResult({ statusUrl: `/action/${missing}` }), 404, 'not_found');
      await refused(nango.getAsyncActionResult({ id: 'no-uuid' }), 400, 'invalid_uri_params');
    });

    it('has no scripts, and the variables of the environment', async () => {
      assert.deepEqual(await nango.getScriptsConfig(), []);
      assert.deepEqual(await nango.getEnvironmentVariables(), [
        { name: 'REGION', value: 'eu' },
        { name: 'TIER', value: 'gold' },
      ]);
    });
  });

  describe('webhooks', () => {
    it('are believed with the signing key, and with no other', async () => {
      const { id, user } = await connected('slack', { tags: { note: 'Zoë ☕' } });
      await emulator.call('POST', '/_emulator/revoke', { integration: 'slack', connection_id: id });
      const about = (body) => body.connectionId === id;
      const all = await emulator.world.hooksWhere(about, 2);
      const summary = all
        .map(({ body }) => JSON.parse(body))
        .map((hook) => [hook.from, hook.operation, hook.success, hook.environment]);
      assert.deepEqual(summary, [
        ['nango', 'creation', true, 'sdk'],
        ['nango', 'refresh', false, 'sdk'],
      ]);
      assert.equal(JSON.parse(all[0].body).tags.end_user_id, user);
      const strangers = [
        client({ host: emulator.url, apiKey: API_KEY }),
        client({ host: emulator.url, secretKey: API_KEY }),
        client({ host: emulator.url, apiKey: API_KEY, webhookSigningKey: API_KEY }),
      ];
      for (const { body, headers } of all) {
        assert.equal(nango.verifyIncomingWebhookRequest(body, headers), true);
        for (const stranger of strangers) assert.equal(stranger.verifyIncomingWebhookRequest(body, headers), false);
        for (const at of [0, body.length >> 1, body.length - 1]) {
          const changed = body.slice(0, at) + String.fromCharCode(body.charCodeAt(at) ^ 1) + body.slice(at + 1);
          assert.equal(nango.verifyIncomingWebhookRequest(changed, headers), false);
        }
        assert.equal(nango.verifyIncomingWebhookRequest(`${body} `, headers), false);
        const signature = headers['x-nango-hmac-sha256'];
        const other = (signature[0] === '0' ? '1' : '0') + signature.slice(1);
        assert.equal(nango.verifyIncomingWebhookRequest(body, { ...headers, 'x-nango-hmac-sha256': other }), false);
        const { 'x-nango-hmac-sha256': _, ...unsigned } = headers;
        assert.equal(nango.verifyIncomingWebhookRequest(body, unsigned), false);
      }
    });

    it('carry the older signature, too', async () => {
      const { id } = await connected();
      const [{ body, headers }] = await emulator.world.hooksWhere((hook) => hook.connectionId === id);
      const signature = headers['x-nango-signature'];
      assert.equal(nango.verifyWebhookSignature(signature, JSON.parse(body)), true);
      assert.equal(nango.verifyWebhookSignature(signature, { ...JSON.parse(body), success: false }), false);
    });

    it('can be forged on request, and are not believed then', async () => {
      await emulator.call('POST', '/_emulator/webhooks', { action: 'forge' });
      const { id } = await connected();
      const [{ body, headers }] = await emulator.world.hooksWhere((hook) => hook.connectionId === id);
      assert.equal(nango.verifyIncomingWebhookRequest(body, headers), false);
    });
  });

  it('tells who may not', async () => {
    const nobody = client({ host: emulator.url, apiKey: 'd0c5ec2e-0000-4000-8000-0000000000ff' });
    await refused(nobody.listConnections(), 401, 'unknown_account');
  });

  it('was used with each of its methods', () => {
    assert.deepEqual(sorted(METHODS.filter((name) => !used.has(name))), []);
    assert.ok(METHODS.length >= 47, `${METHODS.length} methods`);
  });
});
