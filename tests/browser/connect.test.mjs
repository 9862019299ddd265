// The quickstart from a newcomer's side: nothing but the app, its own Nango and a browser. The SDK's public address cannot
// be reached from here, so the Connect UI opens in windows.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { agree, deny, finish, giveKey } from './connect-ui.mjs';
import { App, logIn, openBrowser, opens, reloadUntilState, row, visitor, waitForState } from './rig.mjs';

/** Nango's own answer to a callback that brings an error is a page with status 400. */
const NANGO_SAYS_NO = { expected: [/status of 400.*\/oauth\/callback/] };

describe('connecting in windows', { timeout: 240_000 }, () => {
  let app;
  let browser;
  const replies = []; // of the app, to anybody

  before(async () => {
    [app, browser] = await Promise.all([App.in(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  /** A visit of somebody who is logged in; in the end the browser must have had no complaint. */
  async function visit(user, work, options) {
    const { context, page, replies: heard, check } = await visitor(browser, options);
    await logIn(page, app, user);
    await work(page);
    replies.push(...(await Promise.all(heard)).filter((reply) => reply.origin === app.url));
    await context.close();
    check();
  }

  const connect = (page, name) =>
    opens(page, () => page.getByRole('button', { name: `Connect ${name}`, exact: true }).click());

  it('offers what Nango lists, to the person and to their organisation', async () => {
    await visit('alice', async (page) => {
      for (const section of ['mine', 'ours']) {
        const names = await page.locator(`#${section} h3`).allTextContents();
        assert.deepEqual(names.toSorted(), ['Freshdesk', 'Google Calendar', 'HubSpot', 'OpenAI', 'Slack']);
      }
      await page.getByRole('heading', { name: 'acme’s connections' }).waitFor();
    });
  });

  it('connects with an API key, and shows it without a reload', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'OpenAI');
      await giveKey(popup);
      await waitForState(page, 'mine', 'openai', 'healthy');
      await page.getByRole('status').filter({ hasText: 'OpenAI is connected.' }).waitFor();
      await finish(popup);
    });
  });

  it('connects through a consent page', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Slack');
      await agree(popup);
      await waitForState(page, 'mine', 'slack', 'healthy');
      await finish(popup);
    });
  });

  it('says so when consent was denied, and connects nothing', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Google Calendar');
      await deny(popup);
      await page.getByRole('alert').filter({ hasText: 'Google Calendar was not connected: access was denied.' }).waitFor();
      await popup.close();
      await waitForState(page, 'mine', 'google-calendar', 'none');
    }, NANGO_SAYS_NO);
  });

  it('takes a closed window calmly', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'HubSpot');
      await waitForState(page, 'mine', 'hubspot', 'waiting');
      await popup.close();
      await page.getByRole('status').filter({ hasText: 'The window was closed.' }).waitFor();
      await waitForState(page, 'mine', 'hubspot', 'none');
      assert.equal((await page.locator('#alert').textContent()).trim(), '');
    });
  });

  it('says what to do when the browser opens no window', async () => {
    await visit('alice', async (page) => {
      await page.evaluate(() => (window.open = () => null));
      await page.getByRole('button', { name: 'Connect HubSpot', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'Allow pop-ups for this page' }).waitFor();
      await waitForState(page, 'mine', 'hubspot', 'none');
    });
  });

  it('says so when there is no session to be had', async () => {
    await visit(
      'alice',
      async (page) => {
        await page.route('**/nango/session-token', (route) => {
          const error = { code: 'nango_unavailable', message: 'Nango cannot be reached' };
          return route.fulfill({ status: 503, json: { error } });
        });
        await page.getByRole('button', { name: 'Connect HubSpot', exact: true }).click();
        const text = 'HubSpot cannot be connected now: Nango cannot be reached';
        await page.getByRole('alert').filter({ hasText: text }).waitFor();
        await waitForState(page, 'mine', 'hubspot', 'none');
      },
      { expected: [/status of 503/] },
    );
  });

  it('keeps it all over a restart, the login too', async () => {
    await visit('alice', async (page) => {
      // The page asks twice when it opens. A request to a server that is gone would be an error of the page.
      await page.waitForLoadState('networkidle');
      await app.stop();
      await app.start();
      await page.reload();
      await waitForState(page, 'mine', 'openai', 'healthy');
      await waitForState(page, 'mine', 'slack', 'healthy');
      await waitForState(page, 'mine', 'google-calendar', 'none');
    });
  });

  it('reconnects', async () => {
    await visit('alice', async (page) => {
      const popup = await opens(page, () => page.getByRole('button', { name: 'Reconnect Slack', exact: true }).click());
      await agree(popup);
      await page.getByRole('status').filter({ hasText: 'Slack is connected.' }).waitFor();
      await finish(popup);
      await waitForState(page, 'mine', 'slack', 'healthy');
      assert.equal(await row(page, 'mine', 'slack').count(), 1);
    });
  });

  it('shows nobody what belongs to another', async () => {
    await visit('bob', async (page) => {
      assert.equal(await page.locator('#mine li:not([data-state="none"])').count(), 0);
      assert.equal(await page.locator('#ours li:not([data-state="none"])').count(), 0);
    });
  });

  it('shows an organisation’s connection to everyone there and to nobody else', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Slack for acme');
      await agree(popup);
      await waitForState(page, 'ours', 'slack', 'healthy');
      await finish(popup);
    });
    await visit('bob', async (page) => {
      await waitForState(page, 'ours', 'slack', 'healthy');
      await waitForState(page, 'mine', 'slack', 'none');
    });
    await visit('carol', async (page) => {
      await waitForState(page, 'ours', 'slack', 'none');
      await waitForState(page, 'mine', 'slack', 'none');
    });
  });

  it('disconnects after asking', async () => {
    await visit('alice', async (page) => {
      const disconnect = page.getByRole('button', { name: 'Disconnect Slack', exact: true });
      await disconnect.click();
      await page.getByRole('dialog', { name: 'Disconnect Slack?' }).getByRole('button', { name: 'Cancel' }).click();
      await waitForState(page, 'mine', 'slack', 'healthy');

      // The question is asked again before the page has heard that the first one was closed.
      await disconnect.evaluate((button) => {
        button.click();
        document.getElementById('confirm').close();
        button.click();
      });
      await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('status').filter({ hasText: 'Slack is disconnected.' }).waitFor();
      await waitForState(page, 'mine', 'slack', 'none');
      await waitForState(page, 'ours', 'slack', 'healthy');
    });
  });

  it('can be used with the keyboard alone', async () => {
    const { context, page, check } = await visitor(browser);
    await page.goto(app.url);
    await tabTo(page, /Bob/);
    await page.keyboard.press('Enter');
    await page.locator('#mine ul[aria-busy="false"]').waitFor();

    await tabTo(page, /^Connect OpenAI$/);
    const popup = await opens(page, () => page.keyboard.press('Enter'));
    await giveKey(popup, { keyboard: true });
    await waitForState(page, 'mine', 'openai', 'healthy');
    await finish(popup);
    await page.bringToFront();

    await tabTo(page, /^Disconnect OpenAI$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Disconnect OpenAI?' }).waitFor();
    await focusReaches(page, 'Cancel');
    await page.keyboard.press('Escape');
    await waitForState(page, 'mine', 'openai', 'healthy');
    await focusReaches(page, 'Disconnect OpenAI');

    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await focusReaches(page, 'Disconnect');
    await page.keyboard.press('Enter');
    await waitForState(page, 'mine', 'openai', 'none');
    await focusReaches(page, 'Connect OpenAI');
    await context.close();
    check();
  });

  it('refuses a stranger with words', async () => {
    const { context, page, check } = await visitor(browser, { expected: [/status of 401/] });
    const form = { user: 'mallory' };
    const reply = await page.request.post(`${app.url}/login`, { form, maxRedirects: 0 });
    assert.equal(reply.status(), 401);
    assert.match(await reply.text(), /There is no user of that name/);
    assert.equal((await page.request.get(`${app.url}/me`)).status(), 401);
    assert.equal((await page.request.post(`${app.url}/nango/session-token`)).status(), 401);
    await context.close();
    check();
  });

  it('takes no login form of another site', async () => {
    await visit(
      'alice',
      async (page) => {
        const other = await page.context().newPage();
        await other.setContent(`<form method="post" action="${app.url}/login">
          <input name="user" value="bob"><button>A prize</button></form>`);
        const refused = other.waitForResponse(`${app.url}/login`);
        await other.getByRole('button').click();
        assert.equal((await refused).status(), 403);
        const me = await (await page.request.get(`${app.url}/me`)).json();
        assert.equal(me.user.id, 'alice');
      },
      // What refuses is a line of text, without the page's icon.
      { expected: [/status of 403/, /favicon\.ico/] },
    );
  });

  it('tells when a connection broke, and mends it', async () => {
    await visit('alice', async (page) => {
      await app.revoke('slack');
      await reloadUntilState(page, 'ours', 'slack', 'degraded');
      await page.getByRole('button', { name: 'Check Slack for acme', exact: true }).click();
      await waitForState(page, 'ours', 'slack', 'needs_reconnect');

      const reconnect = page.getByRole('button', { name: 'Reconnect Slack for acme', exact: true });
      const popup = await opens(page, () => reconnect.click());
      await agree(popup);
      await waitForState(page, 'ours', 'slack', 'waiting');
      await finish(popup);
      await waitForState(page, 'ours', 'slack', 'healthy');
    });
  });

  it('tells the browser no connection id, and the log no secret at all', async () => {
    const { ids, sessions, credentials } = await app.secrets();
    const said = replies.map((reply) => reply.text);
    assert.ok(said.some((text) => text.includes('"handle"')) && said.some((text) => text.includes('"sessionToken"')));
    for (const secret of [...ids, ...credentials]) {
      assert.ok(!said.some((text) => text.includes(secret)), `${secret} went to a browser`);
    }
    assert.match(app.output, /TRACE/, 'the log is on');
    for (const secret of [...ids, ...sessions, ...credentials]) {
      assert.ok(!app.output.includes(secret), `${secret} is in the log`);
    }
  });
});

/** Presses Tab until what has the focus is called `name`, as somebody without a mouse does. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (name.test((await focusedName(page)) ?? '')) {
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(ring, 'none', 'the focus can be seen');
      return;
    }
  }
  assert.fail(`Tab never reached ${name}`);
}

/** A closed dialog gives the focus back a moment later. */
async function focusReaches(page, name) {
  const end = Date.now() + 5000;
  while ((await focusedName(page)) !== name && Date.now() < end) {
    await page.waitForTimeout(20);
  }
  assert.equal(await focusedName(page), name, 'what has the focus');
}

function focusedName(page) {
  return page.evaluate(() => {
    const focused = document.activeElement;
    return focused?.ariaLabel ?? focused?.innerText?.trim().replace(/\s+/g, ' ');
  });
}
