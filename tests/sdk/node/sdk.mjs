// The Node SDK unchanged, an emulator for it, and what all its tests need.

import assert from 'node:assert/strict';

import { Nango } from '@nangohq/node';

import { API_KEY, Emulator, SIGNING_KEY } from '../rig.mjs';

const PRIVATE = [
  'constructor',
  '_triggerAction',
  '_verifyWebhookSignatureImpl',
  'getConnectionDetails',
  'enrichHeaders',
];
export const METHODS = Object.getOwnPropertyNames(Nango.prototype).filter((name) => !PRIVATE.includes(name));
export const used = new Set();

/** The SDK unchanged, with a list of what these tests called. */
export function client(props) {
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

export async function refused(promise, status, code) {
  await assert.rejects(promise, (error) => {
    assert.deepEqual([error.response?.status, error.response?.data?.error?.code], [status, code], error.message);
    return true;
  });
}

export const sorted = (list) => [...list].sort();

export const emulator = await Emulator.start();
export const nango = client({ host: emulator.url, apiKey: API_KEY, webhookSigningKey: SIGNING_KEY });
let people = 0;

/** A person of their own for each test. */
export const someone = () => `person-${(people += 1)}`;

export async function connected(integration = 'acme', session = {}) {
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
