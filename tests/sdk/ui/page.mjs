// A browser on an application's page that holds the frontend SDK, and an emulator for it.

import assert from 'node:assert/strict';

import { openBrowser, visitor } from '../../browser/rig.mjs';
import { Emulator } from '../rig.mjs';

export const emulator = await Emulator.start();
const browser = await openBrowser();
let people = 0;

export async function stop() {
  await browser.close();
  await emulator.stop();
}

/** A person of their own, and a session for them. */
export async function session(integrations, more = {}) {
  const user = `visitor-${(people += 1)}`;
  const body = { tags: { end_user_id: user }, ...(integrations && { allowed_integrations: integrations }), ...more };
  const { data } = await emulator.call('POST', '/connect/sessions', body);
  return { user, token: data.token };
}

export async function connectionsOf(user) {
  return (await emulator.call('GET', `/connections?tags[end_user_id]=${user}`)).connections;
}

export async function theConnectionOf(user) {
  const all = await connectionsOf(user);
  assert.equal(all.length, 1);
  return all[0];
}

/** Runs on the application's page; nothing may go wrong in the browser but what is expected. */
export async function onPage(work, expected = []) {
  const { context, page, check } = await visitor(browser, { expected });
  try {
    await page.goto(emulator.world.url);
    await page.locator('body[data-ready]').waitFor();
    await work(page);
    check();
  } finally {
    await context.close();
  }
}

/** `openConnectUI` as an application calls it, with the token at once or later. */
export async function openUI(page, token, options = {}) {
  await page.evaluate(
    ([url, given, more]) => {
      window.events = [];
      window.ui = new window.Nango(given ? { connectSessionToken: given } : {}).openConnectUI({
        baseURL: `${url}/connect`,
        apiURL: url,
        onEvent: (event) => window.events.push(event),
        ...more,
      });
    },
    [emulator.publicUrl, token, options],
  );
  return page.frameLocator('iframe#connect-ui');
}

export async function eventsWhen(page, count) {
  await page.waitForFunction((wanted) => window.events.length >= wanted, count);
  return page.evaluate(() => window.events.map(({ type, payload }) => (payload ? [type, payload] : [type])));
}

export async function isGone(page) {
  await page.locator('iframe').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.body.style.overflow), '');
}

export async function finishes(page, frame) {
  await frame.getByRole('button', { name: 'Finish' }).click();
  await isGone(page);
}

export const BAD_REQUEST = [/status of 400/];
