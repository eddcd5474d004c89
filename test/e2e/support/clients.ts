// Real installers for the end-to-end tests. Owns: fetching them once into a cache folder, running them in clean
// surroundings, reading what they printed. Start at openClient.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Pinned so that a new release of a client is a deliberate change of the tests. */
const PINS = {
  pip: 'pip==26.3',
  'pip-old': 'pip==23.2.1',
  uv: 'uv==0.13.9',
  poetry: 'poetry==2.5.1',
  pdm: 'pdm[locked]==2.29.3',
  pipenv: 'pipenv==2026.10.3',
} as const;

export type ClientName = keyof typeof PINS;
export const CLIENT_NAMES = Object.keys(PINS) as readonly ClientName[];

export interface Ran {
  readonly exitCode: number;
  /** stdout and stderr as printed, in that order */
  readonly text: string;
  readonly elapsedMs: number;
}

/** What to ask of an installer, in words that all of them share. */
export interface Wish {
  /** URL of the simple index, ending in `/` */
  readonly index: string;
  /** e.g. `demo-pkg` or `demo-pkg==2.0` */
  readonly requirement: string;
}

export interface Client {
  readonly name: ClientName;
  /** Resolves and installs into a fresh environment with empty caches. */
  install(wish: Wish): Promise<Ran & { readonly installed: Readonly<Record<string, string>> }>;
  close(): Promise<void>;
}

const cache = process.env['CORDON_E2E_CACHE'] ?? join(homedir(), '.cache', 'cordon-e2e');

const homeOf = (name: ClientName): string => join(cache, PINS[name].replaceAll(/[^\w.=-]/g, '_'));
const provisioned = new Map<ClientName, Promise<string | undefined>>();

/** Makes (once) a virtual environment that holds only this client; undefined when Python or the index cannot be had. */
function provision(name: ClientName): Promise<string | undefined> {
  const known = provisioned.get(name);
  if (known !== undefined) return known;
  const made = makeEnvironment(name);
  provisioned.set(name, made);
  return made;
}

