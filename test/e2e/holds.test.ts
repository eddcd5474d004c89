// No installer gives up while a scan takes its time, and none gets a byte of the file before the verdict. The scans really last
// 0, 12 and 60 s, inside the scan child; all clients wait at once, each for a good and a bad file of its own.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessRecord } from '../../src/ports/decision-store.ts';
import { type FakePypi, startFakePypi } from '../fakes/fake-pypi.ts';
import { heavyWheel } from '../support/demo-files.ts';
import { type RunningServer, startServer } from '../support/running-server.ts';
import { CLIENT_NAMES, type ClientName, openClient } from './support/clients.ts';
import { startCountingProxy } from './support/counting-proxy.ts';

const SLOW_CHILD = fileURLToPath(new URL('../support/slow-child.mjs', import.meta.url));
/** of the noise in each wheel: far more than pages, redirects and refusals take */
const FILE_BYTES = 300_000;

let pypi: FakePypi;
let server: RunningServer;

beforeAll(async () => {
  pypi = await startFakePypi({ separateFileOrigin: true });
  server = await startServer(
    pypi,
    // as many children as files wait, so that each scan lasts as long as it says and no longer; nothing is scanned ahead
    { scanAhead: { enabled: false }, scan: { children: 2 * CLIENT_NAMES.length } },
    { scanChild: SLOW_CHILD },
  );
});

afterAll(async () => {
  await server.close();
  await pypi.close();
});

interface Waited {
  readonly client: ClientName;
  readonly filename: string;
  readonly exitCode: number;
  readonly text: string;
  readonly version: string | undefined;
  readonly seconds: number;
  readonly receivedBytes: number;
  readonly sawArchive: boolean;
}

async function install(client: ClientName, seconds: number, kind: 'good' | 'bad'): Promise<Waited | undefined> {
  const opened = await openClient(client);
  if (opened === undefined) return undefined;
  const project = `${kind}-${client}-${String(seconds)}s`;
  const file = heavyWheel(project, '1.0', kind, FILE_BYTES);
  pypi.addProject(project, {}, [file]);
  const wire = await startCountingProxy(server.url);
  try {
    const ran = await opened.install({ index: `${wire.url}/simple/`, requirement: `${project}==1.0` });
    return {
      client,
      filename: file.filename,
      exitCode: ran.exitCode,
      text: ran.text,
      version: ran.installed[project],
      seconds: ran.elapsedMs / 1000,
      receivedBytes: wire.received(),
      sawArchive: wire.sawArchive(),
    };
  } finally {
    await wire.close();
    await opened.close();
  }
}

async function findAccess(filename: string): Promise<readonly AccessRecord[]> {
  const ran = await server.cli('who', filename, '--json');
  expect(ran.exitCode, ran.text).toBe(0);
  return JSON.parse(ran.text) as readonly AccessRecord[];
}

/** What each prints of a file that is refused after a hold; PDM shows nothing but the status. */
const REASON: Readonly<Record<ClientName, RegExp>> = {
  pip: /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
  'pip-old': /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
  uv: /Server message: Blocked by Cordon/,
  poetry: /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
  pdm: /403 Forbidden/,
  pipenv: /403 Client Error: Blocked by Cordon:[\s\S]+ for url/,
};

const REFUSED_EXIT: Readonly<Record<ClientName, number>> = {
  pip: 1,
  'pip-old': 1,
  uv: 2,
  poetry: 1,
  pdm: 1,
  pipenv: 1,
};

describe.each([0, 12, 60])('a scan that takes %i s', (seconds) => {
  let good: readonly Waited[];
  let bad: readonly Waited[];

  beforeAll(async () => {
    const all = await Promise.all(
      CLIENT_NAMES.map((client) => Promise.all([install(client, seconds, 'good'), install(client, seconds, 'bad')])),
    );
    good = all.map(([one]) => one).filter((one) => one !== undefined);
    bad = all.map(([, one]) => one).filter((one) => one !== undefined);
  });

  test('is waited for by every client, and the good file is installed', () => {
    expect(good.length).toBeGreaterThan(0);
    for (const each of good) {
      expect(each, each.text).toMatchObject({ exitCode: 0, version: '1.0', sawArchive: true });
      expect(each.seconds, each.client).toBeGreaterThanOrEqual(seconds);
      expect(each.receivedBytes, each.client).toBeGreaterThan(FILE_BYTES);
    }
  });

  test('is waited for by every client, and the bad file is refused with its reason and without a byte of it', () => {
    expect(bad.length).toBeGreaterThan(0);
    for (const each of bad) {
      expect(each, each.text).toMatchObject({ exitCode: REFUSED_EXIT[each.client], sawArchive: false });
      expect(each.version).toBeUndefined();
      expect(each.text).toMatch(REASON[each.client]);
      expect(each.seconds, each.client).toBeGreaterThanOrEqual(seconds);
      expect(each.receivedBytes, each.client).toBeLessThan(FILE_BYTES / 3);
    }
  });

  test('is one scan and one GET upstream a file, however often its client comes back', async () => {
    for (const { filename } of [...good, ...bad]) expect(pypi.count(filename, 'GET'), filename).toBe(1);
    // A client that gave up waiting and comes back when the scan has just ended waits for none: its record has no scan.
    const scans: number[] = [];
    for (const { filename } of good) {
      const served = (await findAccess(filename)).filter(({ outcome }) => outcome === 'served');
      expect(served.length, filename).toBeGreaterThan(0);
      scans.push(...served.map(({ scanMs }) => scanMs).filter((ms) => ms !== undefined));
    }
    expect(scans.length).toBeGreaterThan(0);
    expect(Math.min(...scans)).toBeGreaterThanOrEqual(seconds * 1000);
  });
});
