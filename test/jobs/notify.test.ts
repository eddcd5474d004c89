import { expect, test } from 'vitest';
import { createNotifier } from '../../src/jobs/notify.ts';
import type { Notice } from '../../src/ports/notifier.ts';
import { silentLog } from '../fakes/silent-log.ts';

const NOTICE: Notice = { kind: 'feed-match', at: 0, title: 'six 1.0 is malware', fields: { project: 'six' } };

test('a notice goes to the log, and to the webhook where there is one', async () => {
  const logged: unknown[] = [];
  const posted: string[] = [];
  const log = { ...silentLog, warn: (fields: unknown, msg: string) => logged.push([msg, fields]) };
  const post = (_url: string, body: string): Promise<void> => Promise.resolve(void posted.push(body));

  await createNotifier({ log, webhook: undefined }).notify(NOTICE);
  await createNotifier({ log, webhook: { url: 'https://chat.example.invalid/hook', post } }).notify(NOTICE);

  expect(logged).toEqual(Array(2).fill(['six 1.0 is malware', { kind: 'feed-match', project: 'six' }]));
  expect(posted.map((body) => JSON.parse(body) as unknown)).toEqual([
    {
      kind: 'feed-match',
      at: '1970-01-01T00:00:00.000Z',
      title: 'six 1.0 is malware',
      text: 'six 1.0 is malware',
      fields: { project: 'six' },
    },
  ]);
});

test('a webhook that fails is tried three times, logged without its address, and never thrown', async () => {
  let tries = 0;
  const logged: string[] = [];
  const log = { ...silentLog, error: (fields: unknown) => logged.push(JSON.stringify(fields)) };
  const post = (): Promise<void> => {
    tries += 1;
    return Promise.reject(new Error('no'));
  };

  await createNotifier({ log, webhook: { url: 'https://chat.example.invalid/SECRET', post } }).notify(NOTICE);

  expect(tries).toBe(3);
  expect(logged.join()).not.toContain('SECRET');
});
