import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import type { JobOutcome } from '../../src/ports/intake.ts';
import { UNSCANNED } from '../fakes/fake-judge.ts';
import { askRaw, makeHttpWorld } from '../support/http-world.ts';

// Real installers wait 12 s and 60 s in test/e2e/holds.test.ts; here, what they are sent meanwhile.
const WHEEL = 'six-1.0-py3-none-any.whl';

test('2: not a byte is sent before the verdict: no interim answer, no header', async () => {
  const world = makeHttpWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'x', verdict: UNSCANNED } });
  let release: (outcome: JobOutcome) => void = () => undefined;
  world.intake.onJoin = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const server = createServer(world.app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString();
  });

  socket.write(`GET /${files[WHEEL]!.path} HTTP/1.1\r\nHost: cordon\r\nConnection: close\r\n\r\n`);
  while (world.intake.joins.length === 0) await new Promise(setImmediate);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  const before = received;
  release({ kind: 'waiting', phase: { kind: 'scanning' } });
  await new Promise((resolve) => socket.once('close', resolve));
  server.close();

  expect(before).toBe('');
  expect(received).toMatch(/^HTTP\/1\.1 307 /);
});

test('2: no silence is longer than an installer bears, and no ladder has more hops than uv follows', async () => {
  const world = makeHttpWorld();
  const files = await world.announce({ [WHEEL]: { verdict: UNSCANNED } });
  let path = `/${files[WHEEL]!.path}`;
  const statuses: number[] = [];

  for (let hop = 0; hop < 20 && statuses.at(-1) !== 403; hop++) {
    const answer = await askRaw(world.app, path);
    statuses.push(answer.status);
    path = new URL(answer.headers.location ?? '', `http://cordon${path}`).href.slice('http://cordon'.length);
  }

  expect(statuses).toEqual([307, 307, 307, 307, 307, 307, 307, 307, 403]);
  expect(Math.max(...world.intake.joins.map(({ waitMs }) => waitMs))).toBeLessThan(15_000);
});
