// Debian's packages that commands need beside Node.js. Plain JavaScript, because bootstrap.mjs asks for them before anything is installed.
import { spawnSync } from 'node:child_process';

/** What the build of the guest runs. */
export const BUILD_TOOLS = [
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
];

/** An error that is shown without a stack: it says all that whoever reads it needs. */
class PlainError extends Error {
  name = 'PlainError';
}

function run(program, args, options) {
  return spawnSync(program, args, { stdio: 'inherit', ...options });
}

/** Those of the packages that this machine does not have; undefined where it is no Debian. */
function missingOf(names) {
  if (run('dpkg-query', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  const { stdout } = run('dpkg-query', ['-W', '-f', '${Package} ${Status}\\n', ...names], { stdio: 'pipe' });
  const lines = String(stdout).split('\n');
  return names.filter(name => !lines.includes(`${name} install ok installed`));
}

/** Installs what is missing of Debian's packages; throws with what to do where it may not. */
export function installDebianTools(names) {
  if (names.length === 0) return;
  const missing = missingOf(names);
  if (missing === undefined) {
    throw new PlainError(
      `Drydock's guest is built with Debian's tools: run this on Debian 12 or later. Needed: ${names.join(' ')}.\n` +
        'Or take a built guest: DRYDOCK_GUEST names the file drydock-guest-<version>.tar of a release (docs/releases.md).',
    );
  }
  if (missing.length === 0) return;
  if (process.getuid() !== 0)
    throw new PlainError(`Some of Debian's tools are missing. Install them with:\n  sudo apt-get install -y ${missing.join(' ')}`);
  console.log(`Installing Debian's tools: ${missing.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], { env: environment });
  const { status } = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env: environment });
  if (status !== 0) throw new PlainError('apt-get failed: see above.');
}
