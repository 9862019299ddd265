import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { API_KEY } from '../rig.mjs';
import { connectionsOf, emulator, onPage, session } from './page.mjs';

/** Sends requests from a frame without an origin, which is another site to everything. */
function fromAnotherSite(page, requests) {
  return page.evaluate(async (given) => {
    const script = `(async () => {
      const outcomes = [];
      for (const { url, ...init } of ${JSON.stringify(given)}) {
        outcomes.push(await fetch(url, init).then((reply) => reply.status, () => 'unreadable'));
      }
      parent.postMessage({ outcomes }, '*');
    })()`;
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts';
    frame.srcdoc = `<script>${script}</${'script'}>`;
    const done = new Promise((resolve) => {
      addEventListener('message', ({ data }) => data.outcomes && resolve(data.outcomes));
    });
    document.body.append(frame);
    return done;
  }, requests);
}

describe('a page of another site', { timeout: 60_000 }, () => {
  it('reads and changes nothing with the published key, and connects with a session token', async () => {
    await onPage(
      async (page) => {
        const { user, token } = await session(['openai']);
        const url = (path) => emulator.publicUrl + path;
        const headers = { authorization: `Bearer ${API_KEY}` };
        const json = { 'content-type': 'application/json' };
        const body = JSON.stringify({ provider_config_key: 'openai', connection_id: 'planted' });
        const connect = url(`/api-auth/api-key/openai?connect_session_token=${token}`);
        const outcomes = await fromAnotherSite(page, [
          { url: url('/connections'), headers },
          { url: url('/connections'), method: 'POST', headers: { ...headers, ...json }, body },
          { url: url('/_emulator/deliveries') },
          { url: url('/_emulator/reset'), method: 'POST', mode: 'no-cors' },
          { url: url('/connect/session'), headers: { authorization: `Bearer ${token}` } },
          { url: connect, method: 'POST', headers: json, body: '{"apiKey":"any"}' },
        ]);
        const unreadable = 'unreadable';
        // The status of a reply without CORS is hidden: 0.
        assert.deepEqual(outcomes, [unreadable, unreadable, unreadable, 0, 200, 200]);
        assert.equal((await connectionsOf(user)).length, 1, 'the reset was refused');
      },
      [/CORS policy/, /status of 403/, /ERR_FAILED/],
    );
  });
});
