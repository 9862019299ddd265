// Starts the emulator, and what is around it: a provider, a receiver of webhooks, a page that embeds the frontend SDK.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Program, freePorts } from '../browser/rig.mjs';

export const ROOT = resolve(import.meta.dirname, '../..');
export const EMULATOR = resolve(ROOT, process.env.NANGO_EMULATOR_BIN ?? 'target/debug/nango-emulator');
const FRONTEND = join(import.meta.dirname, 'node_modules/@nangohq/frontend/dist');

// The emulator's keys are fixed, documented and for development only.
export const API_KEY = 'd0c5ec2e-0000-4000-8000-00000000a001';
export const SIGNING_KEY = 'd0c5ec2e-0000-4000-8000-00000000a002';

/** What the provider below honours. */
export const GOOD_KEY = 'good-key';

const PAGE = `<!doctype html>
<html lang="en"><head><title>An application</title><link rel="icon" href="data:,"></head>
<body><h1>An application</h1>
<script type="module">
  import Nango from '/sdk/index.js';
  window.Nango = Nango;
  document.body.dataset.ready = 'yes';
</script>
</body></html>`;

/** Everything that is not Nango: the provider's API, the webhook's receiver, and the application's page. */
class World {
  hooks = [];
  calls = [];

  static async start() {
    const world = new World();
    world.server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () =>
        world.#answer(request, Buffer.concat(chunks), response).catch((error) => response.destroy(error)),
      );
    }).listen(0, '127.0.0.1');
    await once(world.server, 'listening');
    world.url = `http://127.0.0.1:${world.server.address().port}`;
    return world;
  }

  async #answer(request, body, response) {
    const { pathname } = new URL(request.url, this.url);
    const answer = (status, type, content) => response.writeHead(status, { 'content-type': type }).end(content);
    const json = (status, content) => answer(status, 'application/json', JSON.stringify(content));
    if (pathname === '/hook') {
      this.hooks.push({ headers: request.headers, body: body.toString() });
      return json(200, {});
    }
    if (pathname === '/') return answer(200, 'text/html', PAGE);
    if (pathname.startsWith('/sdk/')) {
      const file = await readFile(join(FRONTEND, pathname.slice('/sdk/'.length))).catch(() => null);
      return file ? answer(200, 'text/javascript', file) : answer(404, 'text/plain', '');
    }
    const { method, url, headers } = request;
    this.calls.push({ method, url });
    const before = this.calls.filter((call) => call.url === url).length - 1;
    switch (pathname) {
      case '/api/verify':
        return headers.authorization === `Bearer ${GOOD_KEY}`
          ? json(200, { ok: true })
          : json(401, { error: 'bad key' });
      case '/api/echo':
      case '/elsewhere/echo':
        return json(200, { method, url, headers, body: body.toString() });
      case '/api/bytes':
        return answer(200, 'application/octet-stream', Buffer.from([0, 1, 2, 255, 254]));
      case '/api/second-time':
        return before === 0 ? json(404, { error: 'not yet' }) : json(200, { attempts: before + 1 });
      case '/api/teapot':
        return response
          .writeHead(418, { 'content-type': 'application/json', 'x-brew': 'tea' })
          .end('{"short":"stout"}');
      default:
        return json(404, { error: 'no such thing' });
    }
  }

  /** Waits for the webhooks that fit, and insists on their number. */
  async hooksWhere(fits, count = 1) {
    const found = () => this.hooks.filter((hook) => fits(JSON.parse(hook.body)));
    for (let tries = 0; tries < 200 && found().length < count; tries += 1) await sleep(25);
    assert.equal(found().length, count, `webhooks: ${JSON.stringify(this.hooks.map((hook) => hook.body))}`);
    return found();
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** An emulator in a folder and on a port of its own. */
export class Emulator {
  /** Starts it, with these functions deployed. */
  static async start({ functions = [] } = {}) {
    const emulator = new Emulator();
    emulator.world = await World.start();
    try {
      emulator.folder = await mkdtemp(join(tmpdir(), 'nango-sdk-'));
      const config = join(emulator.folder, 'config.json');
      await writeFile(config, JSON.stringify({ ...configuration(emulator.world.url), functions }));
      const [port] = await freePorts(1);
      emulator.url = `http://127.0.0.1:${port}`;
      // What browsers call it, and what it therefore calls itself.
      emulator.publicUrl = `http://localhost:${port}`;
      const args = ['--listen', `127.0.0.1:${port}`, '--config', config, '--webhook-url', `${emulator.world.url}/hook`];
      const ready = (line) => line.startsWith('connect=');
      emulator.program = await Program.start(EMULATOR, args, { cwd: emulator.folder, ready });
    } catch (error) {
      await emulator.stop();
      throw error;
    }
    return emulator;
  }

  async stop() {
    this.world.close();
    try {
      await this.program?.stop();
    } finally {
      if (this.folder) await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** A call with the API key, for what the SDKs have no method for. */
  async call(method, path, body) {
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
    const reply = await fetch(this.url + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      redirect: 'manual',
    });
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${await reply.clone().text()}`);
    return reply.json();
  }

  /** What the person who has this session's token does with an API key. */
  async giveKey(token, integration, apiKey = GOOD_KEY) {
    return this.call('POST', `/api-auth/api-key/${integration}?connect_session_token=${token}`, { apiKey });
  }

  /** What a browser does in an OAuth2 flow; gives the page at its end. */
  async consent(token, integration, decision = 'allow') {
    const step = async (url, init) => {
      const reply = await fetch(url, { redirect: 'manual', ...init });
      assert.equal(reply.status, 302, `${url}: ${await reply.clone().text()}`);
      return reply.headers.get('location').replace(this.publicUrl, this.url);
    };
    const authorize = await step(`${this.url}/oauth/connect/${integration}?connect_session_token=${token}`);
    const { searchParams, pathname } = new URL(authorize);
    const body = new URLSearchParams([...searchParams, ['decision', decision]]);
    const callback = await step(this.url + pathname.replace(/authorize$/, 'decision'), { method: 'POST', body });
    return fetch(callback);
  }
}

function configuration(world) {
  const acme = {
    display_name: 'Acme',
    categories: ['dev-tools'],
    auth_mode: 'API_KEY',
    proxy: {
      base_url: `${world}/api`,
      headers: { authorization: 'Bearer ${apiKey}' },
      verification: { method: 'GET', endpoints: ['/verify'] },
    },
    docs: `${world}/docs`,
    credentials: { apiKey: { type: 'string', title: 'Acme key', description: 'From your settings' } },
  };
  const same = (id) => ({ unique_key: id, provider: id });
  return {
    environment: { name: 'sdk', uuid: 'd0c5ec2e-0000-4000-8000-00000000e00e' },
    environment_variables: { REGION: 'eu', TIER: 'gold' },
    providers: { acme },
    integrations: [
      ...['slack', 'hubspot', 'openai', 'freshdesk', 'acme'].map(same),
      { unique_key: 'open', provider: 'unauthenticated' },
    ],
  };
}
