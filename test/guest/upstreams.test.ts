/** What the sandbox lacks comes from servers outside, when site and learner want that: real docker and pip, a real registry. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notice, Transfer } from '../../src/core/protocol/sandbox.ts';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { MemoryKeptFiles } from '../../src/core/upstream/kept-files.ts';
import { NO_UPSTREAMS } from '../../src/core/upstream/upstream-settings.ts';
import { createWeb } from '../../src/core/upstream/web.ts';
import { sha256 } from '../core/hub/made-pieces.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { GuestRegistry } from '../support/guest-registry.ts';
import { madeWheel } from '../support/made-wheel.ts';
import { madeImage, type MadeImage } from '../support/outside-image.ts';
import { OutsideServer } from '../support/outside-server.ts';
import { eventually, fail, succeed, written } from './learner.ts';

const PORT = 5055;
let sandbox: LocalSandbox;
let registry: GuestRegistry;
let index: OutsideServer;
let image: MadeImage;
const notices: Notice[] = [];
const transfers = new Map<number, Transfer>();

const run = (command: string) => succeed(sandbox, command, { timeoutMilliseconds: 300_000 });
const failing = (command: string) => fail(sandbox, command, { timeoutMilliseconds: 300_000 });
const choose = (isOpen: boolean) =>
  sandbox.chooseUpstreams({ isOpen, settings: { ...NO_UPSTREAMS, pypi: `${index.address}simple/`, registries: [registry.address] } });

beforeAll(async () => {
  const wayOut = { web: createWeb((address, options) => fetch(address, options)), kept: new MemoryKeptFiles() };
  sandbox = await startGuestSandbox({ wayOut });
  sandbox.onNotice(notice => notices.push(notice));
  sandbox.onTransfer(transfer => transfers.set(transfer.id, transfer));
  index = await OutsideServer.start();
  const wheel = madeWheel('sayaloud', '1.0', 'def loud(text):\n    return text.upper()\n');
  index.answers.set('/packages/sayaloud-1.0-py3-none-any.whl', { body: wheel });
  const file = { filename: 'sayaloud-1.0-py3-none-any.whl', url: '../../packages/sayaloud-1.0-py3-none-any.whl', hashes: { sha256: sha256(wheel) } };
  index.answers.set('/simple/sayaloud/', { body: JSON.stringify({ name: 'sayaloud', files: [file] }) });
  // As docs/network.md tells a host to run it.
  const cors = `-e 'REGISTRY_HTTP_HEADERS_Access-Control-Allow-Origin=["*"]'`;
  await run(`docker run -d --name outside -p ${PORT}:5000 ${cors} registry:2`);
  registry = await GuestRegistry.reach(sandbox, PORT);
  await eventually('the registry', async () => ((await fetch(`${registry.address}v2/`).catch(() => undefined))?.status === 200 ? true : undefined));
  image = await madeImage(['gzip', 'zstd']);
  const other = await madeImage(['gzip'], { architecture: 'amd64' });
  await registry.push('made/tool', '1', { amd64: other, '386': image });
  await registry.push('made/base', '1', { '386': await madeImage(['gzip'], { name: 'base' }) });
  await registry.push('library/mongo', '7', { amd64: other });
}, 600_000);
afterAll(async () => {
  await registry?.close();
  await index?.stop();
  await sandbox?.dispose();
});

test('the registry outside is real, and lets other sites read it', async () => {
  const answer = await fetch(`${registry.address}v2/made/tool/tags/list`);
  expect(answer.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await answer.json()).toEqual({ name: 'made/tool', tags: ['1'] });
});

test('while the network is off nothing goes out, and the refusal says how to switch it on', async () => {
  await choose(false);
  expect((await failing('docker pull made/tool:1')).stderr).toMatch(/no image made\/tool:1.*switch it on \(Network/);
  expect((await failing('docker run --rm python:3.13-slim pip install sayaloud')).stderr).toMatch(
    /no Python package sayaloud, and its network is off: switch it on/,
  );
  expect([transfers.size, index.asked]).toEqual([0, []]);
});

test('docker pull, and a FROM, get an image outside; its id is the same as everywhere', async () => {
  await choose(true);
  const start = sandbox.counters().instructions;
  expect(await run('docker pull made/tool:1')).toContain('Status: Downloaded newer image for made/tool:1');
  console.log(`docker pull of two small layers from outside: ${Math.round((sandbox.counters().instructions - start) / 1e6)} million instructions`);
  expect(await run("docker inspect made/tool:1 --format '{{.Id}} {{.Architecture}} {{json .RootFS.Layers}}'")).toBe(
    `sha256:${sha256(image.config)} 386 ${JSON.stringify(image.tars.map(tar => `sha256:${sha256(tar)}`))}\n`,
  );
  expect(await run('docker create --name tool made/tool:1 && docker cp tool:/part-1 - | tar xO | head -c 9')).toContain('zstd zstd');
  await sandbox.applyFiles([written('out/Dockerfile', 'FROM made/base:1\nCOPY note /note\n'), written('out/note', 'mine')]);
  await run('cd /workspace/out && docker build -t mine . && docker create --name mine mine /note && docker cp mine:/base-0 - | tar t');
});

test('pip install gets a package outside', async () => {
  const installed = 'pip install -q --root-user-action ignore sayaloud && python -c "import sayaloud; print(sayaloud.loud(\'hello\'))"';
  expect(await run(`docker run --rm python:3.13-slim sh -c '${installed.replaceAll("'", `'"'"'`)}'`)).toBe('HELLO\n');
});

test('what cannot be had is refused in words: for another machine, and where the registry breaks off', async () => {
  expect((await failing('docker pull mongo:7')).stderr).toMatch(
    /mongo:7 is not available: 127\.0\.0\.1:\d+ has it for amd64 only, and this machine is a 32-bit PC/,
  );
  await registry.push('made/large', '1', { '386': await madeImage(['none'], { name: 'large' }) });
  registry.cutAfterBytes = 10_000;
  expect((await failing('docker pull made/large:1')).stderr).toMatch(
    /made\/large:1 is not available: 127\.0\.0\.1:\d+ stopped in the middle of layer 1/,
  );
  registry.cutAfterBytes = Infinity;
  await run('docker pull made/large:1');
});

test('what went out is told, and what came is kept', async () => {
  const done = [...transfers.values()].filter(({ state }) => state === 'done').map(({ what }) => what);
  expect(done).toEqual(
    expect.arrayContaining(['the manifest of made/tool:1', 'layer 2 of made/tool:1', 'the list of sayaloud', 'sayaloud-1.0-py3-none-any.whl']),
  );
  expect([...transfers.values()].filter(({ state }) => state === 'running')).toEqual([]);
  expect(await sandbox.keptBytes()).toBeGreaterThan(1000);
  await choose(false);
  expect((await failing('docker pull made/other:1')).stderr).toContain('switch it on');
  expect(notices.map(({ message }) => message).join('\n')).toContain('mongo:7 is not available');
});
