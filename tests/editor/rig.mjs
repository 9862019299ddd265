// A Cargo project outside the workspace, and rust-analyzer on it, spoken to as an editor does.

import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const workspace = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const program = process.env.RUST_ANALYZER ?? 'rust-analyzer';

/** Creates the project and starts rust-analyzer, or fails if there is none. */
export async function open() {
    const version = spawnSync(program, ['--version'], { encoding: 'utf8' });
    if (version.status !== 0) {
        throw new Error(`${program} does not run: set RUST_ANALYZER to its path. ${version.error ?? version.stderr}`);
    }
    const folder = path.join(workspace, 'target/tmp/editor');
    mkdirSync(path.join(folder, 'src'), { recursive: true });
    cpSync(path.join(workspace, 'Cargo.lock'), path.join(folder, 'Cargo.lock'));
    const dependency = `{ path = ${JSON.stringify(path.join(workspace, 'nango-core'))}, default-features = false, features = ["derive"] }`;
    writeFileSync(
        path.join(folder, 'Cargo.toml'),
        `[package]\nname = "editor"\nedition = "2024"\n\n[dependencies]\nnango-core = ${dependency}\n\n[profile.dev]\ndebug = "line-tables-only"\n\n[workspace]\n`,
    );
    const file = path.join(folder, 'src/main.rs');
    writeFileSync(file, 'fn main() {}\n');
    const server = new Server(folder);
    await server.start();
    return { server, file: pathToFileURL(file).href, version: version.stdout.trim() };
}

class Server {
    #process;
    #folder;
    #waiting = new Map();
    #next = 0;
    #input = Buffer.alloc(0);
    #ready;
    #isReady = new Promise((resolve) => (this.#ready = resolve));
    #opened = 0;

    constructor(folder) {
        this.#folder = folder;
        this.#process = spawn(program, [], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
        this.#process.stdout.on('data', (data) => this.#receive(data));
    }

    async start() {
        const env = process.env;
        await this.#request('initialize', {
            processId: process.pid,
            rootUri: pathToFileURL(this.#folder).href,
            capabilities: { experimental: { serverStatusNotification: true } },
            initializationOptions: {
                cargo: { ...(env.RUST_SRC && { sysrootSrc: env.RUST_SRC }), targetDir: path.join(workspace, 'target'), extraArgs: ['--offline'] },
                checkOnSave: false,
                procMacro: { enable: true, ...(env.PROC_MACRO_SRV && { server: env.PROC_MACRO_SRV }) },
            },
        });
        this.#send({ method: 'initialized', params: {} });
        await this.#isReady;
    }

    /** Returns the methods and fields that are offered at `<|>`, by name, with their types. */
    async complete(file, text) {
        const at = text.indexOf('<|>');
        const before = text.slice(0, at).split('\n');
        const position = { line: before.length - 1, character: before.at(-1).length };
        const content = text.replace('<|>', '');
        if (this.#opened === 0) {
            const textDocument = { uri: file, languageId: 'rust', version: 0, text: content };
            this.#send({ method: 'textDocument/didOpen', params: { textDocument } });
        }
        this.#opened += 1;
        const change = { textDocument: { uri: file, version: this.#opened }, contentChanges: [{ text: content }] };
        this.#send({ method: 'textDocument/didChange', params: change });
        const reply = await this.#request('textDocument/completion', { textDocument: { uri: file }, position });
        const offered = (reply?.items ?? reply ?? []).filter((item) => [2, 5].includes(item.kind));
        return Object.fromEntries(offered.map((item) => [item.label.replace(/\(.*/, ''), item.detail]));
    }

    stop() {
        this.#process.kill();
    }

    #request(method, params) {
        const id = this.#next++;
        this.#send({ id, method, params });
        return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    }

    #send(message) {
        const text = JSON.stringify({ jsonrpc: '2.0', ...message });
        this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    }

    #receive(data) {
        this.#input = Buffer.concat([this.#input, data]);
        for (;;) {
            const end = this.#input.indexOf('\r\n\r\n');
            if (end < 0) return;
            const length = Number(/Content-Length: (\d+)/.exec(this.#input.subarray(0, end))[1]);
            if (this.#input.length < end + 4 + length) return;
            const message = JSON.parse(this.#input.subarray(end + 4, end + 4 + length));
            this.#input = this.#input.subarray(end + 4 + length);
            this.#handle(message);
        }
    }

    #handle(message) {
        if (message.method === 'experimental/serverStatus') {
            if (message.params.health === 'error') throw new Error(message.params.message);
            if (message.params.quiescent) this.#ready();
        } else if (message.method && message.id !== undefined) {
            this.#send({ id: message.id, result: null });
        } else if (this.#waiting.has(message.id)) {
            const { resolve, reject } = this.#waiting.get(message.id);
            this.#waiting.delete(message.id);
            if (message.error) reject(new Error(message.error.message));
            else resolve(message.result);
        }
    }
}
