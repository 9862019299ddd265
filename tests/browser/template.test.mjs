// The app to start from, as its README has it run: from the commands to a connection that breaks and is authorised again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { agree, closes } from './connect-ui.mjs';
import { Program, ROOT, freePorts, openBrowser, opens, visitor } from './rig.mjs';

const APP = resolve(ROOT, process.env.TEMPLATE_BIN ?? 'target/debug/app');
const EMULATOR = resolve(ROOT, process.env.EMULATOR_BIN ?? 'target/debug/nango-emulator');
const SERVER = process.env.NANGO_TEST_POSTGRES_URL;
// Where services are required, a test without its own runs and fails.
const skip = SERVER || process.env.NANGO_TEST_REQUIRE_SERVICES ? false : 'NANGO_TEST_POSTGRES_URL is not set';

describe('the app to start from', { skip, timeout: 120_000 }, () => {
  const name = `template_browser_${process.pid}`;
  const sql = (statement) => execFileSync('psql', [SERVER, '--quiet', '--command', statement], { stdio: 'pipe' });
  let nango = null;
  let app = null;
  let browser = null;
  let emulator = null;

  before(async () => {
    const [port, other] = await freePorts(2);
    const url = `http://127.0.0.1:${port}`;
    emulator = `http://127.0.0.1:${other}`;
    const args = ['--listen', `127.0.0.1:${other}`, '--webhook-url', `${url}/nango/webhook`];
    args.push('--callback-url', `${url}/nango/oauth-callback`);
    nango = await Program.start(EMULATOR, args, { ready: (line) => line.startsWith('connect=') });
    const printed = (key) => nango.output.match(new RegExp(`^${key}=(.*)$`, 'm'))[1];
    sql(`CREATE DATABASE ${name}`);
    const database = new URL(SERVER);
    database.pathname = name;
    const env = {
      DATABASE_URL: database.href,
      LISTEN: `127.0.0.1:${port}`,
      PUBLIC_URL: url,
      MAIL_FROM: 'app@example.com',
      SMTP_URL: 'smtp://127.0.0.1:9',
      NANGO_HOST: emulator,
      NANGO_PUBLIC_CONNECT_URL: printed('connect'),
      NANGO_SECRET_KEY: printed('secret_key'),
      NANGO_WEBHOOK_SIGNING_KEY: printed('webhook_signing_key'),
    };
    execFileSync(APP, ['migrate'], { env, stdio: 'pipe' });
    execFileSync(APP, ['add-user', 'alice@example.com'], { env, input: 'a long password\n' });
    app = await Program.start(APP, [], { env, ready: (line) => line === `ready ${url}` });
    app.url = url;
    browser = await openBrowser();
  });

  after(async () => {
    await browser?.close();
    await app?.stop();
    await nango?.stop();
    sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });

  it('connects, notices the end, reconnects and disconnects', async () => {
    const { context, page, check } = await visitor(browser, {
      // The answer to a wrong password.
      expected: [/401 \(Unauthorized\).*\/login/],
    });
    await page.goto(app.url);
    await page.getByLabel('E-mail address').fill('alice@example.com');
    await page.getByLabel('Password').fill('a wrong password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: 'is not right' }).waitFor();
    await page.getByLabel('E-mail address').fill('alice@example.com');
    await page.getByLabel('Password').fill('a long password');
    await page.getByRole('button', { name: 'Log in' }).click();
    const row = (text) => page.getByRole('listitem').filter({ hasText: text });

    const window = await opens(page, () => page.getByRole('button', { name: 'Connect Slack' }).click());
    await agree(window, window);
    await closes(window);
    await row('Slack works').waitFor();
    assert.equal(await page.getByRole('status').textContent(), 'Connected.');

    const reply = await fetch(`${emulator}/_emulator/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ integration: 'slack' }),
    });
    assert.equal(reply.status, 200);
    await page.getByRole('button', { name: 'Check' }).click();
    await row('Slack has to be reconnected').waitFor();

    const again = await opens(page, () => page.getByRole('button', { name: 'Reconnect' }).click());
    await agree(again, again);
    await closes(again);
    await row('Slack works').waitFor();

    await page.getByRole('button', { name: 'Disconnect' }).click();
    await row('Slack').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await context.close();
    check();
  });
});
