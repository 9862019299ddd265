// The table of the Node SDK's methods in nango-client's documentation, against the SDK's own type declarations.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { methods, page, rows, version } from './table.mjs';

it('reads the methods of the SDK', () => {
  const found = methods();
  assert.ok(found.size >= 47, `${found.size} methods`);
  for (const name of ['listRecords', 'triggerSync', 'verifyIncomingWebhookRequest', 'delete']) assert.ok(found.has(name), name);
  for (const name of ['constructor', 'enrichHeaders', '_triggerAction']) assert.ok(!found.has(name), name);
});

it('has a row for each public method of the SDK, and no other', () => {
  const names = rows().map(([name]) => name);
  assert.deepEqual(names, [...methods().keys()].sort((one, two) => (one < two ? -1 : 1)));
});

it('has a method of ours in each row, but for deprecated ones', () => {
  for (const [name, ours] of rows()) {
    const forms = methods().get(name);
    if (ours === 'not supported') {
      assert.ok(forms.every((comment) => comment.includes('@deprecated')), `${name} is not deprecated`);
    } else {
      assert.match(ours, /^\[`\w+::\w+`\]/, name);
    }
  }
});

it('is of the version that the package lock has', () => {
  assert.ok(page.includes(`\`@nangohq/node\` ${version}`), version);
});
