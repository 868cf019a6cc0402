import { summarize, type Samples } from './samples.ts';

interface Row {
  readonly label: string;
  readonly key: string;
  readonly show: (value: number) => string;
}

const seconds = (value: number): string => value.toFixed(2);
const megabytes = (value: number): string => (value / 1e6).toFixed(1);
const millions = (value: number): string => (value / 1e6).toFixed(0);
const percent = (value: number): string => (value * 100).toFixed(1);
const whole = (value: number): string => value.toFixed(0);

const ROWS: readonly Row[] = [
  { label: 'open to prompt, s', key: 'open_to_prompt_s', show: seconds },
  { label: 'open again to prompt, s', key: 'reopen_to_prompt_s', show: seconds },
  { label: 'cold boot to engine, s', key: 'boot_to_engine_s', show: seconds },
  { label: 'open to prompt, MB', key: 'bytes_to_prompt', show: megabytes },
  { label: 'open again to prompt, MB', key: 'reopen_bytes_to_prompt', show: megabytes },
  { label: 'docker ps, first, s', key: 'ps_first_s', show: seconds },
  { label: 'docker ps, warm, s', key: 'ps_warm_s', show: seconds },
  { label: 'docker run busybox, first, s', key: 'run_first_s', show: seconds },
  { label: 'docker run busybox, warm, s', key: 'run_warm_s', show: seconds },
  { label: 'docker build, first, s', key: 'build_cold_s', show: seconds },
  { label: 'docker build, cached, s', key: 'build_cached_s', show: seconds },
  { label: 'docker build --no-cache, warm, s', key: 'build_warm_s', show: seconds },
  { label: 'docker run hello-world:v1, first, s', key: 'hello_first_s', show: seconds },
  { label: 'docker run hello-world:v1, warm, s', key: 'hello_warm_s', show: seconds },
  { label: 'docker build with pip install flask, s', key: 'flask_build_s', show: seconds },
  { label: 'docker exec, warm, s', key: 'exec_warm_s', show: seconds },
  { label: 'idle, % of a core', key: 'idle_cpu_fraction', show: percent },
  { label: 'memory, MB', key: 'memory_bytes', show: megabytes },
];

/** Counts do not depend on what else the machine does; only the sandbox under Node gives them. */
const COUNTED = [
  'ps_first',
  'ps_warm',
  'run_first',
  'run_warm',
  'build_cold',
  'build_cached',
  'build_warm',
  'hello_first',
  'hello_warm',
  'flask_build',
  'exec_warm',
];

const HOSTS = [
  { title: 'Chromium', prefix: '' },
  { title: 'Node', prefix: 'node_' },
  { title: 'QEMU TCG', prefix: 'qemu_' },
] as const;

function lines(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map(row => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return cells.map(line).join('\n');
}

function cell(samples: Samples, key: string, show: (value: number) => string): string {
  const values = samples[key];
  if (!values) return '–';
  const { median, count, min, max } = summarize(values);
  return count === 1 ? show(median) : `${show(median)} (${count}: ${show(min)}–${show(max)})`;
}

function ratio(samples: Samples, key: string, prefix: string): string {
  const [values, anchor] = [samples[prefix + key], samples[`qemu_${key}`]];
  if (!values || !anchor) return '–';
  return `${(summarize(values).median / summarize(anchor).median).toFixed(2)} ×`;
}

function times(samples: Samples): string {
  const hosts = HOSTS.filter(({ prefix }) => Object.keys(samples).some(key => ROWS.some(row => key === prefix + row.key)));
  const compared = hosts.some(({ prefix }) => prefix === 'qemu_') ? hosts.filter(({ prefix }) => prefix !== 'qemu_') : [];
  const rows = ROWS.filter(row => hosts.some(({ prefix }) => samples[prefix + row.key]));
  const head = ['median (n: lowest–highest)', ...hosts.map(host => host.title), ...compared.map(host => `${host.title} / QEMU`)];
  const body = rows.map(({ label, key, show }) => [
    label,
    ...hosts.map(({ prefix }) => cell(samples, prefix + key, show)),
    ...compared.map(({ prefix }) => (key.endsWith('_s') ? ratio(samples, key, prefix) : '–')),
  ]);
  return lines([head, ...body]);
}

function counts(samples: Samples): string {
  const names = COUNTED.filter(name => samples[`node_${name}_instructions`]);
  if (names.length === 0) return '';
  const body = names.map(name => [
    name,
    cell(samples, `node_${name}_instructions`, millions),
    cell(samples, `node_${name}_compiled_modules`, whole),
    cell(samples, `node_${name}_compiled_bytes`, megabytes),
  ]);
  return `\n\n${lines([['in Node', 'million instructions', 'modules compiled', 'MB compiled'], ...body])}`;
}

/** The figures as a table for people. */
export function tableOf(samples: Samples): string {
  return times(samples) + counts(samples);
}

/** The medians by flat key. */
export function mediansOf(samples: Samples): Record<string, number> {
  return Object.fromEntries(Object.entries(samples).map(([key, values]) => [key, summarize(values).median]));
}
