import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { connected, emulator, nango, refused, someone } from './sdk.mjs';

describe('the Node SDK: sessions', { timeout: 60_000 }, () => {
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
