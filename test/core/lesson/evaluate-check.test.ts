import { describe, expect, test } from 'vitest';
import type { CheckKind, CheckOf } from '../../../src/core/lesson/check/check-schema.ts';
import { describeCheck, evaluateCheck, triggersOf } from '../../../src/core/lesson/check/evaluate-check.ts';
import { checkOf, probeOf, type Recorded } from './recorded-probe.ts';

/** `passed`, or what the learner reads. */
async function judged<K extends CheckKind>(kind: K, source: CheckOf<K>, recorded: Recorded): Promise<string> {
  const result = await evaluateCheck(checkOf(kind, source), probeOf(recorded));
  if (result.outcome === 'passed') return 'passed';
  return result.outcome === 'broken' ? `broken: ${result.reason}` : `${result.expected} | ${result.found}`;
}

async function hintOf<K extends CheckKind>(kind: K, source: CheckOf<K>, recorded: Recorded): Promise<string | undefined> {
  const result = await evaluateCheck(checkOf(kind, source), probeOf(recorded));
  return result.outcome === 'failed' ? result.hint : undefined;
}

describe('file', () => {
  const files = { 'a.py': 'import os\nPrint("Hello")\n', 'e.py': '', 'one.py': 'x\n', 'b.bin': Uint8Array.of(0xff, 0) };
  test.each<[CheckOf<'file'>, string]>([
    [{ file: 'a.py' }, 'passed'],
    [{ file: 'A.py' }, 'There is a file `A.py` in the workspace. | There is no file of that name.'],
    [{ file: 'x.py', exists: false }, 'passed'],
    [{ file: 'a.py', exists: false }, 'There is no file `a.py`. | It is there.'],
    [{ file: 'a.py', contains: ['import', '/print\\(/i'] }, 'passed'],
    [
      { file: 'a.py', contains: 'print("Hello")' },
      '`a.py` contains `print("Hello")`. | Line 2 is nearly that: `Print("Hello")`. Check capital letters and spaces.',
    ],
    [{ file: 'a.py', contains: '/flask/' }, '`a.py` contains something that fits `/flask/`. | None of its 2 lines has it.'],
    [{ file: 'e.py', contains: 'x' }, '`e.py` contains `x`. | The file is empty.'],
    [{ file: 'one.py', contains: 'y' }, '`one.py` contains `y`. | The file says `x`.'],
    [{ file: 'a.py', lacks: 'os' }, '`a.py` does not contain `os`. | Line 1 does: `import os`.'],
    [{ file: 'b.bin', contains: 'x' }, '`b.bin` is a text file. | It contains bytes that are not text.'],
  ])('%j', async (source, expected) => expect(await judged('file', source, { files })).toBe(expected));
});

describe('dockerfile', () => {
  const Dockerfile = `# syntax comment
FROM python:3.13-slim AS base
run pip install \\
   # a comment between
   flask \\

   gunicorn
COPY   app.py   /app/
RUN <<EOF
FROM nowhere
EOF
CMD ["python", "app.py"]
`;
  test.each<[CheckOf<'dockerfile'>, string]>([
    [{ dockerfile: 'Dockerfile' }, 'passed'],
    [
      { dockerfile: 'Dockerfile', instructions: ['FROM', 'RUN pip install flask gunicorn', 'COPY app.py /app/', 'CMD /python/'], stages: 1 },
      'passed',
    ],
    [{ dockerfile: 'Dockerfile', instructions: ['from /^python:3/'] }, 'passed'],
    [
      { dockerfile: 'Dockerfile', instructions: ['COPY', 'RUN /pip install/'] },
      '`Dockerfile` has an instruction `RUN /pip install/`, below `COPY`. | It is on line 3, above that.',
    ],
    [{ dockerfile: 'Dockerfile', instructions: ['COPY . .'] }, '`Dockerfile` has an instruction `COPY . .`. | Line 8 says `COPY app.py /app/`.'],
    [{ dockerfile: 'Dockerfile', instructions: ['WORKDIR /app'] }, '`Dockerfile` has an instruction `WORKDIR /app`. | It has no `WORKDIR`.'],
    [{ dockerfile: 'Dockerfile', lacks: ['USER', 'COPY /app/'] }, '`Dockerfile` has no instruction `COPY /app/`. | Line 8 says `COPY app.py /app/`.'],
    [{ dockerfile: 'Dockerfile', stages: 2 }, '`Dockerfile` has 2 build stages: that many lines begin with `FROM`. | It has 1 stage.'],
    [{ dockerfile: 'empty', instructions: ['FROM'] }, '`empty` has an instruction `FROM`. | The file has no instruction yet.'],
    [{ dockerfile: 'gone' }, 'There is a file `gone` in the workspace. | There is no file of that name.'],
    [{ dockerfile: 'win', instructions: ['RUN dir c:'] }, 'passed'],
  ])('%j', async (source, expected) => {
    const files = { Dockerfile, empty: '# nothing\n', win: '# escape=`\nFROM x\nRUN dir `\n  c:\n' };
    expect(await judged('dockerfile', source, { files })).toBe(expected);
  });
});

