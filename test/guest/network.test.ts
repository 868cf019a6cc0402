/** Connections between the guest and the sandbox, both ways, and what the guest's programs find of a network. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxError } from '../../src/core/base/errors.ts';
import type { CommandResult } from '../../src/core/control/guest-answers.ts';
import type { Connection, IncomingConnection } from '../../src/core/network/connection.ts';
import { requestHttp } from '../../src/core/network/http-client.ts';
import type { Guest } from '../../src/core/sandbox/guest/guest.ts';
import { startGuest } from '../support/guest.ts';
import { eventually, noise } from './learner.ts';

const MEGABYTE = 1024 * 1024;

let guest: Guest;
beforeAll(async () => {
  guest = await startGuest();
});
afterAll(() => guest.machine.dispose());

/** Stops what a test began to listen to. */
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach(stop => stop()));

function run(command: string, timeoutMilliseconds = 120_000): Promise<CommandResult> {
  return guest.agent.run(command, { directory: '/tmp', timeoutMilliseconds });
}

async function succeed(command: string): Promise<string> {
  const result = await run(command);
  expect(result, `${command}\n${result.stdout}${result.stderr}`).toMatchObject({ exitCode: 0 });
  return result.stdout;
}

/** Runs a command that must fail; gives all that it said. */
async function fail(command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command);
  expect(exitCode, `${command} should have failed, but said\n${stdout}${stderr}`).not.toBe(0);
  return stdout + stderr;
}

/** One end of a connection, with all that came through it. */
interface Heard {
  readonly connection: Connection;
  bytes: Buffer;
  closed: { readonly error: SandboxError | undefined } | undefined;
}

/** Listens to a connection, and acknowledges unless told otherwise. */
function hear(connection: Connection, isAcknowledging = true): Heard {
  const heard: Heard = { connection, bytes: Buffer.alloc(0), closed: undefined };
  const pieces: Uint8Array[] = [];
  connection.onData(bytes => {
    pieces.push(bytes);
    if (isAcknowledging) connection.acknowledge(bytes.length);
  });
  Object.defineProperty(heard, 'bytes', { get: () => Buffer.concat(pieces) });
  connection.onClose(error => (heard.closed = { error }));
  return heard;
}

async function dial(target: string, isAcknowledging = true): Promise<Heard> {
  return hear(await guest.agent.dial(target), isAcknowledging);
}

/** Starts something in the guest that listens on a port; resolves when it does, with what it gives when it has ended. */
async function listening(port: number, command: string): Promise<{ readonly ended: Promise<CommandResult> }> {
  const ended = run(command);
  await succeed(`for i in $(seq 200); do netstat -ltn | grep -q ':${port} ' && exit; sleep 0.05; done; exit 1`);
  return { ended };
}

const closed = (heard: Heard) => eventually('the end of the connection', () => heard.closed);

/** Serves what the guest opens for the length of a test. */
function serve(take: (incoming: IncomingConnection) => void): void {
  stops.push(guest.agent.onConnection(take));
}

