import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cutWhenRevoked } from '../../src/gate/revocation.ts';
import { CLEAN, MALWARE, SUSPICIOUS, UNSCANNED } from '../fakes/fake-judge.ts';
import { makeGateWorld } from '../support/gate-world.ts';

const WHEEL = 'six-1.0-py3-none-any.whl';

/** A file of which a client has the first half; `finish` sends the rest. */
async function underWay() {
  const world = makeGateWorld();
  const files = await world.announce({ [WHEEL]: { bytes: 'the wheel' } });
  const stream = new Readable({ read: () => undefined });
  stream.push('the ');
  const received = buffer(cutWhenRevoked(stream, files[WHEEL]!, world.deps)).then(String, (error: unknown) => error);
  const look = async (): Promise<void> => {
    world.timers.run(1_000);
    await turn();
    await turn();
  };
  const finish = (): void => {
    stream.push('wheel');
    stream.push(null);
  };
  return { world, received, look, finish };
}

describe('a file on its way', () => {
  test.each([MALWARE, SUSPICIOUS])('breaks off once it is %o', async (verdict) => {
    const { world, received, look, finish } = await underWay();
    await look();
    world.judge.set(WHEEL, verdict);

    await look();
    finish();

    expect(await received).toMatchObject({ code: 'FORBIDDEN' });
    expect(world.timers.waiting()).toEqual([]);
  });

  test.each([CLEAN, UNSCANNED])('goes on while it is %o, and is judged no more when it is there', async (verdict) => {
    const { world, received, look, finish } = await underWay();
    world.judge.set(WHEEL, verdict);

    await look();
    expect(world.timers.waiting()).toEqual([1_000]);
    finish();

    expect(await received).toBe('the wheel');
    expect(world.timers.waiting()).toEqual([]);
  });

  test('goes on when it cannot be judged in this moment, and is judged at the next look', async () => {
    const { world, received, look } = await underWay();
    const { judgeFile } = world.judge;
    world.judge.judgeFile = () => Promise.reject(new Error('busy'));
    await look();
    world.judge.judgeFile = judgeFile;
    world.judge.set(WHEEL, MALWARE);

    await look();

    expect(await received).toMatchObject({ code: 'FORBIDDEN' });
  });
});
