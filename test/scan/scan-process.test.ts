import type { ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ScanProcess } from '../../src/scan/scan-process.ts';

const job = { id: 1, path: '/nowhere', filename: 'six-1.0.tar.gz', sha256: 'a'.repeat(64), sizeBytes: 1, ruleset: 'r' };

test('a child that fails more than once is lost once, and the server lives on', async () => {
  const child = Object.assign(new EventEmitter(), { pid: undefined, kill: () => false, send: () => true });
  const start = (() => child as unknown as ChildProcess) as typeof fork;
  const scanning = new ScanProcess('child.js', { deadlineMs: 60_000, memoryBytes: 2 ** 30 }, start);
  const scan = scanning.scan(job);

  child.emit('error', new Error('spawn node EAGAIN'));
  child.emit('error', new Error('kill EPERM'));

  await expect(scan).rejects.toMatchObject({ loss: 'died' });
  expect(scanning.isGone).toBe(true);
});
