// The requests of the Node SDK and those of nango-client for the same calls: method, path, query, headers that Nango reads, body,
// and how it was answered.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';

import { Nango } from '@nangohq/node';

import { API_KEY, EMULATOR, Emulator, ROOT, SIGNING_KEY } from './rig.mjs';
import { differences } from './same/compare.mjs';
import { DIFFERENCES } from './same/differences.mjs';
import { Recorder } from './same/recorder.mjs';
import { STEPS, nameOf } from './same/scenario.mjs';
import { methods, rows } from './table.mjs';

/** The program that makes the same calls with nango-client. */
const OURS = resolve(ROOT, process.env.NANGO_EVERY_METHOD_BIN ?? join(dirname(EMULATOR), 'every_method'));

const FUNCTIONS = [
  {
    integration: 'acme', type: 'sync', name: 'contacts', auto_start: false, code: 'export default {};',
    records: { Contact: [{ id: '1', name: 'Ada' }, { id: '2', name: 'Bob' }] },
  },
  {
    integration: 'acme', type: 'action', name: 'greet', code: 'export default {};', input: 'Who', output: { text: 'hello' },
  },
];

/** Makes what the steps need, in an emulator that has nothing else. */
async function prepare(emulator) {
  await emulator.call('POST', '/_emulator/reset', {});
  const has = (integration, connection_id) =>
    emulator.call('POST', '/_emulator/connections', { integration, connection_id, count: 1, tags: { end_user_id: `u-${connection_id}` } });
  for (const id of ['main', 'other', 'team/7']) await has('acme', id);
  await has('slack', 'work');
  const { data } = await emulator.call('POST', '/connect/sessions', { end_user: { id: 'ada' } });
  await emulator.giveKey(data.token, 'acme');
}

async function recorded(emulator, run) {
  await prepare(emulator);
  const settle = async () => {
    const { idle } = await emulator.call('POST', '/_emulator/runs/wait', { timeout_ms: 10_000 });
    assert.ok(idle, 'a run did not end');
  };
  const recorder = await Recorder.start(emulator.url, settle);
  try {
    await run(recorder);
    return recorder.steps;
  } finally {
    recorder.close();
  }
}

async function runNode(recorder, elsewhere) {
  const nango = new Nango({ host: recorder.url, apiKey: API_KEY, webhookSigningKey: SIGNING_KEY });
  const state = { elsewhere };
  for (const step of STEPS) {
    const [, , call, outcome = 'succeeds'] = step;
    await fetch(`${recorder.url}/_step`, { method: 'PUT', body: nameOf(step) });
    const failure = await Promise.resolve(call(nango, state)).then(() => null, (error) => error);
    assert.equal(failure === null, outcome === 'succeeds', `${nameOf(step)}: ${failure?.message}`);
  }
}

async function runOurs(recorder, elsewhere) {
  const keys = { NANGO_SECRET_KEY: API_KEY, NANGO_WEBHOOK_SIGNING_KEY: SIGNING_KEY };
  const env = { ...keys, NANGO_HOST: recorder.url, TEST_BASE_URL: elsewhere };
  await promisify(execFile)(OURS, { env, timeout: 60_000 });
}

describe('nango-client beside the Node SDK', { timeout: 120_000 }, () => {
  let emulator, node, ours;
  before(async () => {
    emulator = await Emulator.start({ functions: FUNCTIONS });
    const elsewhere = `${emulator.world.url}/elsewhere`;
    node = await recorded(emulator, (recorder) => runNode(recorder, elsewhere));
    ours = await recorded(emulator, (recorder) => runOurs(recorder, elsewhere));
  });
  after(() => emulator?.stop());

  it('makes each call of the SDK that is not left out', () => {
    const made = new Set(STEPS.map(([method]) => method));
    const leftOut = rows().filter(([, beside]) => beside === 'not supported').map(([name]) => name);
    const wanted = [...methods().keys()].filter((name) => !leftOut.includes(name));
    assert.deepEqual([...made].sort(), wanted.sort());
    assert.deepEqual([...node.keys()], STEPS.map(nameOf));
    assert.deepEqual([...ours.keys()], [...node.keys()]);
  });

  it('sends something in each step but the one that verifies a signature', () => {
    for (const [name, requests] of ours) {
      assert.equal(requests.length, name === 'verifyIncomingWebhookRequest' ? 0 : 1, name);
    }
  });

  it('sends the same requests, but for the differences that are listed', () => {
    const found = differences(node, ours);
    const listed = DIFFERENCES.map(({ because, ...difference }) => difference);
    assert.ok(DIFFERENCES.every(({ because }) => because));
    const without = (some, others) => some.filter((one) => !others.some((other) => isDeepStrictEqual(one, other)));
    assert.deepEqual(without(found, listed), [], 'differences that are not listed');
    assert.deepEqual(without(listed, found), [], 'listed differences that do not occur');
  });
});
