import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, fail, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;
let folders = 0;
let directory = '';
beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
beforeEach(() => {
  directory = `build-${++folders}`;
});
afterAll(() => sandbox.dispose());

/** Puts files into a folder of their own, as the page would. */
function files(contents: Record<string, string>): Promise<void> {
  return sandbox.applyFiles(Object.entries(contents).map(([name, content]) => written(`${directory}/${name}`, content)));
}

function inFolder(command: string): Promise<string> {
  return succeed(sandbox, command, { directory: `/workspace/${directory}`, timeoutMilliseconds: 180_000 });
}

/** The same, and gives what it said on both its outputs. */
function shown(command: string): Promise<string> {
  return inFolder(`{ ${command}; } 2>&1`);
}

describe('docker build', () => {
  it('does RUN, ENV, WORKDIR, LABEL and USER', async () => {
    await files({
      Dockerfile: `FROM busybox
LABEL org.example.lesson="one and two"
ENV GREETING="good day"
WORKDIR /srv/here
RUN echo "learner:x:1234:1234::/:/bin/sh" >> /etc/passwd && echo "$GREETING" > greeting && chown learner greeting
USER learner
CMD echo "$(cat greeting), $(id -un) in $(pwd)"
`,
    });
    await inFolder('docker build -t features .');
    expect(await inFolder('docker run --rm features')).toBe('good day, learner in /srv/here\n');
    expect(await inFolder(`docker inspect -f '{{index .Config.Labels "org.example.lesson"}}' features`)).toBe('one and two\n');
  });

  it('shows which steps of a second build come from the cache', async () => {
    await files({ Dockerfile: 'FROM busybox\nCOPY a /a\nRUN cat /a > /b\n', a: 'A\n' });
    const cached = /^#\d+ \[[23]\/3\] .*\n#\d+ CACHED$/gm;
    expect(await shown('docker build -t cached .')).not.toMatch(cached);
    const second = await shown('docker build -t cached .');
    expect(second.match(cached)).toHaveLength(2);
    expect(second).toMatch(/^#\d+ \[internal\] load build context\n#\d+ transferring context: \S+ .*done$/m);
    await files({ a: 'another\n' });
    expect(await shown('docker build -t cached .')).not.toMatch(cached);
    expect(await inFolder('docker run --rm cached cat /b')).toBe('another\n');
  });

  it('does heredocs, mounts and the flags of COPY, with a syntax line', async () => {
    await files({
      Dockerfile: [
        '# syntax=docker/dockerfile:1',
        'FROM --platform=$BUILDPLATFORM busybox AS made',
        'ARG TARGETARCH',
        'RUN <<EOF',
        'echo "for $TARGETARCH" > /made',
        'EOF',
        'FROM busybox',
        'RUN --mount=type=cache,target=/cache echo once >> /cache/log',
        'RUN --mount=type=cache,target=/cache --mount=type=bind,source=a,target=/a --mount=type=tmpfs,target=/t cat /cache/log /a > /seen',
        'COPY --from=made --link --chown=12:34 /made /made',
        'COPY --chmod=755 <<EOF /start.sh',
        '#!/bin/sh',
        'cat /seen /made; stat -c %u:%g /made; ls -d /a/* /t/* /cache/* 2> /dev/null; true',
        'EOF',
        'ENTRYPOINT ["/bin/sh", "/start.sh"]',
      ].join('\n'),
      a: 'A\n',
    });
    await inFolder('docker build -t modern .');
    expect(await inFolder('docker run --rm modern')).toBe('once\nA\nfor 386\n12:34\n');
  });

  it('gives a secret to the step that asks for it, and to no layer', async () => {
    await files({ Dockerfile: 'FROM busybox\nRUN --mount=type=secret,id=key wc -c < /run/secrets/key > /length\n', key: 'hush' });
    await inFolder('docker build --secret id=key,src=key -t secretive .');
    expect(await inFolder('docker run --rm secretive sh -c "cat /length /run/secrets/key 2>&1; true"')).toMatch(/^4\n.*No such file/);
  });

  it('pulls an image that is not there yet, and says what the hub says when it is nowhere', async () => {
    await files({ Dockerfile: 'FROM traefik/whoami\nLABEL mine=yes\n' });
    expect(await shown('docker build -t pulled .')).toMatch(/load metadata for docker\.io\/traefik\/whoami/);
    await files({ Dockerfile: 'FROM nowhere:1\n' });
    const { stderr } = await fail(sandbox, 'docker build .', { directory: `/workspace/${directory}` });
    expect(stderr).toMatch(/ERROR: failed to solve: nowhere:1: [^]*The sandbox's hub has no image nowhere:1: /);
  });

  it('refuses what it cannot be, in words', async () => {
    const said = async (dockerfile: string, flags = '') => {
      await files({ Dockerfile: dockerfile });
      return (await fail(sandbox, `docker build ${flags} .`, { directory: `/workspace/${directory}` })).stderr;
    };
    expect(await said('# syntax=someone/else:2\nFROM busybox\n')).toMatch(/^ERROR: the syntax line asks for someone\/else:2: /);
    expect(await said('FROM busybox\n', '-t Foo')).toMatch(/^ERROR: invalid tag "Foo": .* must be lowercase$/m);
    expect(await said('FROM busybox\n', '--platform linux/amd64')).toMatch(/This machine is linux\/386 and cannot be linux\/amd64/);
    expect(await said('FROM --platform=linux/amd64 busybox\n')).toMatch(/This machine is linux\/386 and cannot be linux\/amd64/);
  });

  it('is the classic builder with DOCKER_BUILDKIT=0, and the plugin’s commands are there', async () => {
    await files({ Dockerfile: 'FROM busybox\nLABEL a=b\n' });
    const classic = await shown('DOCKER_BUILDKIT=0 docker build -t classic .');
    expect(classic).toContain('Successfully tagged classic:latest');
    expect(classic).not.toContain('DEPRECATED');
    expect(await shown('docker builder prune -f')).toMatch(/^(Deleted|Total reclaimed)/);
    expect(await shown('docker buildx version')).toContain('github.com/docker/buildx 0.13.1');
  });

  it('does several stages: only what is copied is in the last', async () => {
    await files({
      Dockerfile: `FROM python:3.13-slim AS maker
RUN python3 -c 'print(6 * 7)' > /answer && echo secret > /tools
FROM busybox
COPY --from=maker /answer /answer
CMD ["cat", "/answer"]
`,
    });
    await inFolder('docker build -t stages .');
    expect(await inFolder('docker run --rm stages')).toBe('42\n');
    await fail(sandbox, 'docker run --rm stages cat /tools');
    await inFolder('docker build -t maker --target maker .');
    expect(await inFolder('docker run --rm maker cat /tools')).toBe('secret\n');
    await files({ Dockerfile: 'FROM busybox AS left-out\nRUN exit 1\nFROM busybox AS wanted\nRUN true\n' });
    await inFolder('docker build -q --target wanted .');
  });

  it('leaves out what .dockerignore names', async () => {
    await files({
      Dockerfile: 'FROM busybox\nCOPY . /all/\nCMD ["find", "/all", "-type", "f"]\n',
      '.dockerignore': '*.log\nsecret\n!keep.log\n',
      'a.txt': 'a',
      'b.log': 'b',
      'keep.log': 'k',
      'secret/key': 's',
    });
    await inFolder('docker build -t ignoring .');
    const found = await inFolder('docker run --rm ignoring');
    expect(found.trim().split('\n').sort()).toEqual(['/all/.dockerignore', '/all/Dockerfile', '/all/a.txt', '/all/keep.log']);
  });

  it('does ARG and --build-arg', async () => {
    await files({ Dockerfile: 'ARG BASE=busybox\nFROM $BASE\nARG NAME=nobody\nENV WHO=$NAME\nCMD echo "for $WHO"\n' });
    await inFolder('docker build -t argued .');
    expect(await inFolder('docker run --rm argued')).toBe('for nobody\n');
    await inFolder('NAME=ann docker build -t argued --build-arg NAME .');
    expect(await inFolder('docker run --rm argued')).toBe('for ann\n');
  });

  it('does ENTRYPOINT with CMD as its default arguments', async () => {
    await files({ Dockerfile: 'FROM busybox\nENTRYPOINT ["echo", "said:"]\nCMD ["nothing"]\n' });
    await inFolder('docker build -t speaker .');
    expect(await inFolder('docker run --rm speaker')).toBe('said: nothing\n');
    expect(await inFolder('docker run --rm speaker two words')).toBe('said: two words\n');
  });

  it('does HEALTHCHECK: the container becomes healthy, and unhealthy when it is not', async () => {
    await files({ Dockerfile: 'FROM busybox\nHEALTHCHECK --interval=1s --retries=1 CMD test -e /well\nCMD touch /well; exec sleep 900\n' });
    await inFolder('docker build -t patient . && docker run -d --name patient patient');
    const health = async (wanted: string) => {
      const now = await succeed(sandbox, "docker inspect -f '{{.State.Health.Status}}' patient");
      return now === `${wanted}\n` ? true : undefined;
    };
    await eventually('healthy', () => health('healthy'));
    expect(await succeed(sandbox, 'docker ps')).toContain('(healthy)');
    await succeed(sandbox, 'docker exec patient rm /well');
    await eventually('unhealthy', () => health('unhealthy'));
    await succeed(sandbox, 'docker rm -f patient');
  });

  it('reads a Dockerfile from standard input', async () => {
    await succeed(sandbox, 'docker build -t piped -', { stdin: 'FROM busybox\nCMD echo from a pipe\n' });
    expect(await succeed(sandbox, 'docker run --rm piped')).toBe('from a pipe\n');
  });

  it('takes another file with -f and a folder with a path', async () => {
    await files({ 'sub/Other.dockerfile': 'FROM busybox\nCOPY sub/x /x\nCMD ["cat", "/x"]\n', 'sub/x': 'the file x\n' });
    await inFolder('docker build -t other -f sub/Other.dockerfile .');
    expect(await inFolder('docker run --rm other')).toBe('the file x\n');
  });

  it('copies files with odd names and keeps what may be executed executable', async () => {
    const names = ['with space', 'ünïcödé-文件.txt', "quote'd", '-dash', 'new\nline', '$HOME', '#hash', '[x]', 'x'.repeat(200)];
    await sandbox.applyFiles([
      ...names.map(name => written(`${directory}/odd/${name}`, `content of ${name}`)),
      written(`${directory}/odd/run-me`, '#!/bin/sh\necho I ran\n', true),
      written(`${directory}/Dockerfile`, 'FROM busybox\nCOPY odd /odd/\nCOPY ["odd/with space", "/a copy"]\nCMD /odd/run-me; cat "/a copy"\n'),
    ]);
    await inFolder('docker build -t odd .');
    expect(await inFolder('docker run --rm odd')).toBe('I ran\ncontent of with space');
    const all = await inFolder(`docker run --rm odd sh -c 'cd /odd; for f in *; do printf "%s\\0%s\\0" "$f" "$(cat "./$f")"; done'`);
    for (const name of names) expect(all).toContain(`${name}\0content of ${name}\0`);
  });

  it('shows the history of an image and removes it', async () => {
    await files({ Dockerfile: 'FROM busybox\nRUN echo made > /made\n' });
    await inFolder('docker build -t shortlived .');
    expect(await inFolder('docker history shortlived')).toContain('echo made > /made');
    expect(await inFolder('docker rmi shortlived')).toContain('Untagged: shortlived:latest');
    await fail(sandbox, 'docker inspect shortlived');
  });
});
