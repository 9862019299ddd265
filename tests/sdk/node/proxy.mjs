import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { API_KEY, GOOD_KEY } from '../rig.mjs';
import { client, connected, emulator, nango, refused } from './sdk.mjs';

describe('the Node SDK: the proxy', { timeout: 60_000 }, () => {
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
