import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { emulator, nango, refused, someone } from './sdk.mjs';

describe('the Node SDK: integrations', { timeout: 60_000 }, () => {
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