/** Answers each HTTP request with what `answer` makes of its service and first line. */
function serveText(answer: (service: string, line: string) => string): void {
  serve(({ service, connection }) => {
    const heard = hear(connection);
    connection.onData(() => {
      if (!heard.bytes.includes('\r\n\r\n')) return;
      const body = Buffer.from(answer(service, heard.bytes.toString().split('\r\n')[0]!));
      const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`);
      void connection.write(Buffer.concat([head, body]));
      connection.end();
      connection.close();
    });
  });
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('what the guest opens', () => {
  it('reaches the sandbox from the guest itself, a container, a network of its own and the engine', async () => {
    serveText((service, line) => `${service} was asked: ${line}\n`);
    const [ours, other] = ['10.86.0.1:80 was asked: GET /a HTTP/1.1\n', '10.86.0.2:80 was asked: GET /b HTTP/1.1\n'];
    expect(await succeed('wget -q -O - http://pypi.org/a; wget -q -O - http://example.com/b')).toBe(ours + other);
    const both = `sh -c 'wget -q -O - http://10.86.0.1/a; wget -q -O - http://example.com/b'`;
    expect(await succeed(`docker run --rm busybox ${both}`)).toBe(ours + other);
    await succeed('docker network create apart');
    expect(await succeed(`docker run --rm --network apart busybox ${both}`)).toBe(ours + other);
    await succeed('docker network rm apart');
  });

  it("is the engine's mirror and its proxy at one address", async () => {
    const asked: string[] = [];
    serve(({ service, connection }) => {
      asked.push(service);
      connection.close();
    });
    expect(await fail('docker pull nobody/has-this')).toContain('registry-1.docker.io');
    expect([...new Set(asked)]).toEqual(['127.0.0.1:3128']);
  });

  it('may say that it is done, and still gets its answer', async () => {
    serve(({ connection }) => {
      const heard = hear(connection);
      connection.onClose(error => {
        expect(error).toBeUndefined();
        void connection.write(Buffer.from(`got ${heard.bytes.toString()}`));
        connection.end();
      });
    });
    expect(await succeed('echo question | nc 10.86.0.1 80')).toBe('got question\n');
  });

  it('is closed at once while nobody listens', async () => {
    expect(await fail('wget -O - http://10.86.0.1/')).toMatch(/error getting response|reset/);
  });

  it('arrives whole when 100 come at once', async () => {
    serveText((_service, line) => `${line.split(' ')[1]}\n`);
    const lines = (await succeed('for i in $(seq 100); do wget -q -O - http://10.86.0.1/$i & done; wait')).trim().split('\n');
    expect(lines.sort()).toEqual(Array.from({ length: 100 }, (_, index) => `/${index + 1}`).sort());
  });

  it('carries 16 MB each way without a changed byte', async () => {
    const down = noise(16 * MEGABYTE);
    const uploads: Heard[] = [];
    serve(({ service, connection }) => {
      if (service === '10.86.0.1:80') return uploads.push(hear(connection));
      hear(connection);
      void connection.write(Buffer.from(`HTTP/1.0 200 OK\r\nContent-Length: ${down.length}\r\n\r\n`));
      void connection.write(down);
      connection.end();
      connection.onClose(() => connection.close());
    });
    expect(await succeed('wget -q -O - http://10.86.0.2/ | sha256sum')).toContain(hashOf(down));
    const up = (await succeed('head -c 16M /dev/urandom > up; nc 10.86.0.1 80 < up > /dev/null 2>&1 & sha256sum up')).split(' ')[0];
    const upload = await eventually('the upload', () => uploads.find(heard => heard.bytes.length === 16 * MEGABYTE));
    expect(hashOf(upload.bytes)).toBe(up);
    upload.connection.close();
  });
});

describe('a name', () => {
  it.each(['bridge', 'named'])('that exists has an address, and another has none, on the network "%s"', async network => {
    if (network === 'named') await succeed('docker network create named');
    const ask = 'exec 2>&1; nslookup pypi.org; nslookup Example.COM; nslookup nobody || echo "nobody is unknown"';
    const told = await succeed(`docker run --rm --network ${network} busybox sh -c '${ask}'`);
    expect(told).toMatch(/Name:\s+pypi.org\nAddress: 10.86.0.1\n[^]*Name:\s+Example.COM\nAddress: 10.86.0.2\n[^]*NXDOMAIN[^]*nobody is unknown\n$/i);
    if (network === 'named') await succeed('docker network rm named');
  });

  it('is known to the guest itself', async () => {
    expect(await succeed('getent hosts pypi.org; getent hosts example.com')).toMatch(/^10\.86\.0\.1 .*\n10\.86\.0\.2 +example\.com\n$/);
    expect((await run('getent hosts nobody')).exitCode).toBe(2);
  });
});

describe('the internet', () => {
  beforeAll(() => succeed('docker run -d --name visitor busybox sleep 1004').then(() => undefined));
  afterAll(() => succeed('docker rm -f visitor').then(() => undefined));

  it('is unreachable at any address, from the guest and from a container', async () => {
    expect(await fail('wget -q -O - http://8.8.8.8/')).toContain('Network is unreachable');
    expect(await fail('docker exec visitor wget -q -O - http://8.8.8.8/')).toContain('Network is unreachable');
    expect(await fail('ping -c 1 -W 2 8.8.8.8')).toContain('Network is unreachable');
  });

  it('answers no ping by name', async () => {
    expect(await fail('ping -c 1 -W 2 example.com')).toContain('100% packet loss');
    expect(await fail('docker exec visitor ping -c 1 -W 2 pypi.org')).toContain('100% packet loss');
  });

  it('refuses every port but those of the web', async () => {
    expect(await fail('docker exec -i visitor nc -w 20 example.com 22 < /dev/null')).toContain('Connection refused');
  });

  it('tells the sandbox of a connection for TLS, whose refusal ends the program', async () => {
    const services: string[] = [];
    serve(({ service, connection }) => {
      services.push(service);
      connection.close();
    });
    expect(await fail('docker exec visitor wget -q -O - https://example.com/')).not.toBe('');
    await fail('docker exec visitor wget -q -O - https://pypi.org/');
    expect(services).toEqual(['10.86.0.2:443', '10.86.0.1:443']);
  });
});

describe('a connection into the guest', () => {
  it('carries 16 MB each way without a changed byte', async () => {
    const up = noise(16 * MEGABYTE);
    const sink = await listening(9001, 'nc -l -p 9001 < <(sleep 1000) > up; pkill -x sleep; sha256sum up');
    const upload = await dial(':9001');
    await upload.connection.write(up);
    upload.connection.end();
    await eventually('all of it is there', async () => ((await succeed('stat -c %s up')).trim() === String(up.length) ? true : undefined));
    upload.connection.close();
    await succeed('pkill -x nc; true');
    expect((await sink.ended).stdout).toContain(hashOf(up));

    const source = await listening(9002, 'head -c 16M /dev/urandom > down; nc -l -p 9002 < down');
    const download = await dial(':9002');
    await eventually('all of it', () => (download.bytes.length === 16 * MEGABYTE ? true : undefined));
    expect(await succeed('sha256sum down')).toContain(hashOf(download.bytes));
    download.connection.close();
    await source.ended;
  });

  it('where nothing listens says so', async () => {
    const { error } = await closed(await dial(':9003'));
    expect(error).toMatchObject({ code: 'guest-unreachable', message: 'Nothing answers at :9003 in the guest (Connection refused).' });
    expect((await closed(await dial('/run/nothing.sock'))).error?.message).toContain('No such file or directory');
  });

  it('is one of 200 at once, and none is lost', async () => {
    const ask = () => requestHttp(() => guest.agent.dial('/run/docker.sock'), { method: 'GET', path: '/_ping' }).then(response => response.text());
    expect(await Promise.all(Array.from({ length: 200 }, ask))).toEqual(Array.from({ length: 200 }, () => 'OK'));
  });

  it('beyond what the agent can hold is refused in words, and the others stay', async () => {
    const all = await Promise.all(Array.from({ length: 600 }, () => dial('/run/docker.sock')));
    const refused = await eventually('a refusal', () => {
      const some = all.filter(heard => heard.closed);
      return some.length > 0 ? some : undefined;
    });
    expect(refused[0]!.closed!.error!.message).toContain('too many at once');
    await guest.agent.status();
    expect(all.filter(heard => heard.closed).length).toBeLessThan(120);
    for (const { connection } of all) connection.close();
    expect(await succeed('echo fine')).toBe('fine\n');
  });

  it('that nobody reads holds up nothing else, and goes on where it was', async () => {
    await listening(9004, '(yes | head -c 8M | nc -l -p 9004) & (yes | head -c 1M | nc -l -p 9005)');
    const unread = await dial(':9004', false);
    await eventually('it begins', () => (unread.bytes.length > 0 ? true : undefined));
    const read = await dial(':9005');
    await eventually('the other comes whole', () => (read.bytes.length === MEGABYTE ? true : undefined));
    expect(await succeed('echo a command')).toBe('a command\n');
    const stopped = unread.bytes.length;
    expect(stopped).toBeLessThan(MEGABYTE);
    unread.connection.onData(bytes => unread.connection.acknowledge(bytes.length));
    unread.connection.acknowledge(stopped);
    await eventually('the rest', () => (unread.bytes.length === 8 * MEGABYTE ? true : undefined));
    for (const { connection } of [unread, read]) connection.close();
    await succeed('pkill -x nc; true');
  });

  it('that the guest does not read holds up nothing else, and its write hears of the end', async () => {
    const stuck = await listening(9006, 'nc -l -p 9006 | sleep 1001');
    const { connection } = await dial(':9006');
    let isWritten = false;
    const written = connection.write(new Uint8Array(8 * MEGABYTE)).then(() => (isWritten = true));
    const outcome = expect(written).rejects.toMatchObject({ code: 'guest-unreachable' });
    expect(await succeed('echo a command')).toBe('a command\n');
    const other = await dial('/run/docker.sock');
    await other.connection.write(Buffer.from('GET /_ping HTTP/1.0\r\n\r\n'));
    await closed(other);
    expect(other.bytes.toString()).toContain('OK');
    expect(isWritten).toBe(false);
    connection.close();
    await outcome;
    await succeed('pkill -x -f "sleep 1001"');
    await stuck.ended;
  });

  it('that either side drops is over for the other', async () => {
    await listening(9007, 'nc -l -p 9007 < <(sleep 1002)');
    const dropped = await dial(':9007');
    await succeed('pkill -x -f "nc -l -p 9007"');
    await closed(dropped);
    const reader = await listening(9008, 'nc -l -p 9008 < <(sleep 1003); echo over');
    const dropping = await dial(':9008');
    await dropping.connection.write(Buffer.from('half a sentence'));
    await eventually('it is connected', async () => ((await run('netstat -tn | grep ":9008 .*ESTABLISHED"')).exitCode === 0 ? true : undefined));
    dropping.connection.close();
    await eventually('the guest hears', async () => ((await run('netstat -tn | grep ":9008 .*ESTABLISHED"')).exitCode === 1 ? true : undefined));
    await succeed('pkill -x nc; pkill -x sleep; true');
    expect((await reader.ended).stdout).toContain('half a sentence');
  });

  it('breaks, and says so, when what it goes to is reset', async () => {
    serve(({ connection }) => {
      connection.onClose(() => void connection.write(new Uint8Array(4 * MEGABYTE)).catch(error => heards.push(error as SandboxError)));
    });
    const heards: SandboxError[] = [];
    await succeed('echo question | timeout 3 nc 10.86.0.1 80 | head -c 5 > /dev/null; true');
    const error = await eventually('the write fails', () => heards[0]);
    expect(error.code).toBe('guest-unreachable');
  });
});

describe('a published port', () => {
  const web = (name: string, options: string) =>
    succeed(`docker run -d --name ${name} ${options} busybox sh -c 'echo from ${name} > index.html; httpd -f -p 80'`);
  const get = async (port: number) => (await requestHttp(() => guest.agent.dial(`:${port}`), { method: 'GET', path: '/' })).text();
  afterEach(async () => {
    await succeed('docker rm -f $(docker ps -aq); docker network prune -f');
  });

  it("answers on the guest's 127.0.0.1, to the sandbox, and to other containers through their gateway", async () => {
    await succeed('docker network create apart');
    await web('web', '-p 8888:80 -p 127.0.0.1:8889:80');
    expect(await succeed('wget -q -O - http://localhost:8888/; wget -q -O - http://127.0.0.1:8889/')).toBe('from web\nfrom web\n');
    expect([await get(8888), await get(8889)]).toEqual(['from web\n', 'from web\n']);
    const viaGateway = `sh -c 'wget -q -T 30 -O - http://$(ip route | sed -n "s/default via \\([0-9.]*\\).*/\\1/p"):8888/'`;
    expect(await succeed(`docker run --rm busybox ${viaGateway}`)).toBe('from web\n');
    expect(await succeed(`docker run --rm --network apart busybox ${viaGateway}`)).toBe('from web\n');
    expect(await succeed(`docker exec web ${viaGateway}`)).toBe('from web\n');
  });

  it('is found by its name on a network that has been made', async () => {
    await succeed('docker network create together');
    await web('shop', '--network together');
    expect(await succeed('docker run --rm --network together busybox wget -q -O - http://shop/')).toBe('from shop\n');
  });

  it('may be 80, and the services of the sandbox are still there', async () => {
    serveText(service => `${service}\n`);
    await web('front', '-p 80:80 -p 443:80');
    expect(await get(80)).toBe('from front\n');
    expect(await succeed('docker run --rm busybox sh -c "wget -q -O - http://10.86.0.1/; wget -q -O - http://example.com/"')).toBe(
      '10.86.0.1:80\n10.86.0.2:80\n',
    );
  });

  it('answers 200 at once', async () => {
    await web('busy', '-p 8890:80');
    expect(await Promise.all(Array.from({ length: 200 }, () => get(8890)))).toEqual(Array.from({ length: 200 }, () => 'from busy\n'));
  });

  it('of a container that dies in the middle of an answer ends that answer', async () => {
    await succeed("docker run -d --name dying -p 8891:80 busybox sh -c 'yes | nc -l -p 80'");
    const heard = await dial(':8891');
    await eventually('it begins', () => (heard.bytes.length > MEGABYTE ? true : undefined));
    await succeed('docker kill dying');
    await closed(heard);
  });
});
