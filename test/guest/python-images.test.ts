import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { fail, succeed, written } from './learner.ts';

/** What tutorials that were written for the official image do with it: python:3.9 is the oldest of ours and the furthest from Debian's own layout today. */
let sandbox: LocalSandbox;
beforeAll(async () => {
  sandbox = await startGuestSandbox();
  await succeed(sandbox, 'docker pull -q python:3.9', { timeoutMilliseconds: 600_000 });
});
afterAll(() => sandbox.dispose());

const build = (name: string) => succeed(sandbox, `docker build -q -t ${name} .`, { directory: `/workspace/${name}`, timeoutMilliseconds: 600_000 });

describe('python:3.9', () => {
  it('has Python in /usr/local, with site-packages, ps, and the empty folders of Debian', async () => {
    const program = 'import sys, site, sysconfig; print(sys.prefix, site.getsitepackages(), sysconfig.get_path("purelib"))';
    const shown = await succeed(
      sandbox,
      `docker run --rm python:3.9 sh -c 'which python3 pip ps; ls -d /media /mnt /opt /srv; python -c "${program.replaceAll('"', '\\"')}"'`,
    );
    const packages = '/usr/local/lib/python3.9/site-packages';
    expect(shown).toBe(`/usr/local/bin/python3\n/usr/local/bin/pip\n/usr/bin/ps\n/media\n/mnt\n/opt\n/srv\n/usr/local ['${packages}'] ${packages}\n`);
  });

  it('does the hello world of the tutorial', async () => {
    await sandbox.applyFiles([
      written(
        'hello/Dockerfile',
        'FROM python:3.9\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY app.py .\nCMD ["python", "app.py"]\n',
      ),
      written('hello/requirements.txt', 'flask\n'),
      written('hello/app.py', 'import flask\nprint("hello,", flask.Flask(__name__).name)\n'),
    ]);
    await build('hello');
    expect(await succeed(sandbox, 'docker run --rm hello')).toBe('hello, app\n');
  });

  it('takes what an earlier stage installed with --prefix, and in a virtual environment', async () => {
    await sandbox.applyFiles([
      written(
        'stages/Dockerfile',
        `FROM python:3.9 AS build
RUN pip install -U pip setuptools wheel && pip install --prefix=/install itsdangerous
RUN python -m venv /opt/venv && /opt/venv/bin/pip install markupsafe
FROM python:3.9
COPY --from=build /install /usr/local
COPY --from=build /opt/venv /opt/venv
CMD python -c 'import itsdangerous as i; print(i.__file__)' && /opt/venv/bin/python -c 'import markupsafe as m; print(m.__file__)'
`,
      ),
    ]);
    await build('stages');
    expect(await succeed(sandbox, 'docker run --rm stages')).toBe(
      '/usr/local/lib/python3.9/site-packages/itsdangerous/__init__.py\n/opt/venv/lib/python3.9/site-packages/markupsafe/__init__.py\n',
    );
  });

  it('names the version that is here where a tutorial pins another', async () => {
    const { stderr } = await fail(sandbox, 'docker run --rm python:3.9 pip install Flask==2.0.2');
    expect(stderr).toMatch(/Requires-Python ===[\d.]+\+is\.the\.version\.here\.write\.that\.one/);
    expect(stderr).toContain('No matching distribution found for Flask==2.0.2');
  });
});
