// Starts the quickstart in an empty folder and a browser that reaches nothing but this machine.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const ROOT = resolve(import.meta.dirname, '../..');
const QUICKSTART = resolve(ROOT, process.env.QUICKSTART_BIN ?? 'target/debug/quickstart');
const EMULATOR = resolve(ROOT, process.env.EMULATOR_BIN ?? 'target/debug/nango-emulator');
const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';

/** Ports that were free a moment ago. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

// The keys of an emulator beside the app are fixed, documented and for development only.
const API_KEY = 'd0c5ec2e-0000-4000-8000-00000000a001';
const SIGNING_KEY = 'd0c5ec2e-0000-4000-8000-00000000a002';

/** A program of ours that runs until it is stopped. */
export class Program {
  output = '';

  /** Starts it, and waits for the line that says it is ready. */
  static async start(file, args, { cwd, env = {}, ready }) {
    const program = new Program();
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('NANGO_'));
    const child = spawn(file, args, {
      cwd,
      env: { ...Object.fromEntries(clean), ...env, RUST_LOG: 'trace' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    program.child = child;
    const ended = once(child, 'close');
    child.stderr.on('data', (bytes) => (program.output += bytes));
    child.stdout.on('data', (bytes) => (program.output += bytes));
    const isReady = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        if (ready(line)) return;
      }
      await ended;
      throw new Error(`it ended before it was ready, with ${child.exitCode ?? child.signalCode}:\n${program.output}`);
    })();
    try {
      // What cannot be started at all ends with an error.
      await within(20_000, Promise.race([isReady, ended.then(() => isReady)]), `${file} to be ready`);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return program;
  }

  /** Asks it to stop, as Ctrl-C does, and insists that it stops well. */
  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGINT');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    const [code] = await gone;
    clearTimeout(late);
    assert.equal(code, 0, `it did not stop well:\n${this.output.slice(-2000)}`);
  }

  /** Ends it with no chance to do anything more. */
  async kill() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}

/**
 * The app with a folder and ports of its own. It has its own Nango in it, or one beside it that goes on when the app is
 * away. It may be stopped and started again and again.
 */
export class App {
  #program = null;
  #beside = null;
  #past = '';

