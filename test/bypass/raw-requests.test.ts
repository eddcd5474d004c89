// Sends what no HTTP library would: requests in one write, two lengths for one body, a second request hidden in a first one.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeFile, type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { goodWheel, startUpWheel } from '../support/demo-files.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';

let pypi: FakePypi;
let server: RunningServer;
let bad: FakeFile;
let goodPath: string;
let badPath: string;

const pathIn = (project: string, file: FakeFile): string => new URL(pypi.urlOf(project, file.filename)).pathname;

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  server = await startServer(pypi, {});
  const good = goodWheel('raw', '1.0');
  bad = startUpWheel('raw', '2.0');
  pypi.addProject('raw', {}, [good, bad]);
  await fetch(`${server.index}raw/`);
  goodPath = pathIn('raw', good);
  badPath = pathIn('raw', bad);
  for (const path of [goodPath, badPath]) await (await fetch(server.url + path)).arrayBuffer();
}, 60_000);

afterAll(async () => {
  await server.close();
  await pypi.close();
});

/** Everything that comes back on one connection until the server or the last answer ends it. */
function exchange(text: string): Promise<Buffer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => {
      resolve(Buffer.concat(chunks));
    });
    socket.on('error', reject);
  });
}

const ask = (method: string, path: string, ...headers: readonly string[]): string =>
  `${[`${method} ${path} HTTP/1.1`, 'Host: cordon', ...headers].join('\r\n')}\r\n\r\n`;

test.each([
  [
    'an allowed file and a refused one in one write',
    () => ask('GET', goodPath) + ask('GET', badPath, 'Connection: close'),
    '403',
  ],
  [
    'a body with two lengths',
    () =>
      `${ask('GET', goodPath, 'Content-Length: 4', 'Transfer-Encoding: chunked', 'Connection: close')}0\r\n\r\n${ask('GET', badPath)}`,
    '400',
  ],
  [
    'a request in the body of another',
    () => {
      const hidden = ask('GET', badPath);
      return ask('GET', '/healthz', `Content-Length: ${String(hidden.length)}`, 'Connection: close') + hidden;
    },
    '200',
  ],
  ['a space before the colon', () => ask('GET', badPath, 'Range : bytes=0-', 'Connection: close'), '400'],
  ['a folded header', () => ask('GET', badPath, 'Range: bytes=0-', ' ,1-2', 'Connection: close'), '400'],
  ['a line feed in the path', () => ask('GET', `${goodPath}\n${badPath}`, 'Connection: close'), '400'],
  ['HTTP/1.0 without a host', () => `GET ${badPath} HTTP/1.0\r\n\r\n`, '403'],
])('%s gives no byte of a refused file', async (_what, text, status) => {
  const heard = await exchange(text());

  expect(heard.toString('latin1')).toContain(`HTTP/1.1 ${status} `);
  const bytes = Buffer.from(bad.bytes);
  for (let at = 0; at + 48 <= bytes.length; at += 8) {
    const piece = bytes.subarray(at, at + 48);
    // what the good wheel has as well proves nothing
    if (heard.includes(piece)) expect(Buffer.from(goodWheel('raw', '1.0').bytes).includes(piece)).toBe(true);
  }
});
