/** The parts of v86 0.5.462 that Drydock uses: its own v86.d.ts is incomplete and wants a DOM. */

/** A disk as v86's IDE controller wants it (src/buffer.js there). */
export interface V86Disk {
  readonly byteLength: number;
  onload?: (event: object) => void;
  load(): void;
  get(start: number, length: number, done: (data: Uint8Array) => void): void;
  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void;
  get_from_cache(start: number, length: number): Uint8Array | undefined;
  set(start: number, data: Uint8Array, done: () => void): void;
  get_buffer(done: () => void): void;
  get_state(): unknown[];
  set_state(state: unknown[]): void;
}

/** What a WebAssembly module imports, by module and name. */
export type WasmImports = Record<string, Record<string, unknown>>;

export interface V86BufferChain {
  readonly length_readable: number;
  get_next_blob(target: Uint8Array): number;
  set_next_blob(blob: Uint8Array): number;
}

export interface V86Queue {
  has_request(): boolean;
  pop_request(): V86BufferChain;
  push_reply(chain: V86BufferChain): void;
  flush_replies(): void;
}

export interface V86Options {
  wasm_fn(imports: WasmImports): Promise<Record<string, unknown>>;
  memory_size: number;
  vga_memory_size: number;
  bios: { buffer: ArrayBuffer };
  vga_bios: { buffer: ArrayBuffer };
  bzimage?: { buffer: ArrayBuffer };
  initial_state?: { buffer: ArrayBuffer };
  cmdline?: string;
  hda?: V86Disk;
  hdb?: V86Disk;
  filesystem?: { handle9p(request: Uint8Array, reply: (response: Uint8Array) => void): void };
  net_device: { type: 'virtio' | 'none' };
  virtio_console: boolean;
  preserve_mac_from_state_image: boolean;
  acpi: boolean;
  autostart: boolean;
  disable_keyboard: boolean;
  disable_mouse: boolean;
  disable_speaker: boolean;
}

/** The console device (src/virtio_console.js there). */
export interface V86Console {
  readonly virtio: { readonly queues: readonly V86Queue[] };
  /** Tells the guest's driver something about a port. */
  SendEvent(port: number, event: number, value: number): void;
}

export interface V86Cpu {
  /** Guest instructions executed so far, modulo 2^32. */
  readonly instruction_counter: Uint32Array;
  readonly devices: { readonly virtio_console: V86Console };
  /** Asked for each page of the guest's memory when a state is saved. */
  is_memory_zeroed(address: number, bytes: number): number;
  /** Called where the guest asks the chipset or the keyboard controller for a reset. */
  reboot_internal(): void;
}

export interface V86Emulator {
  is_running(): boolean;
  readonly v86: { readonly cpu: V86Cpu };
  readonly bus: { send(name: string, value: unknown): void };
  add_listener(name: string, listener: (value: never) => void): void;
  run(): Promise<void>;
  stop(): Promise<void>;
  destroy(): Promise<void>;
  save_state(): Promise<ArrayBuffer>;
}