describe('image', () => {
  const base = ['sha256:a', 'sha256:b'];
  const images: Recorded['images'] = [
    { tags: ['python:3.13-slim'], sizeBytes: 120e6, details: { layers: base } },
    { tags: ['debian:13-slim'], sizeBytes: 80e6, details: { layers: ['sha256:z'] } },
    {
      tags: ['student/hello:v1', 'student/hello:latest'],
      sizeBytes: 120.5e6,
      details: {
        layers: [...base, 'sha256:c'],
        config: { command: ['python', 'hello.py'], exposedPorts: ['5000/tcp'], workingDirectory: '/app', environment: ['PATH=/bin', 'MODE=dev=1'] },
      },
    },
  ];
  const name = 'student/hello:v1';
  test.each<[CheckOf<'image'>, string]>([
    [{ image: name }, 'passed'],
    [{ image: 'student/hello' }, 'passed'],
    [{ image: 'docker.io/library/python:3.13-slim' }, 'passed'],
    [
      { image: 'student/hello:v2' },
      'There is an image `student/hello:v2`. | There is no such image, but there is `student/hello:v1` and `student/hello:latest`.',
    ],
    [
      { image: 'redis' },
      'There is an image `redis`. | There is no such image. There are `python:3.13-slim`, `debian:13-slim`, `student/hello:v1` and `student/hello:latest`.',
    ],
    [{ image: 'x', exists: false }, 'passed'],
    [{ image: name, exists: false }, 'There is no image `student/hello:v1`. | It is there.'],
    [
      {
        image: name,
        base: 'python:3.13-slim',
        ownLayers: 1,
        command: ['python', 'hello.py'],
        exposes: 5000,
        workdir: '/app',
        environment: { MODE: 'dev=1' },
      },
      'passed',
    ],
    [{ image: name, base: 'python:3.13-slim', ownLayers: 2 }, '`student/hello:v1` has 2 layers above those of `python:3.13-slim`. | It has 1.'],
    [
      { image: name, base: 'debian:13-slim' },
      '`student/hello:v1` is built on `debian:13-slim`: its lowest layers are those of that image. | They have no layer in common.',
    ],
    [{ image: name, base: 'alpine' }, '`student/hello:v1` is built on `alpine`. | The image `alpine` is not in the engine.'],
    [
      { image: 'python:3.13-slim', base: name },
      '`python:3.13-slim` is built on `student/hello:v1`: its lowest layers are those of that image. | They have only the lowest 2 layers in common.',
    ],
    [
      { image: name, smallerThan: 'python:3.13-slim' },
      '`student/hello:v1` is smaller than `python:3.13-slim`. | It has 120.5 MB, and `python:3.13-slim` has 120.0 MB.',
    ],
    [{ image: 'debian:13-slim', smallerThan: 'python:3.13-slim' }, 'passed'],
    [
      { image: name, smallerThan: 'gone' },
      'There is an image `gone`. | There is no such image. There are `python:3.13-slim`, `debian:13-slim`, `student/hello:v1` and `student/hello:latest`.',
    ],
    [
      { image: name, command: ['python hello.py'] },
      '`student/hello:v1` starts this command: `["python hello.py"]`. | It is `["python","hello.py"]`.',
    ],
    [{ image: name, entrypoint: ['x'] }, '`student/hello:v1` has this entry point: `["x"]`. | It has no ENTRYPOINT.'],
    [{ image: name, exposes: 80 }, '`student/hello:v1` exposes port 80. | It exposes `5000/tcp`.'],
    [{ image: name, user: 'app' }, '`student/hello:v1` runs as the user `app`. | It has no USER.'],
    [{ image: name, workdir: '/srv' }, '`student/hello:v1` begins in the folder `/srv`. | It is `/app`.'],
    [
      { image: name, environment: { MODE: '/^prod/' } },
      '`student/hello:v1` sets the variable `MODE` to something that fits `/^prod/`. | It sets it to `dev=1`.',
    ],
    [{ image: name, environment: { PORT: '80' } }, '`student/hello:v1` sets the variable `PORT` to `80`. | It does not set it.'],
  ])('%j', async (source, expected) => expect(await judged('image', source, { images })).toBe(expected));

  test('an engine without images', async () =>
    expect(await judged('image', { image: 'x' }, {})).toBe('There is an image `x`. | There are no images yet.'));
});

