// One person begins to connect, and sends the provider's link to another. With a guarded callback the code of that other
// person never reaches Nango, except in a browser that has begun an attempt of its own: SECURITY.md says so.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import { describe, it } from 'node:test';

import { toConsent } from './connect-ui.mjs';
import { assertLegible } from './legible.mjs';
import { logIn, screenshot, tile, waitForState } from './page.mjs';
import { App, openBrowser, opens, visitor } from './rig.mjs';
import { suite } from './suite.mjs';

const REFUSED = 'This connection was not started in this browser';
const COOKIE = 'nango_attempt';

/** The attacker begins to connect Slack, and copies the address of the provider's page. */
async function copyLink(browser, app) {
  const { context, page } = await visitor(browser);
  await logIn(page, app, 'bob');
  const consent = await toConsent(await opens(page, () => tile(page, 'slack').click()));
  const link = consent.url();
  await context.close();
  return link;
}

/** The victim follows the link, and allows what the provider asks. Returns whether Nango got the code. */
async function follow(page, app, link) {
  let passedOn = false;
  page.on('request', (request) => (passedOn ||= request.url().startsWith(`${app.nango.replace('127.0.0.1', 'localhost')}/oauth/callback`)));
  await page.goto(link);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(/\/(oauth-callback|oauth\/callback)\?/);
  return passedOn;
}

/** A session that the page of the logged-in person begins: its attempt, and the cookie that came with it. */
async function begin(page) {
  const reply = await page.evaluate(async () => (await fetch('/nango/session-token', { method: 'POST' })).json());
  const cookies = await page.context().cookies();
  return { attempt: reply.attempt, cookie: cookies.find((one) => one.name === COOKIE)?.value };
}

function plant(page, app, value) {
  return page.context().addCookies([{ name: COOKIE, value, url: app.url, httpOnly: true, sameSite: 'Lax' }]);
}

suite('the link of another person', {}, (shared) => {
  const expected = [/status of 403/, /favicon\.ico/];

  /** The attack on a victim whose browser was prepared. */
  async function attack(prepare) {
    const [link, known] = [await copyLink(shared.browser, shared.app), (await shared.app.connections()).length];
    const { context, page, check } = await visitor(shared.browser, { expected });
    await prepare(page);
    const passedOn = await follow(page, shared.app, link);
    const refused = await page.getByRole('heading', { name: REFUSED }).isVisible();
    await context.close();
    check();
    const landed = (await shared.app.connections()).length > known;
    assert.equal(landed, passedOn, 'the account lands where the code goes');
    assert.equal(refused, !passedOn, 'the victim reads why');
    return passedOn ? 'passes' : 'refused';
  }

  it('is refused in a browser that has never been at the app, with words', async () => {
    const link = await copyLink(shared.browser, shared.app);
    for (const [size, viewport] of [['wide', { width: 1280, height: 800 }], ['phone', { width: 390, height: 844 }]]) {
      const { context, page, check } = await visitor(shared.browser, { viewport, expected });
      assert.equal(await follow(page, shared.app, link), false);
      await page.getByText('it would have connected your account to theirs').waitFor();
      await assertLegible(page, 'refused');
      await screenshot(page, `refused-${size}-light`);
      await context.close();
      check();
    }
    assert.deepEqual(await shared.app.connections(), []);
  });

  it('is refused to a victim who is logged in and has begun nothing', async () => {
    assert.equal(await attack((page) => logIn(page, shared.app, 'alice')), 'refused');
  });

  it('is refused with a forged cookie', async () => {
    assert.equal(await attack((page) => plant(page, shared.app, 'A'.repeat(88))), 'refused');
  });

  it('is refused with the attempt that the page can read in place of the cookie', async () => {
    const pasted = await attack(async (page) => {
      await logIn(page, shared.app, 'alice');
      const { attempt } = await begin(page);
      await plant(page, shared.app, attempt);
    });
    assert.equal(pasted, 'refused');
  });

  it('is refused with the cookie of another app', async () => {
    const other = await App.in();
    const outcome = await attack(async (page) => {
      await logIn(page, other, 'alice');
      const { cookie } = await begin(page);
      await plant(page, shared.app, cookie);
    });
    await other.remove();
    assert.equal(outcome, 'refused');
  });

  it('is refused with cookies blocked', async () => {
    const link = await copyLink(shared.browser, shared.app);
    const strict = await openBrowser({ noCookies: true });
    const page = await strict.ownContext.newPage();
    await page.goto(shared.app.url);
    await page.getByRole('button', { name: /^Alice/ }).click();
    await page.getByRole('heading', { name: 'Sign in to Quickstart' }).waitFor(); // There is no login, either.
    assert.equal(await follow(page, shared.app, link), false);
    await page.getByRole('heading', { name: REFUSED }).waitFor();
    await strict.close();
  });

  it('passes in a browser with a live attempt of its own, whoever is logged in now', async () => {
    const own = await attack(async (page) => {
      await logIn(page, shared.app, 'alice');
      await begin(page);
    });
    assert.equal(own, 'passes');
    const others = await attack(async (page) => {
      await logIn(page, shared.app, 'alice');
      await begin(page);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await logIn(page, shared.app, 'carol');
    });
    assert.equal(others, 'passes');
  });

  it('passes with a cookie that was copied from a browser with a live attempt', async () => {
    const { context, page } = await visitor(shared.browser);
    await logIn(page, shared.app, 'alice');
    const { cookie } = await begin(page);
    await context.close();
    assert.equal(await attack((other) => plant(other, shared.app, cookie)), 'passes');
  });
});