  static async in({ args = [], nangoBeside = false } = {}) {
    const app = new App();
    const [port, nango] = await freePorts(2);
    app.folder = await mkdtemp(join(tmpdir(), 'quickstart-'));
    app.url = `http://127.0.0.1:${port}`;
    app.nango = `http://127.0.0.1:${nango}`;
    app.args = ['--listen', `127.0.0.1:${port}`, ...args];
    app.env = {};
    if (nangoBeside) {
      const callback = ['--callback-url', `${app.url}/nango/oauth-callback`];
      const urls = ['--webhook-url', `${app.url}/nango/webhook`, ...callback];
      app.args.push(...callback);
      app.#beside = await Program.start(EMULATOR, ['--listen', `127.0.0.1:${nango}`, ...urls], {
        cwd: app.folder,
        ready: (line) => line.startsWith('connect='),
      });
      app.env = { NANGO_HOST: app.nango, NANGO_SECRET_KEY: API_KEY, NANGO_WEBHOOK_SIGNING_KEY: SIGNING_KEY };
    } else {
      app.args.push('--emulator', `127.0.0.1:${nango}`);
    }
    await app.start();
    return app;
  }

  async start() {
    this.#past = this.output;
    const ready = (line) => line === `ready ${this.url}`;
    this.#program = await Program.start(QUICKSTART, this.args, { cwd: this.folder, env: this.env, ready });
  }

  /** Everything that it has ever written. */
  get output() {
    return this.#past + (this.#program?.output ?? '');
  }

  stop() {
    return this.#program.stop();
  }

  kill() {
    return this.#program.kill();
  }

  async remove() {
    await this.#program?.stop();
    await this.#beside?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The keys of Nango: the app draws those of the one inside of it. */
  async keys() {
    if (this.#beside) return { api_key: API_KEY, webhook_signing_key: SIGNING_KEY };
    return JSON.parse(await readFile(join(this.folder, 'quickstart.db.emulator.keys.json'), 'utf8'));
  }

  /** What Nango knows: not for the eyes of a browser. */
  async connections() {
    const { api_key } = await this.keys();
    const reply = await fetch(`${this.nango}/connections`, { headers: { authorization: `Bearer ${api_key}` } });
    return (await reply.json()).connections;
  }

  /** A control endpoint of the emulator. */
  async control(path, body) {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${this.nango}/_emulator/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(reply.status, 200, await reply.text());
  }

  /** The provider ends what it allowed, and Nango notices. */
  async revoke(integration) {
    const [{ connection_id }] = (await this.connections()).filter((one) => one.provider_config_key === integration);
    await this.control('revoke', { integration, connection_id });
  }

  /** What no log line and no reply may hold. */
  async secrets() {
    const state = await readFile(join(this.folder, 'quickstart.db.emulator.json'), 'utf8');
    const ids = (await this.connections()).map((one) => one.connection_id);
    const sessions = state.match(/nango_connect_session_\w+/g) ?? [];
    const tokens = Object.values(JSON.parse(state).grants).flatMap((grant) => (Array.isArray(grant) ? grant : Object.keys(grant)));
    assert.ok(ids.length > 0 && sessions.length > 0, 'there is something to look for');
    const keys = Object.values(await this.keys());
    return { ids, sessions, credentials: [...keys, 'any-key-will-do', ...tokens.filter((one) => one.length > 8)] };
  }
}

/**
 * A browser whose every look-up of a name fails. `thirdPartyCookies` allows or blocks cookies, and all storage, of pages in
 * the frame of another site; without it the browser's default holds. `noCookies` blocks those of all pages.
 */
export async function openBrowser({ thirdPartyCookies, noCookies = false } = {}) {
  const options = { executablePath: CHROMIUM, args: FLAGS };
  if (thirdPartyCookies === undefined && !noCookies) return chromium.launch(options);
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  await mkdir(join(folder, 'Default'));
  const profile = noCookies
    ? { default_content_setting_values: { cookies: 2 } }
    : { cookie_controls_mode: thirdPartyCookies ? 0 : 1, block_third_party_cookies: !thirdPartyCookies };
  await writeFile(join(folder, 'Default/Preferences'), JSON.stringify({ profile }));
  const context = await chromium.launchPersistentContext(folder, options);
  const browser = context.browser();
  return {
    newContext: (more) => browser.newContext(more),
    ownContext: context,
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** What a browser complains of while the app is away: nothing listens, or the question that was held has broken off. */
export const AWAY = /ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)/;

/** A person's browser: cookies of its own, and a list of everything that went wrong in any of its windows. */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15_000);
  const wrong = [];
  context.on('weberror', (event) => wrong.push(String(event.error())));
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      wrong.push(`${message.text()} (${message.location().url})`);
    }
  });
  // No name can be looked up here: the SDK from its public address is the one thing that may fail.
  const expected = [/ERR_NAME_NOT_RESOLVED.*@nangohq\/frontend/, ...(options.expected ?? [])];
  const replies = [];
  context.on('response', (response) => {
    const { pathname, origin } = new URL(response.url());
    if (/\/nango\/|^\/me$/.test(pathname)) {
      // A window that was closed takes its last replies along.
      replies.push(response.text().catch(() => '').then((text) => ({ origin, pathname, text })));
    }
  });
  const check = () => {
    const unexpected = wrong.filter((text) => !expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, [], 'the browser complained');
  };
  return { context, page: await context.newPage(), replies, check };
}

/** Clicks, and hands back the window that opens. */
export async function opens(page, click) {
  const [popup] = await Promise.all([page.context().waitForEvent('page'), click()]);
  await popup.waitForLoadState();
  return popup;
}

async function within(milliseconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
