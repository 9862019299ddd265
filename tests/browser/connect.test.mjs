// The quickstart from a newcomer's side: nothing but the app, its own Nango and a browser. The SDK's public address cannot
// be reached from here, so the Connect UI opens in windows.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { agree, closes, deny, giveKey } from './connect-ui.mjs';
import { connect, connectFor, focusedName, focusReaches, logIn, reloadUntilState, row, says, waitForState, waitForTile } from './page.mjs';
import { opens, visitor } from './rig.mjs';
import { suite } from './suite.mjs';

const NOT_YET = (name) => `${name} is not connected yet. If you are still signing in, go on: it will show here.`;

/** Nango's own answer to a callback that brings an error is a page with status 400. */
const NANGO_SAYS_NO = { expected: [/status of 400.*\/oauth\/callback/] };

suite('connecting in windows', {}, (shared, visit) => {
  it('offers what Nango lists, once, to the person or to their organisation', async () => {
    await visit('alice', async (page) => {
      const names = ['Freshdesk', 'Gmail', 'Google Calendar', 'HubSpot', 'OpenAI', 'Slack'];
      const buttons = () => page.getByRole('button', { name: 'Connect' }).evaluateAll((all) => all.map((one) => one.ariaLabel));
      assert.deepEqual(await buttons(), names.map((name) => `Connect ${name}`));
      await connectFor(page, 'Everyone at acme');
      assert.deepEqual(await buttons(), names.map((name) => `Connect ${name} for acme`));
      await page.getByRole('heading', { name: 'acme’s connections' }).waitFor();
      assert.equal(await page.locator('#mine').getByText('You have not connected anything yet.').count(), 1);
      assert.equal(await page.locator('#ours').getByText('Nothing is shared here yet.').count(), 1);
    });
  });

  it('connects with an API key, and shows it without a reload', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'OpenAI');
      await giveKey(popup);
      await waitForState(page, 'mine', 'openai', 'healthy');
      await says(page, '✓', 'OpenAI is connected.');
      await closes(popup);
      await waitForTile(page, 'openai', 'none');
      await page.getByRole('button', { name: 'Add another OpenAI', exact: true }).waitFor();
    });
  });

  it('connects through a consent page', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Slack');
      await agree(popup);
      await waitForState(page, 'mine', 'slack', 'healthy');
      await closes(popup);
    });
  });

  it('connects nothing when consent was denied', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Google Calendar');
      await deny(popup);
      await popup.close();
      // A window says nothing to the page that opened it.
      await says(page, 'i', NOT_YET('Google Calendar'));
      await waitForState(page, 'mine', 'google-calendar', 'none');
    }, NANGO_SAYS_NO);
  });

  it('takes a closed window calmly', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'HubSpot');
      await waitForTile(page, 'hubspot', 'waiting');
      await popup.close();
      await says(page, 'i', NOT_YET('HubSpot'));
      await waitForTile(page, 'hubspot', 'none');
      assert.equal((await page.locator('#alert').textContent()).trim(), '');
    });
  });

  it('says what to do when the browser opens no window', async () => {
    await visit('alice', async (page) => {
      await page.evaluate(() => (window.open = () => null));
      await page.getByRole('button', { name: 'Connect HubSpot', exact: true }).click();
      await says(page, '!', 'Your browser blocked the window. Allow pop-ups for this page, then try again.');
      await waitForTile(page, 'hubspot', 'none');
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
        const why = 'The service that keeps your connections does not answer. Try again in a minute.';
        await says(page, '!', `HubSpot cannot be connected now. ${why}`);
        await waitForTile(page, 'hubspot', 'none');
      },
      { expected: [/status of 503/] },
    );
  });

  it('keeps it all over a restart, the login too', async () => {
    await visit('alice', async (page) => {
      // The page asks twice when it opens. A request to a server that is gone would be an error of the page.
      await page.waitForLoadState('networkidle');
      await shared.app.stop();
      await shared.app.start();
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
      // It was healthy before and looks the same now: the attempt says that this click has reconnected it.
      await says(page, '✓', 'Slack is reconnected.');
      await closes(popup);
      await waitForState(page, 'mine', 'slack', 'healthy');
      assert.equal(await row(page, 'mine', 'slack').count(), 1);
    });
  });

  it('shows nobody what belongs to another', async () => {
    await visit('bob', async (page) => {
      assert.equal(await page.locator('li[data-handle]').count(), 0);
    });
  });

  it('shows an organisation’s connection to everyone there and to nobody else', async () => {
    await visit('alice', async (page) => {
      await connectFor(page, 'Everyone at acme');
      const popup = await connect(page, 'Slack for acme');
      await agree(popup);
      await waitForState(page, 'ours', 'slack', 'healthy');
      await says(page, '✓', 'Slack is connected for acme.');
      await closes(popup);
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
      await says(page, '✓', 'Slack is disconnected.');
      await waitForState(page, 'mine', 'slack', 'none');
      await waitForState(page, 'ours', 'slack', 'healthy');
    });
  });

  it('can be used with the keyboard alone', async () => {
    const { context, page, check } = await visitor(shared.browser);
    await page.goto(shared.app.url);
    await tabTo(page, /Bob/);
    await page.keyboard.press('Enter');
    await page.locator('#mine ul[aria-busy="false"]').waitFor();

    await tabTo(page, /^Connect OpenAI$/);
    const popup = await opens(page, () => page.keyboard.press('Enter'));
    await giveKey(popup, { keyboard: true });
    await waitForState(page, 'mine', 'openai', 'healthy');
    await closes(popup);
    await page.bringToFront();
    await focusReaches(page, 'Add another OpenAI');

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
    await focusReaches(page, 'Your connections');
    await context.close();
    check();
  });

  it('refuses a stranger with words', async () => {
    const { context, page, check } = await visitor(shared.browser, { expected: [/status of 401/] });
    const form = { user: 'mallory' };
    const reply = await page.request.post(`${shared.app.url}/login`, { form, maxRedirects: 0 });
    assert.equal(reply.status(), 401);
    assert.match(await reply.text(), /There is no user of that name/);
    assert.equal((await page.request.get(`${shared.app.url}/me`)).status(), 401);
    assert.equal((await page.request.post(`${shared.app.url}/nango/session-token`)).status(), 401);
    await context.close();
    check();
  });

  it('takes no login form of another site', async () => {
    await visit(
      'alice',
      async (page) => {
        const other = await page.context().newPage();
        await other.setContent(`<form method="post" action="${shared.app.url}/login">
          <input name="user" value="bob"><button>A prize</button></form>`);
        const refused = other.waitForResponse(`${shared.app.url}/login`);
        await other.getByRole('button').click();
        assert.equal((await refused).status(), 403);
        const me = await (await page.request.get(`${shared.app.url}/me`)).json();
        assert.equal(me.user.id, 'alice');
      },
      // What refuses is a line of text, without the page's icon.
      { expected: [/status of 403/, /favicon\.ico/] },
    );
  });

  it('tells when a connection broke, and mends it', async () => {
    await visit('alice', async (page) => {
      await shared.app.revoke('slack');
      await reloadUntilState(page, 'ours', 'slack', 'degraded');
      await page.getByRole('button', { name: 'Check Slack for acme', exact: true }).click();
      await says(page, '!', 'Slack does not work any more. Reconnect it.');
      await waitForState(page, 'ours', 'slack', 'needs_reconnect');

      const reconnect = page.getByRole('button', { name: 'Reconnect Slack for acme', exact: true });
      const popup = await opens(page, () => reconnect.click());
      await waitForState(page, 'ours', 'slack', 'waiting');
      await agree(popup);
      await closes(popup);
      await says(page, '✓', 'Slack is reconnected for acme.');
      await waitForState(page, 'ours', 'slack', 'healthy');
    });
  });

  it('tells the browser no connection id, and the log no secret at all', async () => {
    const { ids, sessions, credentials } = await shared.app.secrets();
    const said = shared.replies.map((reply) => reply.text);
    assert.ok(said.some((text) => text.includes('"handle"')) && said.some((text) => text.includes('"sessionToken"')));
    for (const secret of [...ids, ...credentials]) {
      assert.ok(!said.some((text) => text.includes(secret)), `${secret} went to a browser`);
    }
    const attempts = said.flatMap((text) => [...text.matchAll(/"attempt":"([^"]+)"/g)].map(([, attempt]) => attempt));
    assert.ok(attempts.length > 0);
    assert.match(shared.app.output, /TRACE/, 'the log is on');
    for (const secret of [...ids, ...sessions, ...credentials, ...attempts]) {
      assert.ok(!shared.app.output.includes(secret), `${secret} is in the log`);
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