describe('container', () => {
  const web = {
    names: ['web'],
    image: 'student/site:v1',
    ports: [{ hostPort: 8888, containerPort: 5000, protocol: 'tcp' as const }],
    networks: [{ name: 'bridge', address: '172.17.0.2' }],
    mounts: [{ kind: 'volume', volume: 'data', source: '/x', destination: '/data', isReadOnly: false }],
    environment: ['PATH=/bin', 'COLOUR=red=ish', 'EMPTY='],
    logs: 'starting\nready at 12:00\n',
  };
  const ended = { names: ['quick_kirch'], image: 'hello-world', state: 'exited' as const, status: 'Exited (3) 2 minutes ago', exitCode: 3 };
  test.each<[CheckOf<'container'>, string]>([
    [{ container: 'web', state: 'running', publishes: 8888, network: 'bridge', volume: 'data' }, 'passed'],
    [{ container: { image: 'student/site:v1' }, state: 'running' }, 'passed'],
    [{ container: { image: 'hello-world:latest' }, exitCode: 3 }, 'passed'],
    [{ container: 'gone', exists: false }, 'passed'],
    [{ container: 'web', exists: false }, 'There is no container `web`. | `web` is there (Up 2 minutes).'],
    [{ container: 'wep' }, 'There is a container `wep`. | There is no container of that name, but there is `web`.'],
    [{ container: 'db' }, 'There is a container `db`. | There is no container of that name. There are `web` and `quick_kirch`.'],
    [
      { container: { image: 'redis' } },
      'There is a container of the image `redis`. | The existing containers were made from `student/site:v1` and `hello-world`.',
    ],
    [{ container: 'quick_kirch', state: 'running' }, 'The container `quick_kirch` runs. | Its state is `exited` (Exited (3) 2 minutes ago).'],
    [{ container: 'quick_kirch', exitCode: 0 }, 'The container `quick_kirch` ended with exit code 0. | It ended with exit code 3.'],
    [{ container: 'web', exitCode: 0 }, 'The container `web` ended with exit code 0. | It has not ended: its state is `running`.'],
    [{ container: 'web', publishes: 80 }, 'The container `web` is published at port 80. | It is published at `8888:5000`.'],
    [
      { container: 'quick_kirch', publishes: 80 },
      'The container `quick_kirch` is published at port 80. | It does not run (Exited (3) 2 minutes ago), so no port leads to it.',
    ],
    [{ container: 'web', network: 'app' }, 'The container `web` is on the network `app`. | It is on `bridge`.'],
    [{ container: 'quick_kirch', volume: 'data' }, 'The container `quick_kirch` uses the volume `data`. | It uses no volume.'],
    [{ container: 'web', environment: { COLOUR: '/^red=/', EMPTY: '/^$/' }, logs: ['starting', '/^ready at \\d+:\\d+$/'] }, 'passed'],
    [
      { container: 'web', environment: { COLOUR: 'blue' } },
      'The container `web` was given the variable `COLOUR` with `blue`. | It was given `COLOUR=red=ish`.',
    ],
    [
      { container: 'quick_kirch', environment: { COLOUR: 'blue' } },
      'The container `quick_kirch` was given the variable `COLOUR` with `blue`. | It was not given it.',
    ],
    [{ container: 'web', logs: ['starting', 'error'] }, 'The container `web` has written `error`. | The last thing it wrote is `ready at 12:00`.'],
    [{ container: 'quick_kirch', logs: '/x/' }, 'The container `quick_kirch` has written something that fits `/x/`. | It has written nothing.'],
  ])('%j', async (source, expected) => expect(await judged('container', source, { containers: [web, ended] })).toBe(expected));

  test('any container of an image may be the right one; of wrong ones the newest is told', async () => {
    const containers = [
      { names: ['old'], image: 'x', createdMilliseconds: 1 },
      { names: ['new'], image: 'x', createdMilliseconds: 2, state: 'exited' as const, status: 'Exited (0)' },
    ];
    expect(await judged('container', { container: { image: 'x' }, state: 'running' }, { containers })).toBe('passed');
    expect(await judged('container', { container: { image: 'x' }, state: 'paused' }, { containers })).toBe(
      'The container `new` is paused. | Its state is `exited` (Exited (0)).',
    );
  });

  test('an engine without containers', async () =>
    expect(await judged('container', { container: 'x' }, {})).toBe('There is a container `x`. | There are no containers.'));
});

