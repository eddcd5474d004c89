// No installer gives up while a verdict takes its time. The upstream is slowed so that fetch and scan last 12 s and 60 s;
// all clients wait at once, each for a project of its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { goodWheel, startUpWheel } from '../support/demo-files.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';
import { CLIENT_NAMES, type ClientName, openClient } from './support/clients.ts';

let pypi: FakePypi;
let server: RunningServer;

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  server = await startServer(pypi, { scanAhead: { enabled: false } });
});

afterAll(async () => {
  await server.close();
  await pypi.close();
});

interface Waited {
  readonly client: ClientName;
  readonly exitCode: number;
  readonly text: string;
  readonly version: string | undefined;
  readonly seconds: number;
}

async function installSlowly(client: ClientName, seconds: number, make: typeof goodWheel): Promise<Waited | undefined> {
  const opened = await openClient(client);
  if (opened === undefined) return undefined;
  const project = `slow-${client}-${seconds}-${make.name.toLowerCase()}`;
  const file = make(project, '1.0');
  pypi.addProject(project, {}, [file]);
  pypi.setFault(file.filename, { kind: 'slow', bytesPerSecond: Math.max(1, Math.ceil(file.bytes.length / seconds)) });
  try {
    const ran = await opened.install({ index: server.index, requirement: `${project}==1.0` });
    return {
      client,
      exitCode: ran.exitCode,
      text: ran.text,
      version: ran.installed[project],
      seconds: ran.elapsedMs / 1000,
    };
  } finally {
    await opened.close();
  }
}

describe.each([12, 60])('a verdict that takes %i s', (seconds) => {
  test('is waited for by every client, and the good file is installed', async () => {
    const all = await Promise.all(CLIENT_NAMES.map((client) => installSlowly(client, seconds, goodWheel)));

    const waited = all.filter((each) => each !== undefined);
    expect(waited.length).toBeGreaterThan(0);
    for (const each of waited) {
      expect(each, each.text).toMatchObject({ exitCode: 0, version: '1.0' });
      expect(each.seconds).toBeGreaterThan(seconds * 0.8);
    }
    expect(pypi.count(new RegExp(`slow_pip_${seconds}_goodwheel-1\\.0-py3-none-any\\.whl$`))).toBe(1);
  });

  test('is waited for by every client, and the bad file is refused', async () => {
    const all = await Promise.all(CLIENT_NAMES.map((client) => installSlowly(client, seconds, startUpWheel)));

    for (const each of all.filter((one) => one !== undefined)) {
      expect(each.exitCode, each.text).not.toBe(0);
      expect(each.version).toBeUndefined();
      expect(each.text).toMatch(/Blocked by Cordon|403/);
    }
  });
});
