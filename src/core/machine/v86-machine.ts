import { V86 as UntypedV86 } from 'v86';
import { Emitter } from '../base/events.ts';
import { SandboxError } from '../base/errors.ts';
import { CompileGovernor } from './compile-governor.ts';
import { ConsolePort } from './console-port.ts';
import { CopyOnWriteDisk } from './copy-on-write-disk.ts';
import { beginTrim } from './disk-trim.ts';
import { Engine } from './engine.ts';
import { TerminalSizes } from './terminal-sizes.ts';
import { CONTROL_PORT, MEMORY_BYTES, type BareParts, type HeldMachine, type Machine, type MachineParts } from './machine.ts';
import type { V86Console, V86Emulator, V86Options } from './v86-types.ts';

// v86's own types leave out most of what is used here, so they are replaced by ours.
const V86 = UntypedV86 as unknown as new (options: V86Options) => V86Emulator;

const PORTS = 4;
/** The virtio console's own messages to the guest: new sizes. */
const CONTROL_QUEUE = 2;
/** Bytes put into one of the guest's receive buffers, which hold a page each: a terminal's line discipline has room for few. */
const TERMINAL_PIECE_BYTES = 1024;
const CONTROL_PIECE_BYTES = 4096;
/** "This port is a console" (VIRTIO_CONSOLE_CONSOLE_PORT; virtio 1.2, 5.3.6.2). */
const CONSOLE_PORT_EVENT = 4;
const START_TIMEOUT_MILLISECONDS = 60_000;
/** How long a machine that is to stand still waits for its disk. */
const DISK_MILLISECONDS = 5000;
/** The screen is never shown; v86 stores its memory in every state. */
const SCREEN_BYTES = 1024 * 1024;

/**
 * Kernel command line of the guest. tsc=reliable: the emulated TSC follows the host's clock, so the kernel need not watch it;
 * random.trust_cpu: the entropy comes from the host's generator through RDRAND.
 */
export const COMMAND_LINE =
  'root=/dev/sda rootfstype=ext4 rw init=/usr/lib/drydock/start console=ttyS0 tsc=reliable random.trust_cpu=1 nowatchdog quiet panic=5 libata.dma=1';

function optionsOf(parts: MachineParts, disk: CopyOnWriteDisk | undefined, wasm_fn: V86Options['wasm_fn']): V86Options {
  return {
    wasm_fn,
    memory_size: parts.bare?.memoryBytes ?? MEMORY_BYTES,
    vga_memory_size: SCREEN_BYTES,
    bios: { buffer: parts.bios },
    vga_bios: { buffer: parts.vgaBios },
    ...(parts.kernel && { bzimage: { buffer: parts.kernel } }),
    ...(parts.saved && { initial_state: { buffer: parts.saved.devices } }),
    cmdline: parts.bare?.commandLine ?? COMMAND_LINE,
    ...(disk && { hda: disk }),
    ...(parts.secondDisk && { hdb: new CopyOnWriteDisk(parts.secondDisk) }),
    ...(parts.handle9p && { filesystem: { handle9p: parts.handle9p } }),
    net_device: { type: parts.bare ? 'none' : 'virtio' },
    virtio_console: true,
    preserve_mac_from_state_image: true,
    acpi: true,
    autostart: false,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  };
}

