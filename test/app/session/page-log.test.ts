import { expect, test } from 'vitest';
import { PageLog } from '../../../src/app/session/preview/page-log.ts';
import type { Exchange } from '../../../src/core/preview/page-report.ts';

const exchange = (id: string, state: Exchange['state'] = 'open'): Exchange => ({
  ...{ kind: 'preview-exchange', id, state, route: { port: 8888, path: '/' }, method: 'GET', status: 200 },
  ...{ milliseconds: 1, bytes: 0, sent: [], received: [] },
});

test('a request that is told of again keeps its place; only the newest are kept', () => {
  const log = new PageLog();
  log.take(exchange('a'));
  log.take(exchange('b'));
  log.take(exchange('a', 'done'));
  expect(log.exchanges.value.map(({ id, state }) => `${id} ${state}`)).toEqual(['a done', 'b open']);
  for (let count = 0; count < 300; count++) log.take(exchange(`${count}`));
  expect([log.exchanges.value.length, log.exchanges.value.at(-1)?.id]).toEqual([200, '299']);
  for (let count = 0; count < 600; count++) log.take({ kind: 'preview-console', route: { port: 8888, path: '/' }, level: 'log', text: `${count}` });
  expect([log.lines.value.length, new Set(log.lines.value.map(({ id }) => id)).size]).toEqual([500, 500]);
  log.clear();
  expect([log.exchanges.value, log.lines.value]).toEqual([[], []]);
});
