// What `npm start`, `npm test` and the others run first, from a fresh clone: plain JavaScript, because nothing is installed
// yet. It installs npm packages and Debian's tools where they are missing, then hands over to the command in TypeScript.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Debian packages that the build of the guest needs; `browser` ones only for tests, the bench and the soak, `test` ones only for tests. */
const TOOLS = {
  build: [
    'bc',
    'binutils',
    'bison',
    'dpkg',
    'e2fsprogs',
    'fakeroot',
    'flex',
    'gcc',
    'gcc-multilib',
    'gpgv',
    'libc6-dev',
    'lz4',
    'make',
    'perl',
    'tar',
    'xz-utils',
    'zstd',
  ],
  browser: ['chromium'],
  // It runs what was compiled for the guest where the kernel does not.
  test: ['qemu-user'],
};
const BROWSER_COMMANDS = new Set(['test', 'bench', 'soak']);

function run(program, args, options = {}) {
  return spawnSync(program, args, { cwd: project, stdio: 'inherit', ...options });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function installNpmPackages() {
  const hash = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex');
  const marker = join(project, 'node_modules/.drydock-installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return;
  console.log('Installing npm packages');
  const { status } = run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund']);
  if (status !== 0) fail('npm ci failed: see above.');
  writeFileSync(marker, hash);
}

/** Only `lesson check` boots a machine; the rest of `lesson` is for any computer. So are a list of tutorials, and adding an image to the hub. */
function needsGuest(command, args) {
  if (command === 'hub') return false;
  if (command === 'tutorials') return !args.includes('--list') && !args.includes('--help');
  return command !== 'lesson' || (args[0] === 'check' && !args.includes('--quick'));
}

function installed(name) {
  const { status, stdout } = run('dpkg-query', ['-W', '-f', '${Status}', name], { stdio: 'pipe' });
  return status === 0 && String(stdout).endsWith('ok installed');
}

function installDebianTools(command) {
  const wanted = [...TOOLS.build, ...(BROWSER_COMMANDS.has(command) ? TOOLS.browser : []), ...(command === 'test' ? TOOLS.test : [])];
  if (run('dpkg-query', ['--version'], { stdio: 'ignore' }).status !== 0) {
    fail(`Drydock's guest is built with Debian's tools: run this on Debian 12 or later. Needed: ${wanted.join(' ')}`);
  }
  const missing = wanted.filter(name => !installed(name));
  if (missing.length === 0) return;
  if (process.getuid() !== 0) fail(`Some of Debian's tools are missing. Install them with:\n  sudo apt-get install -y ${missing.join(' ')}`);
  console.log(`Installing Debian's tools: ${missing.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], { env: environment });
  const { status } = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env: environment });
  if (status !== 0) fail('apt-get failed: see above.');
}

const [command, ...args] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 20) fail(`Drydock needs Node.js 20 or later; this is ${process.version}.`);
installNpmPackages();
if (needsGuest(command, args)) installDebianTools(command);
const { status, signal } = run(process.execPath, ['--import', 'tsx', `src/node/commands/${command}.ts`, ...args]);
process.exit(signal ? 1 : (status ?? 1));
