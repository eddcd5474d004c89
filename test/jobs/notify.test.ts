import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { postJson } from '../../src/feeds/post-json.ts';
import { createNotifier } from '../../src/jobs/notify.ts';
import type { Notice } from '../../src/ports/notifier.ts';
import { silentLog } from '../fakes/silent-log.ts';

const NOTICE: Notice = { kind: 'feed-match', at: 0, title: 'six 1.0 is malware', fields: { project: 'six' } };

test('a notice goes to the log, and to the webhook where there is one', async () => {
  const logged: unknown[] = [];
  const posted: string[] = [];
  const log = { ...silentLog, warn: (fields: unknown, msg: string) => logged.push([msg, fields]) };
  const post = (_url: string, body: string): Promise<void> => Promise.resolve(void posted.push(body));

  await createNotifier({ log, webhookUrl: undefined, post }).notify(NOTICE);
  await createNotifier({ log, webhookUrl: 'https://chat.example.invalid/hook', post }).notify(NOTICE);

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

  await createNotifier({ log, webhookUrl: 'https://chat.example.invalid/SECRET', post }).notify(NOTICE);

  expect(tries).toBe(3);
  expect(logged.join()).not.toContain('SECRET');
});

test('a webhook is asked by POST, and anything but 2xx is a failure', async () => {
  const bodies: string[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(`${request.method ?? ''} ${request.headers['content-type'] ?? ''} ${body}`);
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  await postJson(url, '{}');
  status = 302;
  await expect(postJson(url, '{}')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });
  status = 500;
  await expect(postJson(url, '{}')).rejects.toMatchObject({ code: 'UPSTREAM_DOWN' });

  expect(bodies[0]).toBe('POST application/json {}');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
