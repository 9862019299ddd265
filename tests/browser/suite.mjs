// Tests that share an app and a browser.

import { after, before, describe } from 'node:test';

import { startCdn } from './hosts.mjs';
import { logIn } from './page.mjs';
import { App, openBrowser, visitor } from './rig.mjs';

/**
 * `tests` gets what is shared, which is there once a test runs, and a function that visits the app as a person who is
 * logged in; in the end the browser must have had no complaint.
 *
 * @param {string} name
 * @param {object} options of the app; with `sdk` its page loads Nango's frontend SDK
 * @param {(shared: {app: App, browser: object, replies: object[]}, visit: Function) => void} tests
 */
export function suite(name, { sdk = false, args = [], ...options }, tests) {
  describe(name, { timeout: 300_000 }, () => {
    const shared = { replies: [] }; // of the app, to anybody
    let cdn = null;

    before(async () => {
      cdn = sdk ? await startCdn() : null;
      const all = cdn ? [...args, '--sdk-url', cdn.url] : args;
      [shared.app, shared.browser] = await Promise.all([App.in({ ...options, args: all }), openBrowser()]);
    });
    after(async () => {
      await shared.browser?.close();
      await shared.app?.remove();
      cdn?.stop();
    });

    async function visit(user, work, options) {
      const { context, page, replies, check } = await visitor(shared.browser, options);
      const loaded = cdn && page.waitForResponse(/connectUI\.js/);
      await logIn(page, shared.app, user);
      await loaded;
      await work(page);
      // The text of a reply to a window that is gone may never come, until the whole browser is gone.
      await Promise.race([Promise.all(replies), page.waitForTimeout(1000)]);
      await context.close();
      const received = await Promise.all(replies);
      shared.replies.push(...received.filter((reply) => reply.origin === shared.app.url));
      check();
    }

    tests(shared, visit);
  });
}
