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

  it('says "Using cache" for each step of a second build', async () => {
    await files({ Dockerfile: 'FROM busybox\nCOPY a /a\nRUN cat /a > /b\n', a: 'A\n' });
    expect(await inFolder('docker build -t cached .')).not.toContain('Using cache');
    const second = await inFolder('docker build -t cached .');
    expect(second.match(/ ---> Using cache/g)).toHaveLength(2);
    await files({ a: 'another\n' });
    expect(await inFolder('docker build -t cached .')).not.toContain('Using cache');
    expect(await inFolder('docker run --rm cached cat /b')).toBe('another\n');
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

  it('does ARG and --build-arg, and says when an argument is not used', async () => {
    await files({ Dockerfile: 'ARG BASE=busybox\nFROM $BASE\nARG NAME=nobody\nENV WHO=$NAME\nCMD echo "for $WHO"\n' });
    await inFolder('docker build -t argued .');
    expect(await inFolder('docker run --rm argued')).toBe('for nobody\n');
    const shown = await inFolder('docker build -t argued --build-arg NAME=ann --build-arg OTHER=1 . 2>&1');
    expect(shown).toMatch(/build-args \[OTHER\] were not consumed/);
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
