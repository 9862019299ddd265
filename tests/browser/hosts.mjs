// Servers that are not ours: where the SDK comes from, and a Connect UI on a site of its own.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const SDK = join(import.meta.dirname, 'node_modules/@nangohq/frontend/dist');

async function serve(answer) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Nango's own frontend SDK, as it is on the registry. */
export async function startCdn() {
  const { port, stop } = await serve(async (request, response) => {
    const file = await readFile(join(SDK, new URL(request.url, 'http://cdn').pathname)).catch(() => null);
    response.writeHead(file ? 200 : 404, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' });
    response.end(file);
  });
  return { url: `http://127.0.0.1:${port}/index.js`, stop };
}

/**
 * The emulator's Connect UI on another site than the page: `localhost`, and the page is on `127.0.0.1`. Like Nango's own, it
 * cannot start where the browser gives it no storage. `headers` come with each page; `mode` 'missing' answers 404 to
 * everything, and 'silent' nothing at all. `nango` has to be set to the emulator's address.
 */
export async function startConnectUi({ headers = {}, mode = 'works' } = {}) {
  const host = { mode, nango: '' };
  const { port, stop } = await serve(async (request, response) => {
    if (host.mode === 'silent') return;
    if (host.mode === 'missing') {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"not_found"}}');
      return;
    }
    const reply = await fetch(host.nango + request.url);
    const text = await reply.text();
    const stored = request.url.includes('/state.js') ? 'sessionStorage.getItem("theme");\n' : '';
    response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type'), ...headers });
    response.end(stored + text);
  });
  return Object.assign(host, { url: `http://localhost:${port}/connect/`, stop });
}
