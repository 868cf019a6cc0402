import { SandboxError } from '../base/errors.ts';

/** Where the page's script lies below the folder that httpd serves: it is the answer to `/`. */
export const PAGE_PATH = 'cgi-bin/index.cgi';

/**
 * The one job that the virtual machine and the container both do: a page that says who serves it, and counts. The very same file is in both.
 * Nothing in it starts another program.
 */
export const PAGE_SCRIPT = String.raw`#!/bin/sh
read -r kernel < /proc/sys/kernel/osrelease
read -r boot < /proc/sys/kernel/random/boot_id
read -r host < /proc/sys/kernel/hostname
count=0
[ -f /tmp/count ] && read -r count < /tmp/count
count=$((count + 1))
echo $count > /tmp/count
echo 'Content-Type: text/html'
echo
echo "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>$host</title>
<style>body{font:16px system-ui,sans-serif;margin:2rem}dt{color:#555}dd{margin:0 0 .7rem;font-family:monospace}</style>
<h1>Served by $host</h1>
<dl><dt>Host name<dd id=host>$host
<dt>Kernel<dd id=kernel>$kernel
<dt>Boot id of that kernel<dd id=boot>$boot
<dt>Requests answered<dd id=count>$count
</dl>"
`;

/** How the lab's image is made: one small layer on busybox. */
export const PAGE_DOCKERFILE = `FROM busybox
COPY index.cgi /var/www/${PAGE_PATH}
# As process 1 without a handler for SIGTERM, httpd would not hear it, and "docker stop" would wait ten seconds in vain.
STOPSIGNAL SIGKILL
EXPOSE 80
CMD ["httpd", "-f", "-h", "/var/www"]
`;

/** What the page says of who served it. */
export interface PageFacts {
  readonly host: string;
  /** As `uname -r` says it. */
  readonly kernel: string;
  /** Made anew by a kernel each time it starts: two answers with the same one come from the same running kernel. */
  readonly bootId: string;
  readonly count: number;
}

/** Reads the page. Throws `guest-unreachable` where it is another page. */
export function parsePage(html: string): PageFacts {
  const field = (id: string): string => new RegExp(`<dd id=${id}>([^<\n]+)`).exec(html)?.[1]?.trim() ?? '';
  const facts = { host: field('host'), kernel: field('kernel'), bootId: field('boot'), count: Number(field('count')) };
  if (facts.host !== '' && facts.kernel !== '' && facts.bootId !== '' && facts.count > 0) return facts;
  throw new SandboxError('guest-unreachable', `Something else than the lab’s page answered: ${html.slice(0, 120)}`);
}
