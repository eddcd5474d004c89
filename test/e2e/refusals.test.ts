// What a person sees when a release is refused, in each installer: the exit code, the reason, and what was fetched.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeFile, type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { goodWheel, installTimeSdist, startUpWheel } from '../support/demo-files.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';
import { CLIENT_NAMES, type Client, type ClientName, openClient } from './support/clients.ts';

let pypi: FakePypi;
let server: RunningServer;
const clients = new Map<ClientName, Client>();

/** A release of this morning: its project's page waits a moment for the verdict, so that the first client falls back too. */
function young(file: FakeFile): FakeFile {
  return { ...file, uploadTime: new Date(Date.now() - 3_600_000).toISOString() };
}

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  pypi.addProject('demo-pkg', {}, [goodWheel('demo-pkg', '1.0'), young(startUpWheel('demo-pkg', '2.0'))]);
  pypi.addProject('demo-sdist', {}, [goodWheel('demo-sdist', '1.0'), young(installTimeSdist('demo-sdist', '2.0'))]);
  pypi.addProject('demo-bad', {}, [startUpWheel('demo-bad', '1.0')]);
  pypi.addProject('demo-held', {}, [
    { ...goodWheel('demo-held', '1.0'), uploadTime: new Date(Date.now() - 3_600_000).toISOString() },
  ]);
  server = await startServer(pypi);
  for (const client of await Promise.all(CLIENT_NAMES.map(openClient))) {
    if (client !== undefined) clients.set(client.name, client);
  }
});

afterAll(async () => {
  for (const client of clients.values()) await client.close();
  await server.close();
  await pypi.close();
});

/** PDM prints neither the reason phrase nor the body of a refusal, only the URL: the slug in it is its reason. */
const REASON: Readonly<Record<ClientName, RegExp>> = {
  pip: /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
  'pip-old': /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
  uv: /Server message: Blocked by Cordon/,
  poetry: /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
  pdm: /packages\/refused\/[^/]+-malware/,
  pipenv: /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
};

describe.each(CLIENT_NAMES)('%s', (name) => {
  test('falls back to the earlier good release when the requirement is open', async ({ skip }) => {
    const client = clients.get(name);
    if (client === undefined) return skip(`${name} could not be installed here`);

    const ran = await client.install({ index: server.index, requirement: 'demo-pkg' });

    expect(ran.text).not.toMatch(/Traceback/);
    expect(ran.exitCode).toBe(0);
    expect(ran.installed['demo-pkg']).toBe('1.0');
  });

  test('refuses the pinned wheel with the start-up file, and says why', async ({ skip }) => {
    const client = clients.get(name);
    if (client === undefined) return skip(`${name} could not be installed here`);

    const ran = await client.install({ index: server.index, requirement: 'demo-pkg==2.0' });

    expect(ran.exitCode).not.toBe(0);
    expect(ran.text).toMatch(REASON[name]);
    expect(ran.installed['demo-pkg']).toBeUndefined();
  });

  test('refuses the pinned sdist whose setup.py downloads and runs, and says why', async ({ skip }) => {
    const client = clients.get(name);
    if (client === undefined) return skip(`${name} could not be installed here`);

    const ran = await client.install({ index: server.index, requirement: 'demo-sdist==2.0' });

    expect(ran.exitCode).not.toBe(0);
    expect(ran.text).toMatch(REASON[name]);
    expect(ran.installed['demo-sdist']).toBeUndefined();
  });

  test('hears the reason when nothing of the project may be used', async ({ skip }) => {
    const client = clients.get(name);
    if (client === undefined) return skip(`${name} could not be installed here`);

    const ran = await client.install({ index: server.index, requirement: 'demo-bad' });

    expect(ran.exitCode).not.toBe(0);
    expect(ran.text).toMatch(REASON[name]);
  });

  test('gets nothing of a project that is an hour old', async ({ skip }) => {
    const client = clients.get(name);
    if (client === undefined) return skip(`${name} could not be installed here`);

    const ran = await client.install({ index: server.index, requirement: 'demo-held' });

    expect(ran.exitCode).not.toBe(0);
    expect(ran.installed['demo-held']).toBeUndefined();
  });
});

test('a refused file was fetched from upstream once, whoever asked for it and how often', () => {
  expect(pypi.count('demo_pkg-2.0-py3-none-any.whl')).toBe(1);
  expect(pypi.count('demo_sdist-2.0.tar.gz')).toBe(1);
});
