// Brings a checkout to the point where it can run: installs what is missing, builds when stale. Quick when nothing changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneAtATime } from './one-at-a-time.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const lockFile = at('.cordon-setup.lock');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function stop(message) {
  console.error(`cordon: ${message}`);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 18)) {
  stop(`Node 20.18.1 or newer is needed; this is ${process.versions.node}`);
}

function run(command, args, options) {
  try {
    execFileSync(command, args, { cwd: root, shell: process.platform === 'win32', ...options });
  } catch (error) {
    const status = error.status ? ` with exit code ${error.status}` : '';
    throw new Error(`${command === npm ? 'npm' : 'tsc'} ${args[0]} failed${status}`, { cause: error });
  }
}

// The Node version is part of the key: a native module built for another one does not load.
const lockDigest = createHash('sha256')
  .update(process.versions.modules)
  .update(readFileSync(at('package-lock.json')))
  .digest('hex');
const installMark = at('node_modules', '.cordon-installed');
const buildMark = at('dist', '.cordon-built');

function isInstalled() {
  return existsSync(installMark) && readFileSync(installMark, 'utf8') === lockDigest;
}

/** Newest change below a folder; a folder's own time tells of files that were removed. */
function newest(folder) {
  let latest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

function isBuilt() {
  const sources = Math.max(newest(at('src')), statSync(at('tsconfig.json')).mtimeMs, statSync(installMark).mtimeMs);
  return existsSync(buildMark) && statSync(buildMark).mtimeMs >= sources;
}

/** Modules whose source is gone: the digest of the rules counts what is there. */
function removeOrphans(folder, sourceFolder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (existsSync(join(sourceFolder, entry.name))) removeOrphans(path, join(sourceFolder, entry.name));
      else rmSync(path, { recursive: true });
    } else if (entry.name.endsWith('.js') && !existsSync(join(sourceFolder, `${entry.name.slice(0, -3)}.ts`))) {
      rmSync(path);
    }
  }
}

function setUp() {
  if (!isInstalled()) {
    console.error('cordon: installing dependencies (npm ci; some minutes where SQLite must be compiled) …');
    run(npm, ['ci'], { stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(installMark, lockDigest);
  }
  if (!isBuilt()) {
    console.error('cordon: building (tsc) …');
    run(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.json')], {
      stdio: 'inherit',
    });
    removeOrphans(at('dist'), at('src'));
    writeFileSync(buildMark, '');
  }
}

function sayThatItWaits(owner) {
  console.error(`cordon: waiting for process ${owner}, which installs or builds here (if it does not: rm ${lockFile})`);
}

// Looked at without the lock first: where nothing is to be done, nothing is written.
try {
  if (!isInstalled() || !isBuilt()) oneAtATime(lockFile, { onWait: sayThatItWaits, action: setUp });
} catch (error) {
  stop(error.message);
}
