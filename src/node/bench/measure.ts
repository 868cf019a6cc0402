import type { BuiltGuest } from '../builder/build-guest.ts';
import { serveFolder } from '../serve/static-server.ts';
import { ChromiumHost, type MeasuredSite } from './chromium-host.ts';
import { measureInNode } from './node-host.ts';
import type { BenchOptions } from './options.ts';
import { QemuHost } from './qemu-host.ts';
import { mergeSamples, type Samples } from './samples.ts';
import { BenchSession } from './session.ts';

/** How many times slower the page's own work is on the weak computer. The emulator's worker is slow by having to share the core. */
const WEAK_RATE = 4;

/** Opens the page with an empty profile and measures; gives Chromium's version. */
async function chromiumSession(site: MeasuredSite, { isWeak, runs }: Pick<BenchOptions, 'isWeak' | 'runs'>, samples: Samples): Promise<string> {
  const host = await ChromiumHost.launch();
  if (isWeak) await host.slowDown(WEAK_RATE);
  try {
    const session = new BenchSession(host, samples);
    const opening = await host.open(site);
    session.note('open_to_prompt', { s: opening.seconds });
    session.note('bytes_to', { prompt: opening.bytes });
    await session.first();
    if (runs === 0) return host.version;
    await session.warm(runs);
    await session.idle();
    const again = await host.open(site);
    session.note('reopen_to_prompt', { s: again.seconds });
    session.note('reopen_bytes_to', { prompt: again.bytes });
    return host.version;
  } finally {
    await host.close();
  }
}

/** Measures the built site in Chromium: one full session, then others for the first commands alone. Gives Chromium's version. */
export async function measureChromium(folder: string, { isWeak, runs, sessions }: BenchOptions, samples: Samples): Promise<string> {
  const sockets = new Set<{ readonly bytesWritten: number }>();
  const server = await serveFolder(folder, 0, request => {
    sockets.add(request.socket);
    return false;
  });
  // Headers and all: what goes over the wire.
  const sentBytes = (): number => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  try {
    let version = '';
    for (let index = 0; index < sessions; index++) {
      version = await chromiumSession({ url: server.url, sentBytes }, { isWeak, runs: index === 0 ? runs : 0 }, samples);
    }
    return version;
  } finally {
    await server.close();
  }
}

/** Measures the sandbox under Node, in the same way. */
export async function measureNode(guest: BuiltGuest, { policy, runs, sessions }: BenchOptions, samples: Samples): Promise<void> {
  for (let index = 0; index < sessions; index++) {
    const answer = await measureInNode({ guest, policy, runs: index === 0 ? runs : 0 });
    mergeSamples(samples, answer.samples);
    if (answer.failure !== undefined) throw new Error(answer.failure);
  }
}

/** Measures the guest under QEMU. Its first commands follow a cold boot, not a restore. */
export async function measureQemu(guest: BuiltGuest, { runs }: BenchOptions, samples: Samples): Promise<void> {
  const host = await QemuHost.boot(guest);
  try {
    const session = new BenchSession(host, samples, 'qemu_');
    session.note('boot_to_engine', { s: host.bootSeconds });
    await session.first();
    await session.warm(runs);
    await session.idle();
  } finally {
    host.close();
  }
}
