// What an administrator changes while the server runs is in force for the next request, and after a restart.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { goodWheel } from '../support/demo-files.ts';
import { makeZip } from '../support/make-zip.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';

let pypi: FakePypi;
let server: RunningServer;

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  for (const name of ['demo-frozen', 'demo-fed', 'demo-young']) {
    const uploadTime = name === 'demo-young' ? new Date(Date.now() - 3_600_000) : new Date('2026-03-01T00:00:00Z');
    pypi.addProject(name, {}, [{ ...goodWheel(name, '1.0'), uploadTime: uploadTime.toISOString() }]);
  }
  server = await startServer(pypi);
});

afterAll(async () => {
  await server.close();
  await pypi.close();
});

/** Status and, for a refusal, the id of its explanation. */
async function ask(project: string): Promise<{ readonly status: number; readonly id: string | undefined }> {
  const page = await fetch(`${server.index}${project}/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  });
  await page.arrayBuffer();
  const path = new URL(pypi.urlOf(project, `${project.replaceAll('-', '_')}-1.0-py3-none-any.whl`)).pathname;
  const answer = await fetch(`${server.url}${path}`);
  return { status: answer.status, id: /\/b\/([a-z0-9]{14})/.exec(await answer.text())?.[1] };
}

async function cordon(...args: readonly string[]): Promise<string> {
  const ran = await server.cli(...args);
  expect(ran.exitCode, ran.text).toBe(0);
  return ran.text;
}

test('a freeze date holds what is newer, survives a restart, and ends when it is cleared', async () => {
  expect((await ask('demo-frozen')).status).toBe(200);

  await cordon('freeze', '2026-02-01', '--reason', 'a worm');
  expect((await ask('demo-frozen')).status).toBe(403);
  await server.restart();
  expect((await ask('demo-frozen')).status).toBe(403);
  expect(await cordon('status')).toContain('2026-02-01T00:00:00.000Z, set by');

  await cordon('freeze', 'clear');
  expect((await ask('demo-frozen')).status).toBe(200);
});

test('the id on a refusal leads an administrator to the file, and monitor mode lets it through', async () => {
  const refused = await ask('demo-young');
  expect(refused.status).toBe(403);

  const explained = await server.cli('explain', refused.id ?? '');
  await cordon('mode', 'monitor', '--reason', 'first week');

  expect(explained.exitCode).toBe(1);
  expect(explained.text).toContain('demo_young-1.0-py3-none-any.whl');
  expect((await ask('demo-young')).status).toBe(200);
  await cordon('mode', 'clear');
  expect((await ask('demo-young')).status).toBe(403);
});

test('a feed that was imported is in force at once and after a restart, though none is fetched', async () => {
  const record = {
    id: 'MAL-2026-1',
    modified: '2026-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'PyPI', name: 'demo-fed' }, versions: ['1.0'] }],
  };
  const archive = join(server.dataFolder, 'all.zip');
  await writeFile(archive, makeZip([{ name: 'MAL-2026-1.json', content: JSON.stringify(record) }]));
  expect((await ask('demo-fed')).status).toBe(200);

  await cordon('feed', 'import', archive);
  expect((await ask('demo-fed')).status).toBe(403);
  await server.restart();
  expect((await ask('demo-fed')).status).toBe(403);

  await cordon('feed', 'clear', '--reason', 'a test');
  expect((await ask('demo-fed')).status).toBe(200);
});

test('all of it is in the event chain', async () => {
  expect(await cordon('verify')).toContain('the event chain is whole');
});
