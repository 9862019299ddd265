// Pictures for people to look at, in ./screenshots. What a machine can tell about them is checked here: that nothing is cut
// off at the side, and that texts stand out from what is behind them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { agree, clickAway, finish, giveKey, toConsent } from './connect-ui.mjs';
import { App, logIn, openBrowser, opens, reloadUntilState, screenshot, visitor, waitForState } from './rig.mjs';

const SIZES = {
  wide: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 360, height: 640 },
};

describe('screenshots', { timeout: 240_000 }, () => {
  let app;
  let browser;

  before(async () => {
    [app, browser] = await Promise.all([App.in(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.remove();
  });

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      it(`${size}, ${colorScheme}`, async () => {
        const options = { viewport, colorScheme, expected: [/status of 40[01]/] };
        const { context, page, check } = await visitor(browser, options);
        const shot = async (of, name) => {
          if (of !== page) await of.setViewportSize(viewport);
          await assertLegible(of, name);
          await screenshot(of, `${name}-${size}-${colorScheme}`);
        };
        const click = (name) => page.getByRole('button', { name, exact: true }).click();

        await page.goto(app.url);
        await shot(page, 'login');
        await page.getByRole('button', { name: /Alice/ }).evaluate((button) => (button.value = 'mallory'));
        await page.getByRole('button', { name: /Alice/ }).click();
        await page.getByRole('alert').waitFor();
        await shot(page, 'login-unknown');

        await logIn(page, app, 'alice');
        if ((await page.getByRole('button', { name: 'Connect OpenAI', exact: true }).count()) === 1) {
          await shot(page, 'list-empty');
          let popup = await opens(page, () => click('Connect OpenAI'));
          await giveKey(popup);
          await finish(popup);
          for (const name of ['HubSpot', 'Slack for acme']) {
            popup = await opens(page, () => click(`Connect ${name}`));
            await agree(popup);
            await finish(popup);
          }
          await waitForState(page, 'ours', 'slack', 'healthy');
          await app.revoke('hubspot');
          await reloadUntilState(page, 'mine', 'hubspot', 'degraded');
          await page.getByRole('button', { name: 'Check HubSpot', exact: true }).click();
        }
        await waitForState(page, 'mine', 'openai', 'healthy');
        await waitForState(page, 'mine', 'hubspot', 'needs_reconnect');
        await page.reload();
        await waitForState(page, 'ours', 'slack', 'healthy');
        await shot(page, 'list');

        await click('Disconnect OpenAI');
        await shot(page, 'confirm');
        await page.keyboard.press('Escape');

        const key = await opens(page, () => click('Connect Freshdesk'));
        await key.getByRole('textbox').first().waitFor();
        await shot(key, 'connect-key');
        await shot(page, 'list-waiting');
        await key.close();

        const popup = await opens(page, () => click('Connect Slack'));
        await popup.getByRole('button', { name: 'Connect' }).waitFor();
        await shot(popup, 'connect');
        const consent = await toConsent(popup);
        await shot(consent, 'consent');
        await clickAway(consent, 'Deny');
        await page.getByRole('alert').filter({ hasText: 'denied' }).waitFor();
        await popup.getByRole('alert').filter({ hasText: 'That did not work.' }).waitFor();
        await shot(popup, 'connect-denied');
        await shot(page, 'list-denied');
        await popup.close();
        await context.close();
        check();
      });
    }
  }
});

/** Nothing wider than the window, and every text at least as strong as WCAG AA asks: 4.5, or 3 when it is large. */
async function assertLegible(page, name) {
  const problems = await page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      found.push(`wider than the window: ${root.scrollWidth} > ${root.clientWidth}`);
    }
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = rgba(getComputedStyle(at).backgroundColor);
        if (color[3] === 255) return color;
      }
      return rgba(getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#fff');
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const text = texts.currentNode.data.trim();
      if (text === '' || !element.checkVisibility() || element.closest('script, style, noscript')) continue;
      const style = getComputedStyle(element);
      const [one, other] = [luminance(rgba(style.color)), luminance(behind(element))].sort((a, b) => b - a);
      const ratio = (one + 0.05) / (other + 0.05);
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) found.push(`“${text}” has a contrast of ${ratio.toFixed(2)}`);
    }
    return found;
  });
  assert.deepEqual(problems, [], name);
}
