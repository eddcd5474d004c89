import { expect, test } from 'vitest';
import { createClosing } from '../src/closing.ts';

test('what was opened last is closed first, and one failure keeps nothing open', async () => {
  const closed: string[] = [];
  const closing = createClosing();
  closing.add(() => closed.push('store'));
  closing.add(async () => {
    throw new Error('stuck');
  });
  closing.add(() => closed.push('server'));

  await expect(closing.closeAll()).rejects.toThrow('stuck');

  expect(closed).toEqual(['server', 'store']);
});

test('closing twice closes once', async () => {
  let count = 0;
  const closing = createClosing();
  closing.add(() => {
    count += 1;
  });

  await closing.closeAll();
  await closing.closeAll();

  expect(count).toBe(1);
});