describe('network and volume', () => {
  const recorded = { networks: ['bridge', 'host', 'none', 'app-net'], volumes: ['data'] };
  test('there', async () => {
    expect(await judged('network', { network: 'app-net' }, recorded)).toBe('passed');
    expect(await judged('volume', { volume: 'data' }, recorded)).toBe('passed');
    expect(await judged('volume', { volume: 'x', exists: false }, recorded)).toBe('passed');
  });
  test('not there', async () => {
    expect(await judged('network', { network: 'appnet' }, recorded)).toBe(
      'There is a network `appnet`. | There is no network of that name, but there is `app-net`.',
    );
    expect(await judged('network', { network: 'x' }, {})).toBe('There is a network `x`. | You have not made a network yet.');
    expect(await judged('volume', { volume: 'data', exists: false }, recorded)).toBe('There is no volume `data`. | It is there.');
    expect(await hintOf('volume', { volume: 'db' }, {})).toBe('Make it: `docker volume create db`');
  });
});

describe('http', () => {
  const http = {
    '8888/': { status: 200, body: '<html><style>x{}</style><h1>Hello</h1> world</html>' },
    '8888/x': { status: 404, body: 'Not Found' },
  };
  test.each<[CheckOf<'http'>, string]>([
    [{ http: '8888/' }, 'passed'],
    [{ http: ':8888', body: '<h1>Hello' }, 'passed'],
    [{ http: '8888/x', status: 404 }, 'passed'],
    [{ http: '8888/x' }, '`localhost:8888/x` answers with status 200. | It answers with status 404: `Not Found`.'],
    [{ http: '8888/', body: 'Bye' }, '`localhost:8888/` shows `Bye`. | It shows `Hello world`.'],
    [{ http: '80/' }, '`localhost:80/` answers. | No container is running.'],
  ])('%j', async (source, expected) => expect(await judged('http', source, { http })).toBe(expected));

  test('where nothing answers, the containers say why', async () => {
    const at = (hostPort: number) => ({ containers: [{ names: ['web'], ports: [{ hostPort, containerPort: 5000, protocol: 'tcp' as const }] }] });
    expect(await judged('http', { http: '80/' }, at(8888))).toBe(
      '`localhost:80/` answers. | No container has port 80; the published ones are `8888:5000`.',
    );
    expect(await judged('http', { http: '80/' }, at(80))).toBe(
      '`localhost:80/` answers. | The container `web` has the port, but nothing in it answers at its port 5000.',
    );
    expect(await judged('http', { http: '80/' }, { containers: [{}] })).toBe('`localhost:80/` answers. | No running container publishes a port.');
  });
});

describe('command', () => {
  const run = (exitCode: number, stdout = '', stderr = '') => ({ run: { exitCode, stdout, stderr } });
  test.each<[CheckOf<'command'>, Recorded, string]>([
    [{ command: 'true' }, run(0), 'passed'],
    [{ command: 'x', output: ['a', '/^b$/'] }, run(0, 'a\n', 'b\n'), 'passed'],
    [{ command: 'x', exitCode: 2 }, run(2), 'passed'],
    [{ command: 'x' }, run(1, 'out', 'no such file'), '`x` succeeds. | It ends with exit code 1. It says `no such file`.'],
    [{ command: 'x', exitCode: 2 }, run(0), '`x` ends with exit code 2. | It ends with exit code 0.'],
    [{ command: 'x', output: 'a' }, run(0), '`x` shows `a`. | It shows nothing.'],
    [{ command: 'x', output: 'a' }, run(0, 'b'), '`x` shows `a`. | It says `b`.'],
    [{ command: 'x' }, {}, 'broken: This could not be checked: The machine has stopped.'],
  ])('%j %j', async (source, recorded, expected) => expect(await judged('command', source, recorded)).toBe(expected));
});

