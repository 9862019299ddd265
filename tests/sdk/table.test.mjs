// The table of the Node SDK's methods in nango-client's documentation, against the SDK's own type declarations.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const declarations = read('./node_modules/@nangohq/node/dist/index.d.ts');
const page = read('../../nango-client/docs/node-sdk.md');

/** The body of `class Nango`, up to the brace that closes it. */
function body() {
  const begin = declarations.indexOf('{', declarations.indexOf('declare class Nango '));
  let depth = 0;
  for (let at = begin; at < declarations.length; at += 1) {
    depth += { '{': 1, '}': -1 }[declarations[at]] ?? 0;
    if (depth === 0) return declarations.slice(begin + 1, at);
  }
  throw new Error('the declarations have no class Nango');
}

/** The public methods: each with the comments of all its forms. */
function methods() {
  const found = new Map();
  const member = /(\/\*\*(?:(?!\*\/)[^])*\*\/\s*)?^ {4}(?!private |constructor)(\w+)(?:<[^(]*>)?\(/gm;
  for (const [, comment = '', name] of body().matchAll(member)) {
    found.set(name, [...(found.get(name) ?? []), comment]);
  }
  return found;
}

/** The rows of the table: the method, and what stands beside it. */
function rows() {
  return [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, ours]) => [name, ours.trim()]);
}

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
  const { version } = JSON.parse(read('./node_modules/@nangohq/node/package.json'));
  assert.ok(page.includes(`\`@nangohq/node\` ${version}`), version);
});
