// What differs between the requests of two clients.

import { isDeepStrictEqual } from 'node:util';

/** The parts of a request that are compared as they are; the others are compared by field. */
const WHOLE = ['method', 'path', 'status'];
const BY_FIELD = ['query', 'headers', 'body'];

/** The differences of two records of the same steps, each with both sides. */
export function differences(node, ours) {
  const found = [];
  for (const [step, requests] of node) {
    const others = ours.get(step) ?? [];
    if (requests.length !== others.length) {
      found.push({ step, part: 'requests', node: requests.length, ours: others.length });
      continue;
    }
    for (const [index, request] of requests.entries()) {
      for (const [part, one, other] of parts(request, others[index])) {
        if (!isDeepStrictEqual(one, other)) found.push({ step, part, node: one, ours: other });
      }
    }
  }
  return found;
}

function* parts(node, ours) {
  for (const name of WHOLE) yield [name, node[name], ours[name]];
  for (const name of BY_FIELD) {
    const [one, other] = [node[name], ours[name]];
    if (!isObject(one) || !isObject(other)) {
      yield [name, one, other];
      continue;
    }
    for (const field of new Set([...Object.keys(one), ...Object.keys(other)])) {
      yield [`${name}.${field}`, one[field], other[field]];
    }
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
