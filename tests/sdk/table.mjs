// The table of the Node SDK's methods in nango-client's documentation, and the SDK's own type declarations.

import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const declarations = read('./node_modules/@nangohq/node/dist/index.d.ts');
export const page = read('../../nango-client/docs/node-sdk.md');
export const { version } = JSON.parse(read('./node_modules/@nangohq/node/package.json'));

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
export function methods() {
  const found = new Map();
  const member = /(\/\*\*(?:(?!\*\/)[^])*\*\/\s*)?^ {4}(?!private |constructor)(\w+)(?:<[^(]*>)?\(/gm;
  for (const [, comment = '', name] of body().matchAll(member)) {
    found.set(name, [...(found.get(name) ?? []), comment]);
  }
  return found;
}

/** The rows of the table: the method, and what stands beside it. */
export function rows() {
  return [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, ours]) => [name, ours.trim()]);
}
