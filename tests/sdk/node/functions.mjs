import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { connected, nango, refused } from './sdk.mjs';

describe('the Node SDK: what functions would do', { timeout: 60_000 }, () => {
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