describe('the link of another person, where the callback is not guarded', { timeout: 120_000 }, () => {
  it('connects the victim’s account to the attacker', async (test) => {
    const app = await App.in({ args: ['--unguarded-callback'] });
    test.after(() => app.remove());
    const browser = await openBrowser();
    test.after(() => browser.close());
    const link = await copyLink(browser, app);
    const victim = await visitor(browser);
    assert.equal(await follow(victim.page, app, link), true);
    await victim.context.close();

    const attacker = await visitor(browser);
    await logIn(attacker.page, app, 'bob');
    await waitForState(attacker.page, 'mine', 'slack', 'healthy');
    await attacker.context.close();
  });
});

describe('an attempt that is over', { timeout: 120_000 }, () => {
  it('does not let a code pass', async (test) => {
    // Between the app and Nango, so that sessions have ended before they begin.
    const app = await App.in({ nangoBeside: true });
    test.after(() => app.remove());
    const past = await startPast(app.nango);
    test.after(() => past.stop());
    const browser = await openBrowser();
    test.after(() => browser.close());
    const own = app.env;
    const restart = async (env) => {
      await app.stop();
      app.env = env;
      await app.start();
    };

    await restart({ ...own, NANGO_HOST: past.url, NANGO_PUBLIC_SERVER_URL: app.nango });
    const { context, page } = await visitor(browser);
    await logIn(page, app, 'alice');
    const [reply] = await Promise.all([page.waitForResponse(/session-token/), begin(page)]);
    const [, value] = (await reply.headerValue('set-cookie')).match(/nango_attempt=([^;]+); .*Max-Age=0/);
    await context.close();

    await restart(own);
    const link = await copyLink(browser, app);
    const victim = await visitor(browser);
    await plant(victim.page, app, value);
    assert.equal(await follow(victim.page, app, link), false);
    await victim.page.getByRole('heading', { name: REFUSED }).waitFor();
    assert.match(app.output, /the attempts of this browser have expired/);
  });
});

/** Passes everything on to Nango, and says that sessions ended ten minutes ago. */
async function startPast(nango) {
  const server = createServer((request, response) => {
    const headers = { ...request.headers };
    const onward = forward(new URL(request.url, nango), { method: request.method, headers }, async (reply) => {
      let body = Buffer.concat(await reply.toArray());
      if (request.url === '/connect/sessions') {
        const json = JSON.parse(body);
        json.data.expires_at = new Date(Date.now() - 600_000).toISOString();
        body = Buffer.from(JSON.stringify(json));
      }
      const { 'content-length': _, 'transfer-encoding': __, ...rest } = reply.headers;
      response.writeHead(reply.statusCode, { ...rest, 'content-length': body.length });
      response.end(body);
    });
    request.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}
