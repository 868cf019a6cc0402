import { describe, expect, test } from 'vitest';
import { SandboxError } from '../../../src/core/base/errors.ts';
import { Emitter } from '../../../src/core/base/events.ts';
import type { BootReport, EngineNews } from '../../../src/core/protocol/sandbox.ts';
import { Engine } from '../../../src/app/session/machine/engine.ts';
import { MachineRun } from '../../../src/app/session/machine/machine-run.ts';
import { Messages } from '../../../src/app/session/messages.ts';
import { GuestSync } from '../../../src/app/session/workspace/guest-sync.ts';
import { WorkspaceStore } from '../../../src/app/session/workspace/workspace-store.ts';
import { StubSandbox } from './stub-sandbox.ts';

class MortalStub extends StubSandbox {
  readonly death = new Emitter<SandboxError>();
  readonly onDeath = this.death.event;
  readonly stall = new Emitter<boolean>();
  readonly onStall = this.stall.event;
}

function begin(stub: MortalStub): { run: MachineRun; followed: Promise<void>; news: EngineNews[] } {
  const news: EngineNews[] = [];
  const nothing = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
  const run = new MachineRun({
    sync: new GuestSync(new WorkspaceStore(nothing), () => undefined),
    engine: new Engine(),
    messages: new Messages(),
    network: { take: () => undefined },
    filesLoaded: Promise.resolve(),
    onEngineNews: one => void news.push(one),
  });
  return { run, followed: run.follow(stub), news };
}

const died = new SandboxError('machine-stopped', 'The machine’s worker ended.');

describe('a run of the machine', () => {
  test('starts, runs, and stops when the machine dies', async () => {
    const stub = new MortalStub();
    const { followed, run } = begin(stub);
    expect(run.state.value).toEqual({ kind: 'starting' });
    await followed;
    expect(run.state.value).toMatchObject({ kind: 'running' });
    stub.portsChange.emit([{ hostPort: 8888 } as never]);
    stub.stall.emit(true);
    expect([run.isStalled.value, run.ports.value.length]).toEqual([true, 1]);
    stub.death.emit(died);
    expect(run.state.value).toEqual({ kind: 'stopped', message: 'The machine’s worker ended.' });
    expect([run.isStalled.value, run.ports.value, run.sandbox]).toEqual([false, [], undefined]);
  });

  test('that is silent and then dies while it starts is said to have failed, and no longer to be silent', async () => {
    const stub = new MortalStub();
    let fail: (error: Error) => void = () => undefined;
    stub.ready = new Promise<BootReport>((_, reject) => (fail = reject));
    const { followed, run } = begin(stub);
    stub.stall.emit(true);
    expect(run.isStalled.value).toBe(true);
    stub.death.emit(died);
    fail(died);
    await followed;
    expect(run.state.value).toMatchObject({ kind: 'failed', message: 'The machine’s worker ended.' });
    expect([run.isStalled.value, stub.isDisposed]).toEqual([false, true]);
  });

  test('is not heard any more once it has been ended', async () => {
    const stub = new MortalStub();
    const { followed, news, run } = begin(stub);
    await followed;
    await run.end();
    stub.stall.emit(true);
    stub.notice.emit({ code: 'no-internet', message: 'none', canRetry: false });
    stub.engineNews.emit({ kind: 'changed' } as never);
    stub.death.emit(died);
    expect([run.isStalled.value, run.notices.value, news, stub.isDisposed]).toEqual([false, [], [], true]);
    expect(run.state.value.kind).toBe('running');
  });

  test('has one notice of each kind, and takes it back when the guest answers again', async () => {
    const stub = new MortalStub();
    const { followed, run } = begin(stub);
    await followed;
    stub.notice.emit({ code: 'guest-unreachable', message: 'silent', canRetry: false });
    stub.notice.emit({ code: 'guest-unreachable', message: 'still silent', canRetry: false });
    expect(run.notices.value.map(({ message }) => message)).toEqual(['still silent']);
    stub.status.emit({} as never);
    expect(run.notices.value).toEqual([]);
  });
});
