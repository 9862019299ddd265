// Every method of Nango's Node SDK, as it is on the registry, against the emulator.

import assert from 'node:assert/strict';
import { after, it } from 'node:test';

import { METHODS, client, emulator, refused, sorted, used } from './node/sdk.mjs';
import './node/providers.mjs';
import './node/integrations.mjs';
import './node/sessions.mjs';
import './node/connections.mjs';
import './node/proxy.mjs';
import './node/functions.mjs';
import './node/webhooks.mjs';

after(() => emulator.stop());

it('tells who may not', async () => {
  const nobody = client({ host: emulator.url, apiKey: 'd0c5ec2e-0000-4000-8000-0000000000ff' });
  await refused(nobody.listConnections(), 401, 'unknown_account');
});

it('was used with each of its methods', () => {
  assert.deepEqual(sorted(METHODS.filter((name) => !used.has(name))), []);
  assert.ok(METHODS.length >= 47, `${METHODS.length} methods`);
});
