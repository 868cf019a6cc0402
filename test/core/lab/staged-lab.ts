import { SandboxError } from '../../../src/core/base/errors.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import type { CommandResult } from '../../../src/core/control/guest-answers.ts';
import type { EngineNews } from '../../../src/core/docker/engine-types.ts';
import type { LabHost } from '../../../src/core/lab/container-control.ts';
import type { LoadedVm, VirtualMachine, VmEnd } from '../../../src/core/lab/virtual-machine.ts';
import type { Connection } from '../../../src/core/network/connection.ts';
import { ENGINE_SOCKET } from '../../../src/core/protocol/sandbox.ts';
import { fakePeer, replayDial } from '../network/fake-dial.ts';

/** What the lab's page looks like on the wire, as busybox's httpd sends it. */
export function pageAnswer(host: string, kernel: string, bootId: string, count = 1): string {
  const page = `<h1>Served by ${host}</h1>\n<dl><dt>Host name<dd id=host>${host}\n<dt>Kernel<dd id=kernel>${kernel}\n<dd id=boot>${bootId}\n<dd id=count>${count}\n</dl>`;
  return `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${page}\n`;
}

export const VM_BOOT = 'aaaaaaaa-0000-4000-8000-000000000001';
export const HOST_BOOT = 'bbbbbbbb-0000-4000-8000-000000000002';
const VM_LOOK = 'process 1 0 agent\nthread\nthread\nprocess 27 0 httpd\nlrwxrwxrwx 1 0 0 0 Nov 25 23:33 pid -> pid:[4026531836]\n';

/** A virtual machine on paper: a test says when it is up and how it ends. */
export class StagedVm implements VirtualMachine {
  readonly end = new Emitter<VmEnd>();
  readonly onEnd = this.end.event;
  readonly commands: string[] = [];
  readonly up: Promise<void>;
  becomeUp: () => void = () => undefined;
  /** What it does when it is asked to shut down, and when its kernel is made to panic. */
  onShutDown: () => void = () => this.end.emit({ kind: 'halted', message: '' });
  onCrash: () => void = () => this.end.emit({ kind: 'panic', message: 'sysrq triggered crash' });
  isDisposed = false;

  constructor(isUp: boolean) {
    this.up = new Promise(resolve => (this.becomeUp = resolve));
    if (isUp) this.becomeUp();
  }

  openConsole(): never {
    throw new Error('nobody looks');
  }

  run(command: string): Promise<CommandResult> {
    this.commands.push(command);
    if (!command.includes('sysrq')) return Promise.resolve({ exitCode: 0, stdout: VM_LOOK, stderr: '' });
    this.onCrash();
    return new Promise(() => undefined);
  }

  dial(target: string): Promise<Connection> {
    if (target !== ':80') throw new Error(`nothing at ${target}`);
    return replayDial(pageAnswer('vm', '6.12.107-vm', VM_BOOT))();
  }

  memory(): Promise<{ totalBytes: number; availableBytes: number }> {
    return Promise.resolve({ totalBytes: 46_000_000, availableBytes: 37_000_000 });
  }

  shutDown(): Promise<void> {
    this.onShutDown();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}

export function loadedVm(powerOn: () => Promise<VirtualMachine>): LoadedVm {
  const image = { kernelBytes: 1_500_000, rootBytes: 2_800_000, packedBytes: 2_500_000, memoryBytes: 64 * 1024 * 1024 };
  return { image, powerOn, dispose: () => Promise.resolve() };
}

const ID = 'c0ffee'.repeat(10);

/** A sandbox on paper, with an engine that knows the lab's one container and tells of it. */
export class StagedSandbox implements LabHost {
  readonly news = new Emitter<EngineNews>();
  readonly onEngineNews = this.news.event;
  readonly commands: string[] = [];
  readonly asked: string[] = [];
  hasImage = false;
  state: 'none' | 'running' | 'exited' = 'none';
  /** The container's end comes with this code. */
  exitCode = 137;

  run(command: string): Promise<CommandResult> {
    this.commands.push(command);
    if (command.includes('docker build')) this.hasImage = true;
    if (command.startsWith('docker run')) this.begin();
    if (command.startsWith('kill -9 4711')) this.finish();
    const stdout = command.startsWith('docker run') ? `${ID}\n` : command.startsWith('cat /proc') ? `${HOST_BOOT}\n` : this.#look(command);
    return Promise.resolve({ exitCode: 0, stdout, stderr: '' });
  }

  /** The container starts, by whose hand ever. */
  begin(): void {
    this.tell('create');
    this.state = 'running';
    this.tell('start');
  }

  /** The container ends, by whose hand ever. */
  finish(): void {
    this.state = 'exited';
    this.tell('die', { exitCode: String(this.exitCode) });
  }

  tell(action: string, attributes: Record<string, string> = {}): void {
    const event = { type: 'container', action, id: ID, attributes: { name: 'lab-page', ...attributes }, timeMilliseconds: 0 };
    this.news.emit({ kind: 'event', event });
  }

  async dial(target: string): Promise<Connection> {
    if (target === ':8002' && this.state === 'running') return replayDial(pageAnswer('c0ffeec0ffee', '6.12.107-drydock', HOST_BOOT))();
    if (target !== ENGINE_SOCKET) throw new SandboxError('guest-unreachable', `Nothing answers at ${target} in the guest (Connection refused).`);
    const peer = fakePeer();
    void peer.asked.then(() => {
      peer.receive(this.#answer(/^(\w+) \/v[\d.]+(\S+)/.exec(peer.sent())!));
      peer.close();
    });
    return peer.dial();
  }

  #answer([, method, path]: RegExpExecArray): string {
    this.asked.push(`${method} ${path}`);
    const json = (value: unknown): string => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(value)}`;
    const missing = 'HTTP/1.1 404 Not Found\r\n\r\n{"message":"no such thing"}';
    if (path!.startsWith('/images/lab-page')) return this.hasImage ? json({ Id: 'sha256:2' }) : missing;
    if (path!.startsWith('/images/sha256')) return json({ Id: 'sha256:2', Size: 1_900_700, RootFS: { Layers: ['a', 'b'] } });
    if (path!.startsWith('/images/busybox')) return json({ Id: 'sha256:1', Size: 1_900_000, RootFS: { Layers: ['a'] } });
    if (this.state === 'none') return missing;
    if (method === 'DELETE') {
      if (this.state === 'running') this.finish();
      this.state = 'none';
      this.tell('destroy');
      return 'HTTP/1.1 204 No Content\r\n\r\n';
    }
    if (path!.includes('/stop')) {
      this.finish();
      return 'HTTP/1.1 204 No Content\r\n\r\n';
    }
    const isRunning = this.state === 'running';
    return json({
      Id: ID,
      Image: 'sha256:2',
      SizeRw: 7,
      State: { Status: this.state, Pid: isRunning ? 4711 : 0, ExitCode: isRunning ? 0 : this.exitCode },
    });
  }

  #look(command: string): string {
    const link = (kind: string, number: number): string => `lrwxrwxrwx 1 root root 0 Nov 25 23:33 ${kind} -> ${kind}:[${number}]`;
    const host = ['count 41', 'kernel 6.12.107-drydock', `boot ${HOST_BOOT}`];
    if (!command.includes('pid=4711')) return [...host, link('pid', 1), link('user', 2)].join('\n');
    const seen = ['memory 1200128', 'process 4711 1 httpd', 'bare 41500'];
    return [...host, ...seen, '/proc/1/ns/:', link('pid', 1), link('user', 2), '/proc/4711/ns/:', link('pid', 9), link('user', 2)].join('\n');
  }
}
