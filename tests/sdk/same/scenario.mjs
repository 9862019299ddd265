// Each method of the Node SDK once, or once for each of its forms. `tests/src/bin/every_method` has the same steps with our client.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { SIGNING_KEY } from '../rig.mjs';

/** A cursor that names a record which does not exist: to Nango a cursor is a position. */
const CURSOR = Buffer.from('2026-01-02T03:04:05.678901+00:00||0198c0de-0000-7000-8000-000000000000').toString('base64');

const APP = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret', scopes: 'a,b' };
const HOOK = 'https://app.example.com/nango';
const MAIN = ['acme', 'main'];
const MAIN_KEYS = { provider_config_key: 'acme', connection_id: 'main' };
const MAIN_IDS = { providerConfigKey: 'acme', connectionId: 'main' };
const VARIANT = { ...MAIN_KEYS, name: 'contacts', variant: 'mine' };
const echo = (more) => ({ ...MAIN_IDS, endpoint: '/echo', ...more });

/** The steps: the method, what sets one of its forms apart, and the call. */
export const STEPS = [
  ['listProviders', '', (nango) => nango.listProviders({ search: 'acm' })],
  ['getProvider', '', (nango) => nango.getProvider({ provider: 'acme' })],
  ['getProviderTemplates', '', (nango) => nango.getProviderTemplates({ provider: 'acme' })],

  ['createIntegration', '', (nango) =>
    nango.createIntegration({ provider: 'hubspot', unique_key: 'crm', display_name: 'CRM', credentials: APP })],
  ['createQuickstartIntegration', '', (nango) =>
    nango.createQuickstartIntegration({ provider: 'slack', unique_key: 'quick', display_name: 'Quick' })],
  ['listIntegrations', '', (nango) => nango.listIntegrations()],
  ['getIntegration', '', (nango) => nango.getIntegration({ uniqueKey: 'crm' })],
  ['getIntegration', 'with both includes', (nango) =>
    nango.getIntegration({ uniqueKey: 'crm' }, { include: ['webhook', 'credentials'] })],
  ['updateIntegration', '', (nango) =>
    nango.updateIntegration({ uniqueKey: 'crm' }, { unique_key: 'crm-2', display_name: 'CRM 2', forward_webhooks: false })],
  ['deleteIntegration', '', (nango) => nango.deleteIntegration('crm-2')],

  ['createConnectSession', '', (nango) =>
    nango.createConnectSession({
      tags: { end_user_id: 'u-1', plan: 'Pro' },
      allowed_integrations: ['acme', 'slack'],
      integrations_config_defaults: {
        slack: { user_scopes: 'chat:write', authorization_params: { prompt: 'x' }, connection_config: { region: 'eu' } },
      },
      webhook_url_override: HOOK,
    })],
  ['createConnectSession', 'for all integrations', (nango) => nango.createConnectSession({ tags: { end_user_id: 'u-1' } })],
  ['createReconnectSession', '', (nango) =>
    nango.createReconnectSession({ connection_id: 'main', integration_id: 'acme', tags: { end_user_id: 'u-1' } })],

  ['listConnections', '', (nango) =>
    nango.listConnections({ tags: { end_user_id: 'u-main' }, integrationId: ['acme', 'slack'], limit: 50, page: 1 })],
  ['listConnections', 'without a page', (nango) => nango.listConnections({ connectionId: 'main' })],
  ['listConnections', 'by search', (nango) => nango.listConnections(undefined, 'mai', { limit: 5 })],
  ['waitForConnection', '', (nango) => nango.waitForConnection('acme', 'ada')],
  ['getConnection', '', (nango) => nango.getConnection(...MAIN)],
  ['getConnection', 'with each option', (nango) => nango.getConnection('slack', 'work', true, true, true)],
  ['getConnection', 'with a slash in its id', (nango) => nango.getConnection('acme', 'team/7'), 'fails'],
  ['getToken', '', (nango) => nango.getToken('slack', 'work')],
  ['getRawTokenResponse', '', (nango) => nango.getRawTokenResponse('slack', 'work')],
  ['patchConnection', '', (nango) =>
    nango.patchConnection({ connectionId: 'main', provider_config_key: 'acme' }, { tags: { plan: 'Pro' }, webhook_url_override: '' })],
  ['setMetadata', '', (nango) => nango.setMetadata('acme', 'main', { a: 1, b: { c: [2] } })],
  ['setMetadata', 'of several', (nango) => nango.setMetadata('acme', ['main', 'other'], { a: 1 })],
  ['updateMetadata', '', (nango) => nango.updateMetadata('acme', 'main', { b: null })],
  ['updateMetadata', 'of several', (nango) => nango.updateMetadata('acme', ['main', 'other'], { b: 3 })],
  ['getMetadata', '', (nango) => nango.getMetadata(...MAIN)],

  ['createSyncVariant', '', (nango) => nango.createSyncVariant(VARIANT)],
  ['triggerSync', '', (nango) => nango.triggerSync('acme', ['contacts', { name: 'contacts', variant: 'mine' }], 'main')],
  ['triggerSync', 'with a reset', (nango) => nango.triggerSync('acme', ['contacts'], 'main', { reset: true, emptyCache: true })],
  ['triggerSync', 'of all, everywhere', (nango) => nango.triggerSync('acme')],
  ['startSync', '', (nango) => nango.startSync('acme', ['contacts'], 'main')],
  ['pauseSync', '', (nango) => nango.pauseSync('acme', ['contacts'])],
  ['syncStatus', '', (nango) => nango.syncStatus('acme', ['contacts', { name: 'contacts', variant: 'mine' }], 'main')],
  ['syncStatus', 'of all, everywhere', (nango) => nango.syncStatus('acme', '*')],
  ['updateSyncConnectionFrequency', '', (nango) =>
    nango.updateSyncConnectionFrequency('acme', { name: 'contacts', variant: 'mine' }, 'main', 'every half day')],
  ['updateSyncConnectionFrequency', 'back to the first', (nango) =>
    nango.updateSyncConnectionFrequency('acme', 'contacts', 'main', null)],
  ['deleteSyncVariant', '', (nango) => nango.deleteSyncVariant(VARIANT)],

  ['listRecords', '', (nango) =>
    nango.listRecords({
      ...MAIN_IDS, model: 'Contact', variant: 'base', modifiedAfter: '2026-01-02T03:04:05.678Z', limit: 5, filter: 'added',
      cursor: CURSOR, ids: ['1', '2'],
    })],
  ['listRecords', 'without options', (nango) => nango.listRecords({ ...MAIN_IDS, model: 'Contact' })],
  ['pruneRecords', '', (nango) =>
    nango.pruneRecords({ ...MAIN_IDS, model: 'Contact', untilCursor: CURSOR, limit: 10, variant: 'base' })],

  ['listFunctions', '', (nango) => nango.listFunctions({ uniqueKey: 'acme' }, { type: 'sync', search: 'con', page: 1, limit: 5 })],
  ['listFunctions', 'without options', (nango) => nango.listFunctions({ uniqueKey: 'acme' })],
  ['getFunction', '', (nango) => nango.getFunction({ uniqueKey: 'acme', name: 'contacts' })],
  ['getFunctionCode', '', (nango) => nango.getFunctionCode({ uniqueKey: 'acme', name: 'greet' }, { type: 'action' })],
  ['deleteFunction', '', (nango) => nango.deleteFunction({ uniqueKey: 'acme', name: 'greet' }, { type: 'action' }), 'fails'],
  ['getScriptsConfig', '', (nango) => nango.getScriptsConfig()],
  ['getScriptsConfig', 'for OpenAI', (nango) => nango.getScriptsConfig('openai')],
  ['getEnvironmentVariables', '', (nango) => nango.getEnvironmentVariables()],

  ['triggerAction', '', (nango) => nango.triggerAction(...MAIN, 'greet', { name: 'Zoë' })],
  ['triggerAction', 'without input', (nango) => nango.triggerAction(...MAIN, 'greet')],
  ['triggerActionAsync', '', async (nango, state) => {
    state.started = await nango.triggerActionAsync(...MAIN, 'greet', { name: 'Zoë' });
  }],
  ['getAsyncActionResult', '', (nango, { started }) => nango.getAsyncActionResult({ id: started.id })],

  ['proxy', '', (nango, { elsewhere }) =>
    nango.proxy(echo({
      method: 'REPORT', data: { depth: 1 }, params: { q: 'a b', page: '2' }, headers: { 'X-Trace': 'one' }, retries: 2,
      retryOn: [404, 409], baseUrlOverride: elsewhere, decompress: true, forwardHeadersOnRedirect: true,
    }))],
  ['get', '', (nango) => nango.get(echo({ params: '?q=1&q=2' }))],
  ['post', '', (nango) => nango.post(echo({ data: { x: [1, 'é'] } }))],
  ['put', '', (nango) => nango.put(echo({ data: { x: 1 } }))],
  ['patch', '', (nango) => nango.patch(echo({ data: { x: 1 } }))],
  ['delete', '', (nango) => nango.delete(echo({ data: { x: 1 } }))],

  ['verifyIncomingWebhookRequest', '', (nango) => {
    const body = '{"from":"nango","type":"auth"}';
    const signature = createHmac('sha256', SIGNING_KEY).update(body).digest('hex');
    assert.equal(nango.verifyIncomingWebhookRequest(body, { 'X-Nango-Hmac-Sha256': signature }), true);
    assert.equal(nango.verifyIncomingWebhookRequest(`${body} `, { 'X-Nango-Hmac-Sha256': signature }), false);
  }],
  ['deleteConnection', '', (nango) => nango.deleteConnection('acme', 'other')],
];

export const nameOf = ([method, form]) => (form ? `${method}, ${form}` : method);
