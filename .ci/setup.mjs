// Brings a checkout to the point where it can run: installs what is missing, builds when stale. Quick when nothing changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

// The Node version is part of the key: a native module built for another one does not load.
const lockDigest = createHash('sha256')
  .update(process.versions.modules)
  .update(readFileSync(at('package-lock.json')))
  .digest('hex');
const installMark = at('node_modules', '.cordon-installed');
if (!existsSync(installMark) || readFileSync(installMark, 'utf8') !== lockDigest) {
  console.error('cordon: installing dependencies (npm ci) …');
  execFileSync(npm, ['ci'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(installMark, lockDigest);
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

const buildMark = at('dist', '.cordon-built');
const sources = Math.max(newest(at('src')), statSync(at('tsconfig.json')).mtimeMs, statSync(installMark).mtimeMs);
if (!existsSync(buildMark) || statSync(buildMark).mtimeMs < sources) {
  console.error('cordon: building (tsc) …');
  execFileSync(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.json')], {
    cwd: root,
    stdio: 'inherit',
  });
  writeFileSync(buildMark, '');
}
