import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { API_KEY } from '../rig.mjs';
import { client, connected, emulator, nango } from './sdk.mjs';

describe('the Node SDK: webhooks', { timeout: 60_000 }, () => {
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
