import { expect, test } from 'vitest';
import { addGcCommand, addVerifyCommand } from '../../src/commands/maintain.ts';
import { runCommand } from './support.ts';

const WHOLE = { blobs: 2, bytes: 2048, broken: [] };

test('cordon verify shows on a terminal how far it is', async () => {
  let looks = 0;
  let finish: (value: unknown) => void = () => undefined;
  const done = new Promise((resolve) => {
    finish = resolve;
  });
  const answer = ({ method }: { readonly method: string }): unknown => {
    if (method === 'POST') return done.then(() => WHOLE);
    looks += 1;
    finish(undefined);
    return { progress: { doneBytes: 1024, totalBytes: 2048 } };
  };

  const ran = await runCommand(addVerifyCommand, ['verify'], { answer, isTty: true });

  expect(looks).toBeGreaterThan(0);
  expect(ran.text).toContain('[###############...............] 1.0 KiB of 2.0 KiB');
  expect(ran.text).toContain('2 stored files');
  expect(ran.exitCode).toBe(0);
});

test('cordon verify shows no progress in a pipe', async () => {
  const ran = await runCommand(addVerifyCommand, ['verify'], { answer: () => WHOLE });

  expect(ran.asked.map(({ method }) => method)).toEqual(['POST']);
  expect(ran.text).not.toContain('\r');
});

test('cordon gc says why more than the budget is left', async () => {
  const answer = () => ({ evictedFiles: 0, freedBytes: 0, excessBytes: 3 * 1024 * 1024 });

  const ran = await runCommand(addGcCommand, ['gc'], { answer });

  expect(ran.text).toBe(
    'removed 0 files, 0 B\nstill 3.0 MiB over the budget: what was used in the last ten minutes stays\n',
  );
});
