// A proxy in front of the emulator that notes each request under the step that the client has named.

import { once } from 'node:events';
import { createServer, request as send } from 'node:http';

/** Headers that Nango acts on. Those of the HTTP libraries differ, and mean nothing to it. */
const MEANT = /^(connection-id|provider-config-key|x-async|x-max-retries|base-url-override|decompress|retries|retry-on|forward-headers-on-redirect|nango-proxy-.+)$/;

/** What begins a step: `PUT /_step` with its name. It is not forwarded. */
const STEP = '/_step';

export class Recorder {
  /** The requests of each step, by its name, in the order of the steps. */
  steps = new Map();

  /** Starts a recorder. `settle` is awaited before each step, so that no step depends on how fast another has ended. */
  static async start(target, settle) {
    const recorder = new Recorder();
    recorder.target = new URL(target);
    recorder.settle = settle;
    recorder.server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        recorder.#answer(request, Buffer.concat(chunks), response).catch((error) => response.destroy(error));
      });
    }).listen(0, '127.0.0.1');
    await once(recorder.server, 'listening');
    recorder.url = `http://127.0.0.1:${recorder.server.address().port}`;
    return recorder;
  }

  async #answer(request, body, response) {
    if (request.url === STEP) {
      await this.settle();
      const name = body.toString();
      if (this.steps.has(name)) throw new Error(`two steps are named ${name}`);
      this.current = [];
      this.steps.set(name, this.current);
      return response.end();
    }
    const noted = note(request, body);
    this.current.push(noted);
    const { hostname, port } = this.target;
    const { method, url: path, headers } = request;
    const forwarded = send({ hostname, port, method, path, headers });
    forwarded.end(body);
    const [reply] = await once(forwarded, 'response');
    noted.status = reply.statusCode;
    response.writeHead(reply.statusCode, reply.headers);
    reply.pipe(response);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** The path as it was sent, and the rest as Nango reads it. */
function note({ method, url, headers }, body) {
  const [path, query = ''] = url.split(/\?(.*)/s);
  const meant = Object.entries(headers).filter(([name, value]) => MEANT.test(name) && value !== '');
  return {
    method,
    // Nango draws the ids of actions.
    path: path.replace(/(?<=^\/action\/)[0-9a-f-]{36}$/, '{id}'),
    query: grouped([...new URLSearchParams(query)]),
    headers: Object.fromEntries(meant),
    body: read(body.toString()),
  };
}

/** The values of each name: their order counts, that of the names does not. */
function grouped(pairs) {
  const values = {};
  for (const [name, value] of pairs) (values[name] ??= []).push(value);
  return values;
}

function read(text) {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
