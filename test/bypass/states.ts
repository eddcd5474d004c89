// The states that a file can be in, each made real on a running server. Start at STATES.
import type { FakeFile, FakePypi } from '../fakes/fake-pypi.ts';
import { goodWheel, startUpWheel } from '../support/demo-files.ts';
import type { RunningServer } from '../support/running-server.ts';

export interface State {
  readonly id: string;
  /** one line for docs/bypass-matrix.md */
  readonly title: string;
  readonly project: string;
  /** where the project page shows the file; undefined: not at all */
  readonly isListed: boolean;
  readonly isServed: boolean;
  /** Puts the project on the index and the server in the state; gives the file that the matrix asks for. */
  arrange(pypi: FakePypi, server: RunningServer): Promise<FakeFile>;
}

async function settle(server: RunningServer, pypi: FakePypi, file: FakeFile, project: string): Promise<void> {
  await fetch(server.index + `${project}/`);
  const path = new URL(pypi.urlOf(project, file.filename)).pathname;
  await fetch(server.url + path);
}

function simpleState(
  id: string,
  title: string,
  { isServed, isListed }: { isServed: boolean; isListed: boolean },
  arrange: (project: string, pypi: FakePypi, server: RunningServer) => Promise<FakeFile>,
): State {
  const project = `state-${id}`;
  return { id, title, project, isServed, isListed, arrange: (pypi, server) => arrange(project, pypi, server) };
}

export const STATES: readonly State[] = [
  simpleState('allowed', 'scanned and clean', { isServed: true, isListed: true }, async (project, pypi, server) => {
    const file = goodWheel(project, '1.0');
    pypi.addProject(project, {}, [file]);
    await settle(server, pypi, file, project);
    return file;
  }),
  simpleState(
    'malware',
    'refused: malware found by the scan',
    { isServed: false, isListed: true },
    async (project, pypi, server) => {
      const file = startUpWheel(project, '2.0');
      pypi.addProject(project, {}, [goodWheel(project, '1.0'), file]);
      await settle(server, pypi, file, project);
      return file;
    },
  ),
  simpleState(
    'unscanned',
    'malware that nobody has scanned yet',
    { isServed: false, isListed: true },
    (project, pypi) => {
      const file = startUpWheel(project, '2.0');
      pypi.addProject(project, {}, [goodWheel(project, '1.0'), file]);
      return Promise.resolve(file);
    },
  ),
  simpleState(
    'whole',
    'refused: nothing of the project may be used',
    { isServed: false, isListed: true },
    async (project, pypi, server) => {
      const file = startUpWheel(project, '1.0');
      pypi.addProject(project, {}, [file]);
      await settle(server, pypi, file, project);
      return file;
    },
  ),
  simpleState(
    'denied',
    'clean and served once, then denied by an entry',
    { isServed: false, isListed: true },
    async (project, pypi, server) => {
      const file = goodWheel(project, '1.0');
      pypi.addProject(project, {}, [file]);
      await settle(server, pypi, file, project);
      const ran = await server.cli('deny', project, '--reason', 'bypass matrix');
      if (ran.exitCode !== 0) throw new Error(ran.text);
      return file;
    },
  ),
  simpleState('held', 'held: the project is an hour old', { isServed: false, isListed: false }, (project, pypi) => {
    const file = { ...goodWheel(project, '1.0'), uploadTime: new Date(Date.now() - 3_600_000).toISOString() };
    pypi.addProject(project, {}, [file]);
    return Promise.resolve(file);
  }),
  simpleState(
    'withdrawn',
    'served once, then quarantined by the upstream index',
    { isServed: false, isListed: false },
    async (project, pypi, server) => {
      const file = goodWheel(project, '1.0');
      pypi.addProject(project, { apiVersion: '1.4' }, [file]);
      await settle(server, pypi, file, project);
      pypi.changeProject(project, { status: 'quarantined', statusReason: 'reported', files: [] });
      await fetch(server.index + `${project}/`);
      return file;
    },
  ),
  simpleState(
    'moved',
    'other bytes under the same name at another URL, of an index without digests that was asked before',
    { isServed: false, isListed: true },
    async (project, pypi, server) => {
      const before = { ...goodWheel(project, '1.0'), hashes: {} };
      pypi.addProject(project, {}, [before]);
      await settle(server, pypi, before, project);
      const file = { ...before, bytes: startUpWheel(project, '1.0').bytes };
      pypi.removeFile(project, before.filename);
      pypi.addFile(project, file);
      await settle(server, pypi, file, project);
      return file;
    },
  ),
  simpleState(
    'misnamed',
    'a wheel whose name breaks the rules for wheels, so that it belongs to no release',
    { isServed: false, isListed: false },
    async (project, pypi, server) => {
      const good = goodWheel(project, '1.0');
      const file = { ...good, filename: good.filename.replace('_', '__') };
      pypi.addProject(project, {}, [goodWheel(project, '2.0'), file]);
      await settle(server, pypi, file, project);
      return file;
    },
  ),
  simpleState(
    'mismatch',
    'the bytes are not those that the index announced',
    { isServed: false, isListed: true },
    async (project, pypi, server) => {
      const file = goodWheel(project, '1.0');
      pypi.addProject(project, {}, [{ ...file, hashes: { sha256: 'ab'.repeat(32) } }]);
      await settle(server, pypi, file, project);
      return file;
    },
  ),
];
