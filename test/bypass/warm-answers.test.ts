// What the built server answers from memory must end with whatever speaks against it: an entry, a withdrawal, a removal.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { goodWheel } from '../support/demo-files.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';

let pypi: FakePypi;
let server: RunningServer;

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  server = await startServer(pypi, { pages: { freshSeconds: 0 } });
}, 60_000);

afterAll(async () => {
  await server.close();
  await pypi.close();
});

/** Puts a clean project on the index and asks for everything until all of it comes from memory. */
async function warm(project: string) {
  const file = goodWheel(project, '1.0');
  pypi.addProject(project, { apiVersion: '1.4' }, [file]);
  const path = new URL(pypi.urlOf(project, file.filename)).pathname;
  /** statuses of the file and its metadata, and whether the page offers the file as it is */
  const ask = async () => {
    const page = await fetch(`${server.index}${project}/`, {
      headers: { accept: 'application/vnd.pypi.simple.v1+json' },
    });
    const { files } = (await page.json()) as { files: readonly { url: string; yanked: boolean | string }[] };
    const isOffered = files.some(({ url, yanked }) => yanked === false && url.endsWith(path));
    const statuses = [];
    for (const suffix of ['', '.metadata']) statuses.push((await fetch(`${server.url}${path}${suffix}`)).status);
    return [isOffered, ...statuses];
  };
  for (let count = 0; count < 3; count++) await ask();
  expect(await ask()).toEqual([true, 200, 200]);
  return { file, ask };
}

test('an entry holds for the next request of a warm project, and so does its removal', async () => {
  const { ask } = await warm('warm-denied');

  const denied = await server.cli('deny', 'warm-denied', '--reason', 'test', '--json');
  expect(denied.exitCode).toBe(0);
  expect(await ask()).toEqual([false, 403, 403]);

  const { id } = JSON.parse(denied.text) as { id: string };
  expect((await server.cli('remove', id)).exitCode).toBe(0);
  expect(await ask()).toEqual([true, 200, 200]);
}, 30_000);

test('a project that its index withdrew is withdrawn from the moment that its page was seen', async () => {
  const { ask } = await warm('warm-withdrawn');

  pypi.changeProject('warm-withdrawn', { status: 'quarantined', statusReason: 'reported', files: [] });

  expect(await ask()).toEqual([false, 403, 403]);
}, 30_000);

test('a file whose announced digest changed is not the one that is in memory', async () => {
  const { file, ask } = await warm('warm-changed');

  pypi.changeProject('warm-changed', { files: [{ ...file, hashes: { sha256: 'ab'.repeat(32) } }] });

  const [isOffered, status] = await ask();
  expect(isOffered).toBe(false);
  expect(status).not.toBe(200);
}, 30_000);

test.each([
  ['altered', (bytes: Buffer) => bytes.fill(0x78, 0, 200)],
  ['cut off', (bytes: Buffer) => bytes.subarray(0, 200)],
])(
  'a stored file that was %s where it lies is fetched again, and not sent as it is',
  async (how, damage) => {
    const project = `warm-${how.replace(' ', '-')}`;
    const { file } = await warm(project);
    const path = new URL(pypi.urlOf(project, file.filename)).pathname;
    const sha256 = createHash('sha256').update(file.bytes).digest('hex');
    const blob = join(server.dataFolder, 'blobs', 'sha256', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    await server.restart();
    writeFileSync(blob, damage(readFileSync(blob)));

    const answer = await fetch(server.url + path);

    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(file.bytes))).toBe(true);
    expect(readFileSync(blob).equals(Buffer.from(file.bytes))).toBe(true);
  },
  60_000,
);
