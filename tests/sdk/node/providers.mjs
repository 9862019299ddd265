import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { API_KEY } from '../rig.mjs';
import { emulator, nango, refused } from './sdk.mjs';

describe('the Node SDK: providers', { timeout: 60_000 }, () => {
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
