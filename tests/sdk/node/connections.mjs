import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { API_KEY, GOOD_KEY } from '../rig.mjs';
import { connected, emulator, nango, refused, someone } from './sdk.mjs';

describe('the Node SDK: connections', { timeout: 60_000 }, () => {
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