describe('typed', () => {
  const typed = [
    { text: 'docker  images -a', exitCode: 0 },
    { text: 'docker run x', exitCode: 125 },
    { text: 'sudo docker ps;ls', exitCode: 0 },
  ];
  test.each<[CheckOf<'typed'>, string]>([
    [{ typed: 'docker images' }, 'passed'],
    [{ typed: 'docker ps' }, 'passed'],
    [{ typed: '/^docker images/' }, 'passed'],
    [{ typed: 'docker run x', exitCode: 125 }, 'passed'],
    [{ typed: 'docker run x', exitCode: 'any' }, 'passed'],
    [{ typed: 'docker run x' }, '`docker run x` is entered and succeeds. | `docker run x` ended with exit code 125.'],
    [{ typed: 'docker image' }, '`docker image` is entered in a terminal. | The nearest is `docker images -a`.'],
    [{ typed: ['docker', '/-a$/'] }, 'passed'],
    [{ typed: ['docker ps', '-a'] }, '`docker ps` and `-a` is entered in a terminal. | The nearest is `docker images -a`.'],
    [{ typed: 'hostname' }, '`hostname` is entered in a terminal. | The last command was `sudo docker ps;ls`.'],
  ])('%j', async (source, expected) => expect(await judged('typed', source, { typed })).toBe(expected));

  test('nothing yet', async () =>
    expect(await judged('typed', { typed: 'ls' }, {})).toBe('`ls` is entered in a terminal. | Nothing was entered in this step yet.'));
});

test('lab', async () => {
  expect(await judged('lab', { lab: 'vm-answered' }, { labMoments: ['vm-answered'] })).toBe('passed');
  expect(await judged('lab', { lab: 'vm-stopped' }, { labMoments: ['vm-answered'] })).toBe(
    'The virtual machine was stopped. | That has not happened in this step yet.',
  );
});

describe('what the author says', () => {
  test('goes before what is made from the check', async () => {
    const source = { file: 'a', say: 'It is there', hint: 'Write it.' };
    expect(describeCheck(checkOf('file', source))).toBe('It is there');
    expect(await hintOf('file', source, {})).toBe('Write it.');
    expect(await hintOf('file', { file: 'a' }, {})).toContain('exactly `a`');
  });

  test.each([
    [
      checkOf('file', { file: 'a', contains: ['x', '/y/'], lacks: 'z' }),
      'The file `a` contains `x` and something that fits `/y/` and does not contain `z`',
    ],
    [checkOf('dockerfile', { dockerfile: 'D', instructions: ['FROM', 'RUN'], stages: 1 }), '`D` has `FROM`, `RUN` and has 1 build stage'],
    [checkOf('image', { image: 'i', base: 'b', ownLayers: 2 }), 'The image `i` is built on `b` and has 2 layers of its own'],
    [
      checkOf('container', { container: { image: 'i' }, state: 'running', publishes: 80 }),
      'A container of the image `i` runs and is published at port 80',
    ],
    [
      checkOf('container', { container: 'c', environment: { A: '1', B: '2' }, logs: ['x', '/y/'] }),
      'A container `c` was given `A` and `B` and has written `x` and something that fits `/y/`',
    ],
    [checkOf('network', { network: 'n' }), 'There is a network `n`'],
    [checkOf('volume', { volume: 'v', exists: false }), 'There is no volume `v`'],
    [checkOf('http', { http: '80', body: 'x' }), '`localhost:80/` answers and shows `x`'],
    [checkOf('command', { command: 'c' }), '`c` succeeds'],
    [checkOf('typed', { typed: 't' }), 'You have entered `t` in a terminal'],
    [checkOf('lab', { lab: 'vm-answered' }), 'The virtual machine has answered'],
  ])('%#: else a sentence is made', (check, sentence) => expect(describeCheck(check)).toBe(sentence));
});

test('every kind has something that triggers it', () => {
  for (const kind of ['file', 'dockerfile', 'image', 'container', 'network', 'volume', 'http', 'command', 'typed', 'lab'] as const) {
    expect(triggersOf(checkOf(kind, {} as never)).size, kind).toBeGreaterThan(0);
  }
  expect([...triggersOf(checkOf('file', { file: 'a' }))]).toEqual(['files']);
  expect([...triggersOf(checkOf('typed', { typed: 'a' }))]).toEqual(['command']);
});
