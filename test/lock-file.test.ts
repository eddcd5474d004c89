import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/** Whether `name`, asked for by the package at `path`, is in the lock: beside it or in a folder above. */
function isLocked(name: string, path: string): boolean {
  const inside = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
  if (lock.packages[inside] !== undefined) return true;
  if (path === '') return false;
  const above = path.lastIndexOf('/node_modules/');
  return isLocked(name, above < 0 ? '' : path.slice(0, above));
}

// npm leaves out packages for other platforms that its registry does not have; `npm ci` then fails everywhere.
test('the lock file holds the optional packages of every platform', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, locked]) =>
    Object.keys(locked.optionalDependencies ?? {}).filter((name) => !isLocked(name, path)),
  );

  expect(missing).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(JSON.stringify(lock)).not.toContain('"resolved"');
});
