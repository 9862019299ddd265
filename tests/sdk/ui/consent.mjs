import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { clickAway, deny, toConsent } from '../../browser/connect-ui.mjs';
import { opens } from '../../browser/rig.mjs';
import { BAD_REQUEST, connectionsOf, eventsWhen, finishes, onPage, openUI, session, theConnectionOf } from './page.mjs';

describe('openConnectUI: the consent page', { timeout: 180_000 }, () => {
  it('connects through a consent page', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['slack']);
      const frame = await openUI(page, token);
      const consent = await toConsent(frame, page);
      const gone = consent.waitForEvent('close');
      await clickAway(consent, 'Allow');
      await frame.getByRole('heading', { name: 'Connected' }).waitFor();
      await gone;
      const { connection_id: connectionId } = await theConnectionOf(user);
      const connect = ['connect', { providerConfigKey: 'slack', connectionId, isPending: false }];
      assert.deepEqual(await eventsWhen(page, 2), [['ready'], connect]);
      await finishes(page, frame);
      assert.deepEqual(await eventsWhen(page, 3), [['ready'], connect, ['close']]);
    });
  });

  it('says twice that consent was denied, as Nango does, and tries again', async () => {
    await onPage(async (page) => {
      const { user, token } = await session(['slack']);
      const frame = await openUI(page, token);
      await deny(frame, page);
      const [ready, ...errors] = await eventsWhen(page, 3);
      assert.deepEqual(ready, ['ready']);
      assert.deepEqual(
        errors.map(([type]) => type),
        ['error', 'error'],
      );
      const kinds = errors.map(([, { errorType }]) => errorType).sort();
      assert.deepEqual(kinds, ['callback_err', 'connection_validation_failed']);
      for (const [, { errorMessage }] of errors) assert.match(errorMessage, /access_denied/);
      assert.deepEqual(await connectionsOf(user), []);
      const consent = await opens(page, () => frame.getByRole('button', { name: 'Try again' }).click());
      await clickAway(consent, 'Allow');
      await frame.getByRole('heading', { name: 'Connected' }).waitFor();
      assert.equal((await eventsWhen(page, 4))[3][0], 'connect');
      assert.equal((await theConnectionOf(user)).provider_config_key, 'slack');
    }, BAD_REQUEST);
  });

  it('notices a closed consent page when asked to', async () => {
    await onPage(async (page) => {
      const { token } = await session(['slack']);
      const frame = await openUI(page, token, { detectClosedAuthWindow: true });
      await (await toConsent(frame, page)).close();
      const [, [type, { errorType }]] = await eventsWhen(page, 2);
      assert.deepEqual([type, errorType], ['error', 'window_closed']);
      await frame.getByRole('button', { name: 'Try again' }).waitFor();
    });
  });
});