async function makeEnvironment(name: ClientName): Promise<string | undefined> {
  const home = homeOf(name);
  // Scripts hold the path of their interpreter, so the environment is made where it stays; `ready` says that it is whole.
  if (existsSync(join(home, 'ready'))) return home;
  await mkdir(cache, { recursive: true });
  try {
    await (name === 'uv' ? fillWithPip(name) : fillWithUv(name));
    await writeFile(join(home, 'ready'), '');
    return home;
  } catch (error) {
    console.error(`${PINS[name]} could not be installed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function fillWithPip(name: ClientName): Promise<void> {
  await run('python3', ['-m', 'venv', '--clear', homeOf(name)]);
  await run(join(homeOf(name), 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', PINS[name]], { timeout: 240_000 });
}

/** uv makes the others: it takes seconds where venv and pip take a minute. */
async function fillWithUv(name: ClientName): Promise<void> {
  const uv = await provision('uv');
  if (uv === undefined) return fillWithPip(name);
  const python = join(homeOf(name), 'bin', 'python');
  await run(join(uv, 'bin', 'uv'), ['venv', '--quiet', '--clear', '--no-config', homeOf(name)]);
  await run(join(uv, 'bin', 'uv'), ['pip', 'install', '--quiet', '--no-config', '--python', python, PINS[name]], {
    timeout: 240_000,
  });
}

function spawnRead(command: string, args: readonly string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ exitCode: code ?? -1, text: out + err, elapsedMs: performance.now() - startedAt }),
    );
  });
}

interface Place {
  readonly bin: string;
  readonly root: string;
  readonly env: Record<string, string>;
}

/** A fresh folder, home and cache; nothing of the caller's own pip or uv settings reaches the client. */
async function openPlace(home: string): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'cordon-client-'));
  const env = {
    PATH: `${join(home, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
    HOME: root,
    XDG_CACHE_HOME: join(root, 'cache'),
    XDG_CONFIG_HOME: join(root, 'config'),
    LANG: 'C.UTF-8',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    UV_NO_CONFIG: '1',
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_PROGRESS: '1',
    UV_CACHE_DIR: join(root, 'uv-cache'),
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    POETRY_CACHE_DIR: join(root, 'poetry-cache'),
    POETRY_NO_INTERACTION: '1',
    PDM_CHECK_UPDATE: '0',
    PDM_CACHE_DIR: join(root, 'pdm-cache'),
    PIPENV_VENV_IN_PROJECT: '1',
    PIPENV_NOSPIN: '1',
    PIPENV_YES: '1',
    NO_COLOR: '1',
    COLUMNS: '400',
  };
  return { bin: join(home, 'bin'), root, env };
}

/** Finds what was installed, by the names of the `.dist-info` folders. */
async function readInstalled(folder: string): Promise<Record<string, string>> {
  const installed: Record<string, string> = {};
  const lib = join(folder, 'lib');
  if (!existsSync(lib)) return installed;
  for (const python of await readdir(lib)) {
    const site = join(lib, python, 'site-packages');
    if (!existsSync(site)) continue;
    for (const entry of await readdir(site)) {
      const match = /^(.+)-([^-]+)\.dist-info$/.exec(entry);
      if (match?.[1] !== undefined && match[2] !== undefined)
        installed[match[1].toLowerCase().replaceAll(/[-_.]+/g, '-')] = match[2];
    }
  }
  return installed;
}

const PROJECT = '[project]\nname = "probe"\nversion = "0.1"\nrequires-python = ">=3.11"\ndependencies = []\n';

async function installWithPip({ bin, root, env }: Place, { index, requirement }: Wish) {
  const target = join(root, 'venv');
  await run('python3', ['-m', 'venv', '--without-pip', target]);
  const ran = await spawnRead(
    join(bin, 'python'),
    ['-m', 'pip', '--python', join(target, 'bin', 'python'), 'install', '--index-url', index, requirement],
    root,
    env,
  );
  return { ...ran, installed: await readInstalled(target) };
}

async function installWithUv({ bin, root, env }: Place, { index, requirement }: Wish) {
  const target = join(root, 'venv');
  await run('python3', ['-m', 'venv', '--without-pip', target]);
  const ran = await spawnRead(
    join(bin, 'uv'),
    ['pip', 'install', '--python', join(target, 'bin', 'python'), '--default-index', index, requirement],
    root,
    env,
  );
  return { ...ran, installed: await readInstalled(target) };
}

async function installWithPoetry({ bin, root, env }: Place, { index, requirement }: Wish) {
  const source = `\n[tool.poetry]\npackage-mode = false\n\n[[tool.poetry.source]]\nname = "cordon"\nurl = "${index}"\npriority = "primary"\n`;
  await writeFile(join(root, 'pyproject.toml'), PROJECT + source);
  const ran = await spawnRead(join(bin, 'poetry'), ['add', '--no-ansi', requirement.replace('==', '@')], root, env);
  return { ...ran, installed: await readInstalled(join(root, '.venv')) };
}

async function installWithPdm({ bin, root, env }: Place, { index, requirement }: Wish) {
  const source = `\n[tool.pdm]\ndistribution = false\n\n[[tool.pdm.source]]\nname = "pypi"\nurl = "${index}"\nverify_ssl = false\n`;
  await writeFile(join(root, 'pyproject.toml'), PROJECT + source);
  const ran = await spawnRead(join(bin, 'pdm'), ['add', '--no-self', requirement], root, env);
  return { ...ran, installed: await readInstalled(join(root, '.venv')) };
}

async function installWithPipenv({ bin, root, env }: Place, { index, requirement }: Wish) {
  await writeFile(
    join(root, 'Pipfile'),
    `[[source]]\nurl = "${index.replace(/\/$/, '')}"\nverify_ssl = false\nname = "cordon"\n\n[packages]\n`,
  );
  const ran = await spawnRead(join(bin, 'pipenv'), ['install', requirement], root, env);
  return { ...ran, installed: await readInstalled(join(root, '.venv')) };
}

const INSTALLERS = {
  pip: installWithPip,
  'pip-old': installWithPip,
  uv: installWithUv,
  poetry: installWithPoetry,
  pdm: installWithPdm,
  pipenv: installWithPipenv,
} as const;

/** Opens a client; undefined when it cannot be provisioned here (the test is then skipped by name). */
export async function openClient(name: ClientName): Promise<Client | undefined> {
  const home = await provision(name);
  if (home === undefined) return undefined;
  const places: string[] = [];
  return {
    name,
    install: async (wish) => {
      const place = await openPlace(home);
      places.push(place.root);
      return INSTALLERS[name](place, wish);
    },
    close: async () => {
      for (const root of places) await rm(root, { recursive: true, force: true });
    },
  };
}
