import { ChromiumHost } from '../src/node/bench/chromium-host.ts';
import { serveFolder } from '../src/node/serve/static-server.ts';
const rounds = Number(process.argv[2] ?? 3);
const sleep = (ms: number) => new Promise(r => setTimeout(r, ms));
const servers = { before: await serveFolder('/tmp/dist-before', 0), after: await serveFolder('/work/main/dist', 0) };
for (let i = 0; i < rounds; i++) for (const [kind, wait, command] of [['wait-run', 8000, 'docker run --rm busybox echo hi'], ['wait-ps', 8000, 'docker ps'], ['once-run', 0, 'docker run --rm busybox echo hi']] as const)
for (const [name, server] of Object.entries(servers)) {
  const host = await ChromiumHost.launch();
  try {
    await host.open({ url: server.url, sentBytes: () => 0 });
    await sleep(wait);
    console.log(kind, name, (await host.run(command, 100000) as any).s.toFixed(2));
  } catch (e) { console.log(name, 'failed', String(e).slice(0, 200)); } finally { await host.close(); }
}
process.exit(0);
