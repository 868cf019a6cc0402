// What `npm start`, `npm test` and the others run first, from a fresh clone: plain JavaScript, because nothing is installed
// yet. It installs npm packages and Debian's tools where they are missing, then hands over to the command in TypeScript.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD_TOOLS, installDebianTools } from './debian-tools.mjs';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Debian's packages that only some commands need. */
const BROWSER_TOOLS = ['chromium'];
// It runs what was compiled for the guest where the kernel does not.
const TEST_TOOLS = ['qemu-user'];
const BROWSER_COMMANDS = new Set(['test', 'bench', 'soak', 'picture']);

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

/** Where the guest is taken from, if not from its sources: see open-guest.ts. */
function hasGuestArchive() {
  const { drydock } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  return (process.env.DRYDOCK_GUEST ?? drydock?.guest ?? '') !== '';
}

function toolsOf(command) {
  const isTest = command === 'test';
  // With a built guest these are asked for only when something is built after all. Tests run some of them, too.
  const build = hasGuestArchive() && !isTest ? [] : BUILD_TOOLS;
  return [...build, ...(BROWSER_COMMANDS.has(command) ? BROWSER_TOOLS : []), ...(isTest ? TEST_TOOLS : [])];
}

const [command, ...args] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 20) fail(`Drydock needs Node.js 20 or later; this is ${process.version}.`);
installNpmPackages();
try {
  if (needsGuest(command, args)) installDebianTools(toolsOf(command));
} catch (error) {
  fail(error.message);
}
const { status, signal } = run(process.execPath, [
  '--import',
  'tsx',
  '--import',
  './src/node/plain-errors.mjs',
  `src/node/commands/${command}.ts`,
  ...args,
]);
process.exit(signal ? 1 : (status ?? 1));