function loaded(emulator: V86Emulator): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new SandboxError('machine-failed', 'The emulated PC did not start within a minute. Close other tabs and reload the page.')),
      START_TIMEOUT_MILLISECONDS,
    );
    emulator.add_listener('emulator-loaded', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * v86 tells the guest's driver that every port is a console. The control port shall not be one: a console's bytes go through the layers of a
 * terminal, a few at a time. The driver asks once, when it starts, and a saved machine remembers what it was told.
 */
function makeControlPortPlain(device: V86Console): void {
  const sendEvent = device.SendEvent.bind(device);
  device.SendEvent = (port, event, value) => {
    if (port !== CONTROL_PORT || event !== CONSOLE_PORT_EVENT) sendEvent(port, event, value);
  };
}

function openPorts(emulator: V86Emulator): ConsolePort[] {
  const { queues } = emulator.v86.cpu.devices.virtio_console.virtio;
  return Array.from({ length: PORTS }, (_, index) => {
    // Queues 0 and 1 are port 0's, 2 and 3 the device's own control, then two for each further port (virtio 1.2, 5.3.2).
    const first = index === 0 ? 0 : 2 + 2 * index;
    const port = new ConsolePort(queues[first]!, queues[first + 1]!, index === CONTROL_PORT ? CONTROL_PIECE_BYTES : TERMINAL_PIECE_BYTES);
    emulator.add_listener(`virtio-console${index}-output-bytes`, (bytes: Uint8Array) => port.take(bytes));
    return port;
  });
}

/** Where v86 leaves the kernel's own header, which its boot code then reads (Linux: Documentation/arch/x86/boot.rst). */
const BOOT_HEADER = 0x80000;
const RAMDISK_IMAGE = BOOT_HEADER + 0x218;
const RAMDISK_SIZE = BOOT_HEADER + 0x21c;
/** The BIOS keeps the top of the memory for itself; a root that lay there would have to be moved. */
const BIOS_BYTES = 17 * 1024 * 1024;

/** Lends the kernel its root. v86 has an option for this, but puts it at 64 MB, where a small machine has no memory any more. */
function placeRoot(engine: Engine, { initialRoot, memoryBytes }: BareParts): void {
  const address = (memoryBytes - BIOS_BYTES - initialRoot.length) & ~0xfff;
  engine.writeMemory(address, initialRoot);
  engine.writeMemory(RAMDISK_IMAGE, littleEndian(address));
  engine.writeMemory(RAMDISK_SIZE, littleEndian(initialRoot.length));
}

function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

/** Tells when the machine is over. */
function watchHalt(emulator: V86Emulator): Emitter<'halted' | 'reset'> {
  const halt = new Emitter<'halted' | 'reset'>();
  emulator.add_listener('cpu-event-halt', () => halt.emit('halted'));
  // v86 would start its BIOS again, over a memory from which the kernel and its root have gone.
  emulator.v86.cpu.reboot_internal = () => {
    void emulator.stop();
    halt.emit('reset');
  };
  return halt;
}

/** v86's state of the devices. The pages of memory, which it would copy and compress, are saved apart: so it is told that there are none. */
async function stateOfDevices(emulator: V86Emulator): Promise<ArrayBuffer> {
  const { cpu } = emulator.v86;
  const isZeroed = cpu.is_memory_zeroed;
  cpu.is_memory_zeroed = () => 1;
  try {
    return await emulator.save_state();
  } finally {
    cpu.is_memory_zeroed = isZeroed;
  }
}

async function hold(emulator: V86Emulator, engine: Engine, disk: CopyOnWriteDisk | undefined): Promise<HeldMachine> {
  const wasRunning = emulator.is_running();
  if (wasRunning) await emulator.stop();
  const release = (): void => {
    engine.go();
    if (wasRunning) void emulator.run();
  };
  try {
    const { memory, ramStart, modules } = await engine.hold();
    if (disk !== undefined && !(await disk.idle(DISK_MILLISECONDS))) {
      throw new SandboxError('timed-out', 'The machine waits for a part of its disk that has not arrived.');
    }
    return { devices: await stateOfDevices(emulator), memory, ramStart, modules, writtenBlocks: disk?.written ?? new Map(), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** v86's instruction counter without its wrap at 2^32, which a busy guest reaches in less than a minute. */
class InstructionCount {
  #sum = 0;
  #last: number;
  readonly #timer = setInterval(() => this.read(), 5000);

  constructor(private readonly counter: Uint32Array) {
    this.#last = counter[0]!;
  }

  /** Counts from here: what was read while the counter itself was being restored means nothing. */
  restart(): void {
    this.#sum = 0;
    this.#last = this.counter[0]!;
  }

  read(): number {
    this.#sum += (this.counter[0]! - this.#last) >>> 0;
    this.#last = this.counter[0]!;
    return this.#sum;
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}

/** Makes a machine of its parts; it does not run yet. Rejects with `machine-failed` (or what WebAssembly threw as the cause). */
export async function createMachine(parts: MachineParts): Promise<Machine> {
  const governor = new CompileGovernor(parts.compilePolicy);
  const disk = parts.disk && new CopyOnWriteDisk(parts.disk);
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const engine = new Engine(parts.wasm, governor, parts.isKeepingCode ?? false);
  const starter = engine.starter(error => fail(error));
  const emulator = new V86(optionsOf(parts, disk, starter));
  const serial = new Emitter<string>();
  emulator.add_listener('serial0-output-byte', (byte: number) => serial.emit(String.fromCharCode(byte)));
  await Promise.race([loaded(emulator), failed]);
  if (parts.saved) engine.prepare(parts.saved.layout, parts.saved.ramStart);
  if (parts.bare) placeRoot(engine, parts.bare);
  makeControlPortPlain(emulator.v86.cpu.devices.virtio_console);
  const ports = openPorts(emulator);
  // Linux 6.12 reads the columns first, v86 writes what it takes for the rows first: so the two change places here.
  const tellSize = (port: number, columns: number, rows: number) => emulator.bus.send(`virtio-console${port}-resize`, [rows, columns]);
  const sizes = new TerminalSizes(emulator.v86.cpu.devices.virtio_console.virtio.queues[CONTROL_QUEUE]!, tellSize);
  const instructions = new InstructionCount(emulator.v86.cpu.instruction_counter);
  return {
    ports,
    onSerial: serial.event,
    onHalt: watchHalt(emulator).event,
    counters: () => ({ instructions: instructions.read(), compiledModules: governor.modules, compiledBytes: governor.bytes }),
    resize: (port, columns, rows) => sizes.set(port, columns, rows),
    run: () => void emulator.run(),
    pause: () => emulator.stop(),
    look: () => ({ memory: engine.memory, writtenBlocks: disk?.written ?? new Map() }),
    hold: () => hold(emulator, engine, disk),
    dropCode: () => engine.dropCode(),
    measureCode: () => engine.measureCode(),
    restorePages: (offset, piece) => engine.restorePages(offset, piece),
    beginTrim: () => (disk === undefined ? () => Promise.resolve(0) : beginTrim(disk)),
    restoreBlocks: blocks => disk?.restore(blocks),
    finishRestore(modules, codeBytes) {
      engine.finish(modules, codeBytes);
      ports.forEach(port => port.look());
      instructions.restart();
    },
    takeWrittenBlocks: () => disk?.takeWritten() ?? new Map<number, Uint8Array>(),
    async dispose() {
      governor.dispose();
      instructions.dispose();
      sizes.dispose();
      await emulator.destroy();
    },
  };
}
