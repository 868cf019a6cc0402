/** node:20 and the npm registry inside the page, as tutorials use them. One boot, one pull: the cases build on each other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import type { Notice } from '../../src/core/protocol/sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, fail, succeed, written } from './learner.ts';

const LONG = { timeoutMilliseconds: 900_000 };
const DOCKERFILE = `FROM node:20-slim
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
USER node
EXPOSE 3000
CMD ["node", "server.js"]
`;
const SERVER = `const app = require('express')();
app.get('/', (request, response) => response.send('hello from express'));
app.listen(3000);
`;

let sandbox: LocalSandbox;
const notices: Notice[] = [];

beforeAll(async () => {
  sandbox = await startGuestSandbox();
  sandbox.onNotice(notice => notices.push(notice));
  await succeed(sandbox, 'docker pull -q node:20-slim', LONG);
  await succeed(sandbox, 'docker run -d --name box -v /workspace:/work -w /app node:20-slim sleep infinity', LONG);
}, 1_200_000);
afterAll(() => sandbox.dispose());

test('node is started as the official image starts it, and the snapshot shows nowhere', async () => {
  const script = 'JSON.stringify([process.version, process.arch, process.execPath, process.execArgv.length, process.argv.length])';
  expect(await succeed(sandbox, `docker run --rm node:20-slim -p "${script}"`, LONG)).toMatch(
    /^\["v20\.[\d.]+","ia32","\/usr\/local\/bin\/node",2,1\]\n$/,
  );
  expect(
    await succeed(sandbox, 'docker exec -u node box sh -c "id -u; echo \\$HOME; for name in node npm npx; do command -v \\$name; done"', LONG),
  ).toBe('1000\n/home/node\n/usr/local/bin/node\n/usr/local/bin/npm\n/usr/local/bin/npx\n');
  const modules = 'import os from "os"; console.log(typeof os.cpus, process.argv.slice(1)); process.exitCode = 3';
  const { exitCode, stdout } = await fail(sandbox, `docker exec box node --input-type=module -e '${modules}'`, LONG);
  expect([exitCode, stdout]).toEqual([3, 'function []\n']);
  expect((await fail(sandbox, 'docker exec box pnpm add express', LONG)).stderr).toContain('npm and yarn do the same');
});

test('Node knows the languages that its data was cut down to, and dates of all', async () => {
  const script = [
    'new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234.5)',
    'new Date(0).toLocaleDateString("sw", { timeZone: "UTC", dateStyle: "full" })',
    'new TextDecoder("shift_jis").decode(Buffer.from([0x82, 0xa0]))',
  ];
  expect(await succeed(sandbox, `docker exec box node -p '[${script.join(', ')}].join("|")'`, LONG)).toBe(
    '1.234,50\u00a0€|Alhamisi, 1 Januari 1970|あ\n',
  );
});

test('npm install finds express and all that it needs, and says which version is here where another was asked for', async () => {
  expect(await succeed(sandbox, 'docker exec box sh -c "npm init -y > /dev/null && npm install express"', LONG)).toMatch(/added \d+ packages/);
  const { stderr } = await fail(sandbox, 'docker exec box npm install express@4.17.1', LONG);
  expect(stderr).toMatch(/No matching version found for express@4\.17\.1\. This sandbox has: 4\.\d+\.\d+, .*5\./);
  expect((await fail(sandbox, 'docker exec box npm install no-such-package', LONG)).stderr).toMatch(
    /no npm package no-such-package\. It has \d+ packages: express/,
  );
  expect(notices.some(({ message }) => message.includes('no npm package no-such-package'))).toBe(true);
  expect(await succeed(sandbox, 'docker exec box npx --yes cowsay moo', LONG)).toContain('< moo >');
});

test('sqlite3 comes with its compiled part, and keeps what is written', async () => {
  const write = `const db = new (require("sqlite3").Database)("/tmp/kept.db"); db.exec("create table t (x); insert into t values (42)")`;
  const read = `new (require("sqlite3").Database)("/tmp/kept.db").get("select x from t", (error, row) => console.log(error ?? row.x))`;
  const install = 'mkdir /sql && cd /sql && npm init -y > /dev/null && npm install sqlite3';
  await succeed(sandbox, `docker exec box sh -c '${install} && node -e "$1"' sh '${write}'`, LONG);
  expect(await succeed(sandbox, `docker exec -w /sql box node -e '${read}'`, LONG)).toBe('42\n');
});

test('what would have to be compiled says so in a sentence', async () => {
  // What npm starts for a package with a binding.gyp; npm itself before it would cost half a minute.
  const gyp = '/usr/local/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js';
  const { stderr } = await fail(sandbox, `docker exec -e npm_package_name=bcrypt box node ${gyp} rebuild`, LONG);
  expect(stderr).toContain('bcrypt has a part that would have to be compiled, and there is no compiler in this sandbox.');
});

test('yarn installs, and writes and takes a yarn.lock as it is elsewhere', async () => {
  const lock = [
    '# yarn lockfile v1',
    '',
    'ms@^2.1.3:',
    '  version "2.1.3"',
    '  resolved "https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#574c8138ce1d2b5861f0b44579dbadd60c6615b2"',
    '  integrity sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==',
    '',
  ];
  const manifest = '{"name":"y","version":"1.0.0","license":"MIT","dependencies":{"ms":"^2.1.3"}}';
  await sandbox.applyFiles([written('yarn/yarn.lock', lock.join('\n')), written('yarn/package.json', manifest)]);
  await succeed(sandbox, 'docker exec box sh -c "cp -r /work/yarn /yarn"');
  expect(await succeed(sandbox, 'docker exec -w /yarn box yarn install --production --frozen-lockfile', LONG)).toContain('Done in');
  await succeed(sandbox, 'docker exec -w /yarn box yarn add left-pad', LONG);
  expect(await succeed(sandbox, 'docker exec box cat /yarn/yarn.lock')).toMatch(
    /^left-pad@.*:\n {2}version "[\d.]+"\n {2}resolved "https:\/\/registry\.\S+\.tgz#[0-9a-f]{40}"/m,
  );
});

test("a tutorial's Dockerfile with npm ci builds, and its server answers", async () => {
  await sandbox.applyFiles([written('web/Dockerfile', DOCKERFILE), written('web/server.js', SERVER)]);
  await succeed(sandbox, 'cd /workspace/web && docker cp box:/app/package.json . && docker cp box:/app/package-lock.json .', LONG);
  expect(await succeed(sandbox, 'cat /workspace/web/package-lock.json')).toContain('"resolved": "https://registry.npmjs.org/express/-/express-');
  await succeed(sandbox, 'cd /workspace/web && docker build -q -t web . && docker run -d --name web -p 3000:3000 web', LONG);
  const page = await eventually('the page', async () => {
    const { exitCode, stdout } = await sandbox.run('wget -qO- http://127.0.0.1:3000/');
    return exitCode === 0 ? stdout : undefined;
  });
  expect(page).toBe('hello from express');
});

test("node:18's npm works too: with zlib in the start-up snapshot it ended with a segmentation fault", async () => {
  expect(await succeed(sandbox, 'docker run --rm -w /tmp node:18 sh -c "npm init -y > /dev/null && npm pkg get version"', LONG)).toBe('"1.0.0"\n');
});
