import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { Notice } from '../../src/core/protocol/sandbox.ts';
import { createWeb } from '../../src/core/upstream/web.ts';
import { MemoryKeptFiles } from '../../src/core/upstream/kept-files.ts';
import { NO_UPSTREAMS } from '../../src/core/upstream/upstream-settings.ts';
import { lockedMirrorPackage, serveSuite } from '../support/debian-mirror.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { OutsideServer } from '../support/outside-server.ts';
import { debOf, wheelOf, withOwnPackages } from '../support/own-packages.ts';
import { eventually, fail, learnerAt, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
const notices: Notice[] = [];
const LONG = { timeoutMilliseconds: 600_000 };

beforeAll(async () => {
  const deb = await debOf({ Package: 'course-tools', Version: '2.0-1', Depends: 'tree, libc6 (>= 2.34)' });
  const wayOut = { web: createWeb((address, options) => fetch(address, options)), kept: new MemoryKeptFiles() };
  sandbox = await startGuestSandbox({ wayOut }, host => withOwnPackages(host, ['hello-1.0-py3-none-any.whl', wheelOf('hello', '1.0')], deb));
  sandbox.onNotice(notice => notices.push(notice));
}, 300_000);
afterAll(() => sandbox.dispose());

/** Guest instructions, in millions: they do not depend on how busy this computer is. */
async function counted(command: string): Promise<{ output: string; millions: number }> {
  const before = sandbox.counters().instructions;
  const output = await succeed(sandbox, command, LONG);
  return { output, millions: (sandbox.counters().instructions - before) / 1e6 };
}

test('apt-get update and install in a RUN, as tutorials write it', async () => {
  const dockerfile =
    'FROM debian:13-slim\nRUN apt-get update && apt-get install -y --no-install-recommends tree && rm -rf /var/lib/apt/lists/*\nCMD ["tree", "--version"]\n';
  await sandbox.applyFiles([written('apt/Dockerfile', dockerfile)]);
  await succeed(sandbox, 'cd /workspace/apt && docker build -q -t with-tree .', LONG);
  expect(await succeed(sandbox, 'docker run --rm with-tree')).toMatch(/^tree v\d/);
}, 600_000);

test('in a container: the index is signed, and installing runs the maintainer scripts', async () => {
  await succeed(sandbox, 'docker run -d --name apt-box debian:13-slim sleep infinity');
  const update = await counted('docker exec apt-box apt-get update 2>&1');
  expect(update.output).toContain('http://deb.debian.org/debian trixie InRelease');
  expect(update.output).not.toMatch(/^(W|E|Err|Ign):/m);
  const nano = await counted('docker exec apt-box apt-get install -y nano 2>&1');
  expect(nano.output).toMatch(/^Setting up nano/m);
  expect(await succeed(sandbox, 'docker exec apt-box sh -c "readlink /etc/alternatives/editor; dpkg -s nano"')).toMatch(
    /^\/bin\/nano\n[^]*Drydock-Repacked: from nano_/,
  );
  expect(update.millions).toBeLessThan(300);
}, 600_000);

test('what an instructor has added is installed like everything else: a .deb with what it needs, and a wheel', async () => {
  const said = await succeed(sandbox, 'docker exec apt-box apt-get install -y course-tools 2>&1', LONG);
  expect(said).toMatch(/^Setting up course-tools \(2\.0-1\)/m);
  expect(said).not.toMatch(/^(W|E):/m);
  expect(await succeed(sandbox, 'docker exec apt-box sh -c "cat /usr/share/course-tools/greeting; tree --version"')).toMatch(
    /^hello from course-tools\ntree v\d/,
  );
  const python = await succeed(sandbox, "docker run --rm python:3.13-slim sh -c 'pip install -q hello==1.0 && python -m hello'", LONG);
  expect(python).toBe('hello from hello 1.0\n');
}, 600_000);

test('asks on a terminal, and the page tells why a package is not found', async () => {
  const learner = await learnerAt(sandbox);
  await learner.enter('docker exec -it apt-box bash', /# $/);
  // apt asks where more than what was named would be installed.
  await learner.enter('apt install jq', /\[Y\/n\] $/);
  expect(await learner.enter('y', /# $/)).toContain('Setting up jq');
  expect(await learner.enter('apt-get install -y no-such-thing', /# $/)).toContain('E: Unable to locate package no-such-thing');
  await eventually('the notice', () => notices.find(({ message }) => message.includes('no Debian package no-such-thing')));
  await learner.enter('exit');
}, 600_000);

test('what is not there is refused in words', async () => {
  await succeed(sandbox, 'docker exec apt-box sh -c \'echo "deb http://deb.debian.org/debian buster main" > /etc/apt/sources.list.d/old.list\'');
  expect((await fail(sandbox, 'docker exec apt-box apt-get update 2>&1', LONG)).stdout).toContain(
    'The Debian archive of this sandbox has no suite buster',
  );
  await succeed(
    sandbox,
    'docker exec apt-box sh -c \'echo "deb http://ppa.launchpadcontent.net/x/ubuntu noble main" > /etc/apt/sources.list.d/old.list\'',
  );
  expect((await fail(sandbox, 'docker exec apt-box apt-get update 2>&1', LONG)).stdout).toContain(
    'No internet in this sandbox: ppa.launchpadcontent.net is not here',
  );
}, 600_000);

test('with a mirror: what the own archive lacks comes from there, in a RUN and in a container; without the network it is refused in words', async () => {
  const server = await OutsideServer.start();
  try {
    const packages = await Promise.all([lockedMirrorPackage('ruby', 'libyaml-0-2'), lockedMirrorPackage('ruby', 'ruby-net-telnet')]);
    serveSuite(server, { codename: 'trixie', packages });
    const settings = { ...NO_UPSTREAMS, debian: `${server.address}debian/` };
    await sandbox.chooseUpstreams({ settings, isOpen: true });
    // Named in a Dockerfile: it is in the list that apt-get update fetches.
    const dockerfile = 'FROM debian:13-slim\nRUN apt-get update \\\n && apt-get install -y libyaml-0-2\n';
    await sandbox.applyFiles([written('mirror/Dockerfile', dockerfile)]);
    await succeed(sandbox, 'cd /workspace/mirror && docker build -q -t mirrored .', LONG);
    const status = await succeed(sandbox, 'docker run --rm mirrored dpkg -s libyaml-0-2');
    expect(status).toContain('Status: install ok installed');
    expect(status).not.toContain('Drydock-Repacked');
    // Named nowhere but at the prompt: it comes into the list when apt does not find it.
    await succeed(sandbox, 'docker run -d --name mirror-box debian:13-slim sleep infinity && docker exec mirror-box apt-get update', LONG);
    const learner = await learnerAt(sandbox);
    await learner.enter('docker exec -it mirror-box bash', /# $/);
    expect(await learner.enter('apt install ruby-net-telnet', /# $/)).toContain('Unable to locate package ruby-net-telnet');
    await eventually('the notice', () => notices.find(({ message }) => message.includes(`${server.host} has ruby-net-telnet for Debian 13`)));
    const update = await learner.enter('apt-get update', /# $/);
    expect(update).not.toMatch(/^(W|E|Err|Ign):/m);
    expect(await learner.enter('apt install -y ruby-net-telnet', /# $/)).toContain('Setting up ruby-net-telnet');
    await learner.enter('exit');
    // apt's list has the other one as well, but the way there is closed.
    await sandbox.chooseUpstreams({ settings, isOpen: false });
    const refused = await fail(sandbox, 'docker exec mirror-box apt-get install -y libyaml-0-2 2>&1', LONG);
    expect(refused.stdout).toContain(`no Debian package libyaml-0-2, and its network is off: switch it on`);
    expect(await succeed(sandbox, 'docker exec mirror-box apt-get update 2>&1', LONG)).not.toMatch(/^(W|E|Err|Ign):/m);
    const unknown = await fail(sandbox, 'docker exec mirror-box apt-get install -y libyaml-0-2 2>&1', LONG);
    expect(unknown.stdout).toContain('Unable to locate package libyaml-0-2');
  } finally {
    await server.stop();
  }
}, 600_000);
