// What the page says and where its buttons are, with an app and an emulator of its own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

import { agree, closes, giveKey } from './connect-ui.mjs';
import { checkUntilState, connect, connectFor, focusReaches, reloadUntilState, row, says, waitForEvent, waitForState } from './page.mjs';
import { opens, ROOT } from './rig.mjs';
import { suite } from './suite.mjs';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
  { width: 360, height: 640 },
];

suite('the page', {}, (shared, visit) => {
  const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

  async function connectSlack(page, suffix = '') {
    const popup = await connect(page, `Slack${suffix}`);
    await agree(popup);
    await closes(popup);
  }

  it('gives the Connect UI an address of Nango to which it can append a path', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'OpenAI');
      await popup.waitForURL(/session_token/);
      assert.equal(new URL(popup.url()).searchParams.get('apiURL'), shared.app.nango.replace('127.0.0.1', 'localhost'));
    });
  });

  it('has a Connect UI in a window that neither notifies the page nor closes itself', async () => {
    await visit('alice', async (page) => {
      await page.evaluate(() => {
        window.heard = [];
        window.addEventListener('message', ({ data }) => window.heard.push(data));
      });
      // The page would close the window as soon as its list shows the connection.
      await page.route(/nango\/(connections|attempts)/, (route) => route.abort());
      const popup = await connect(page, 'OpenAI');
      await giveKey(popup);
      await popup.getByText('You can now close this tab.').waitFor();
      assert.deepEqual(await popup.getByRole('button').allTextContents(), []);
      await popup.waitForTimeout(2000);
      assert.equal(popup.isClosed(), false);
      assert.deepEqual(await page.evaluate(() => window.heard), []);
    }, { expected: [/ERR_FAILED/] });
  });

  it('has sentences for a form that is not filled in', async () => {
    await visit('alice', async (page) => {
      const popup = await connect(page, 'Freshdesk');
      await popup.getByRole('button', { name: 'Connect' }).click();
      const problems = await popup.locator('.problem:visible').allTextContents();
      assert.deepEqual(problems, ['Please fill this in. For example: acme', 'Please fill this in.']);
    });
  });

  for (const viewport of SIZES) {
    it(`never puts Disconnect where another button was, ${viewport.width} wide`, async () => {
      const user = { 1280: 'alice', 390: 'bob', 360: 'carol' }[viewport.width];
      await visit(
        user,
        async (page) => {
          const before = [];
          // On the page, not in the window: what is clicked may have to be scrolled to.
          const box = async (name) => {
            const { x, y, width, height } = await page.getByRole('button', { name, exact: true }).boundingBox();
            return { x, y: y + (await page.evaluate(() => window.scrollY)), width, height };
          };
          const remember = async (name) => before.push({ name, ...(await box(name)) });
          const compare = async () => {
            const now = await box('Disconnect Slack');
            const apart = (one) =>
              one.x + one.width <= now.x || now.x + now.width <= one.x || one.y + one.height <= now.y || now.y + now.height <= one.y;
            assert.deepEqual(before.filter((one) => !apart(one)), []);
          };
          await remember('Connect Slack');
          await connectSlack(page);
          await waitForState(page, 'mine', 'slack', 'healthy');
          await compare();
          await remember('Reconnect Slack');
          const [{ connection_id }] = await shared.app.connections();
          await shared.app.control('revoke', { integration: 'slack', connection_id });
          await reloadUntilState(page, 'mine', 'slack', 'degraded');
          await remember('Check Slack');
          await compare();
          await press(page, 'Check Slack');
          await waitForState(page, 'mine', 'slack', 'needs_reconnect');
          await remember('Reconnect Slack');
          const popup = await opens(page, () => press(page, 'Reconnect Slack'));
          await waitForState(page, 'mine', 'slack', 'waiting');
          await remember('Continue connecting Slack');
          await compare();
          await agree(popup);
          await waitForState(page, 'mine', 'slack', 'healthy');
          await compare();
        },
        { viewport },
      );
    });
  }

  it('says what is wrong in words for a customer', async () => {
    await visit(
      'alice',
      async (page) => {
        const path = '**/nango/connections/*';
        const disconnect = async () => {
          await press(page, 'Disconnect Slack');
          await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
        };
        await page.route(path, (route) => route.abort());
        await disconnect();
        const offline = 'Our server cannot be reached. Check your internet connection, then try again.';
        await says(page, '!', `Slack could not be disconnected. ${offline}`);
        await page.unroute(path);
        for (const [status, body, sentence] of [
          [502, '<h1>Bad gateway</h1>', 'Something went wrong on our side. Try again, and tell us if it stays so.'],
          [429, '{"error":{"code":"too_many_requests","message":"x"}}', 'That was too often. Wait a minute, then try again.'],
          [403, '{"error":{"code":"cross_origin","message":"x"}}', 'Something went wrong on our side. Try again, and tell us if it stays so.'],
        ]) {
          await page.route(path, (route) => route.fulfill({ status, body }), { times: 1 });
          await disconnect();
          await says(page, '!', `Slack could not be disconnected. ${sentence}`);
        }
        await waitForState(page, 'mine', 'slack', 'healthy');
      },
      { expected: [/ERR_FAILED/, /status of (502|429|403)/] },
    );
  });

  it('has no tick beside what does not work', async () => {
    await visit('alice', async (page) => {
      for (const [health, mark, text] of [
        ['degraded', 'i', 'Slack does not work at the moment. That may pass: check it again in a minute.'],
        ['unknown', 'i', 'Slack could not be checked. Try again later.'],
        ['gone', 'i', 'Slack is no longer connected.'],
        ['needs_reconnect', '!', 'Slack does not work any more. Reconnect it.'],
        ['healthy', '✓', 'Slack works.'],
      ]) {
        const change = async (route) => {
          const reply = await route.fetch();
          const json = await reply.json();
          if (Array.isArray(json)) json.forEach((one) => (one.health = 'degraded'));
          else json.health = health;
          await route.fulfill({ response: reply, json });
        };
        await page.route(/\/nango\/connections/, change);
        await page.reload();
        await waitForState(page, 'mine', 'slack', 'degraded');
        await press(page, 'Check Slack');
        await says(page, mark, text);
        await page.unroute(/\/nango\/connections/);
      }
    });
  });

  it('uses a connection, of a person and of an organisation', async () => {
    await visit('alice', async (page) => {
      await connectFor(page, 'Everyone at acme');
      await connectSlack(page, ' for acme');
      await waitForState(page, 'ours', 'slack', 'healthy');
      for (const [section, suffix] of [['mine', ''], ['ours', ' for acme']]) {
        const show = page.getByRole('button', { name: `Show channels of Slack${suffix}`, exact: true });
        assert.equal(await show.getAttribute('aria-expanded'), 'false');
        await show.click();
        await row(page, section, 'slack').getByText('#general', { exact: true }).waitFor();
        await focusReaches(page, `Hide channels of Slack${suffix}`);
        await page.keyboard.press('Enter');
        await row(page, section, 'slack').getByText('#general').waitFor({ state: 'detached' });
        await focusReaches(page, `Show channels of Slack${suffix}`);
      }
    });
  });

  it('says so when the provider refuses, and offers to reconnect', async () => {
    await visit(
      'alice',
      async (page) => {
        // Slack answers the next call with 200 and `"ok": false`, and nothing has noticed before.
        await shared.app.control('revoke', { integration: 'slack', notice: false });
        await press(page, 'Show channels of Slack for acme');
        const refused = 'Slack did not show its channels. It no longer accepts this connection. Reconnect it.';
        await row(page, 'ours', 'slack').getByText(refused, { exact: true }).waitFor();
        await waitForState(page, 'ours', 'slack', 'needs_reconnect');

        const popup = await opens(page, () => press(page, 'Reconnect Slack for acme'));
        await agree(popup);
        await says(page, '✓', 'Slack is reconnected for acme.');
        await closes(popup);
        await press(page, 'Show channels of Slack for acme');
        await row(page, 'ours', 'slack').getByText('#general', { exact: true }).waitFor();
      },
      { expected: [/status of 409/] },
    );
  });

  /** Runs the command that calls a control endpoint, as a page of the documentation has it. */
  async function runCommand(file, path) {
    const text = await readFile(join(ROOT, file), 'utf8');
    const command = text.match(/^curl [^`]*$/gm).find((one) => one.trimEnd().endsWith(`_emulator/${path}`));
    const { stdout } = await promisify(execFile)('sh', ['-c', command.replace('http://127.0.0.1:3003', shared.app.nango)]);
    assert.equal(stdout, '{"success":true}');
  }

  it('shows a connection that was broken as the README says, and mends it', async () => {
    await visit('bob', async (page) => {
      await runCommand('README.md', 'revoke');
      await reloadUntilState(page, 'mine', 'slack', 'degraded');
      await checkUntilState(page, 'mine', 'Check Slack', 'slack', 'needs_reconnect');
      const popup = await opens(page, () => press(page, 'Reconnect Slack'));
      await agree(popup);
      await closes(popup);
      await says(page, '✓', 'Slack is reconnected.');
      await waitForState(page, 'mine', 'slack', 'healthy');
    });
  });

  it('shows an event that was made as the guide says, where the tool is connected', async () => {
    await visit('bob', async (page) => {
      const section = page.getByRole('region', { name: 'Events' });
      assert.equal(await section.isVisible(), false);
      await runCommand('docs/src/demo.md', 'functions');
      await waitForEvent(page);
      const event = section.getByRole('listitem').first();
      assert.equal(await event.getByRole('heading').textContent(), 'Slack');
      await event.getByText('Its data was read: Message', { exact: true }).waitFor();
      const time = await event.locator('time').getAttribute('datetime');
      assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000, time);
      await page.reload();
      await event.waitFor();
    });
  });
});
