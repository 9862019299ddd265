// What a person does and sees on the app's page.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { opens, ROOT } from './rig.mjs';

const SCREENSHOTS = join(ROOT, 'screenshots');

export async function logIn(page, app, user) {
  await page.goto(app.url);
  await page.getByRole('button', { name: new RegExp(`^${user}`, 'i') }).click();
  await page.getByRole('heading', { name: 'Your connections' }).waitFor();
  await page.locator('ul[aria-busy="false"]').nth(1).waitFor();
}

/** The connections in one list on the page: 'mine' or 'ours'. */
export function row(page, section, integration) {
  return page.locator(`#${section} li[data-integration="${integration}"]`);
}

/** Waits for a connection in this state; 'none' is no connection at all. */
export async function waitForState(page, section, integration, state) {
  const listed = row(page, section, integration);
  if (state === 'none') await listed.first().waitFor({ state: 'detached' });
  else await page.locator(`#${section} li[data-integration="${integration}"][data-state="${state}"]`).waitFor();
}

/** Waits for the tile that connects an integration: 'none', or 'waiting' while that is under way. */
export async function waitForTile(page, integration, state) {
  await page.locator(`#add li[data-integration="${integration}"][data-state="${state}"]`).waitFor();
}

/** The button that connects an integration, and then another account of it. */
export function tile(page, integration) {
  return page.locator(`#add li[data-integration="${integration}"] button`);
}

/** Clicks the tile of an integration, and hands back the window that opens. */
export function connect(page, name) {
  return opens(page, () => page.getByRole('button', { name: `Connect ${name}`, exact: true }).click());
}

/** Chooses who uses what is connected from now on: 'Only me' or 'Everyone at acme'. */
export async function connectFor(page, name) {
  await page.getByRole('radio', { name }).check();
}

/** Reloads until it is so: a page shows what was true when it loaded, and a webhook may arrive after that. */
export async function reloadUntilState(page, section, integration, state) {
  const wanted = page.locator(`#${section} li[data-integration="${integration}"][data-state="${state}"]`);
  const end = Date.now() + 15_000;
  do {
    await page.reload();
    await page.locator('ul[aria-busy="false"]').nth(1).waitFor();
  } while (!(await wanted.isVisible()) && Date.now() < end);
  await wanted.waitFor({ timeout: 1000 });
}

/**
 * Presses Check until it is so, for a minute. A check beyond the share of the rate limit that owners have is replied to with the
 * stored state, and a fast run of these tests reaches that share.
 */
export async function checkUntilState(page, section, name, integration, state) {
  const wanted = page.locator(`#${section} li[data-integration="${integration}"][data-state="${state}"]`);
  for (let tries = 0; tries < 18; tries += 1) {
    await page.getByRole('button', { name, exact: true }).click();
    try {
      await wanted.waitFor({ timeout: 4000 });
      return;
    } catch {
      // Once more.
    }
  }
  await wanted.waitFor({ timeout: 4000 });
}

/** Comes back to the page until it shows an event: it asks then, and a sync takes a moment. */
export async function waitForEvent(page) {
  const event = page.getByRole('region', { name: 'Events' }).getByRole('listitem').first();
  for (const end = Date.now() + 15_000; !(await event.isVisible()) && Date.now() < end; await page.waitForTimeout(200)) {
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  }
  await event.waitFor({ timeout: 1000 });
}

export async function screenshot(page, name, options = {}) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: 'disabled', ...options });
}

/** What the page says, and with which mark: `✓` for what worked, `i` for what is so, `!` for what failed. */
export async function says(page, mark, text) {
  const message = page.locator('.toast .message').filter({ hasText: text });
  const look = (one) => one.isConnected && [one.textContent, getComputedStyle(one, '::before').content];
  await message.waitFor();
  // What is said once more is drawn anew, and the element before it has no style any more.
  const [said, shown] = (await message.evaluate(look)) || (await message.evaluate(look));
  assert.deepEqual([shown.at(1), said], [mark, text]);
}

/** A closed dialog or frame gives the focus back a moment later. */
export async function focusReaches(page, name) {
  const end = Date.now() + 5000;
  while ((await focusedName(page)) !== name && Date.now() < end) {
    await page.waitForTimeout(20);
  }
  assert.equal(await focusedName(page), name, 'what has the focus');
}

export function focusedName(page) {
  return page.evaluate(() => {
    const focused = document.activeElement;
    return focused?.ariaLabel ?? focused?.innerText?.trim().replace(/\s+/g, ' ');
  });
}
