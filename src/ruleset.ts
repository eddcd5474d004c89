import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

function listFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Names the rules and engine in force: a digest over everything that can change a finding, that is the built analysis, what
 * runs beside it in the scan child, and the rules' data. The same build gives the same digest on every machine.
 *
 * @param builtFolder `dist/`
 * @param rulesFolder `config/rules/`
 * @returns hex sha256
 */
export function digestRuleset(builtFolder: string, rulesFolder: string): string {
  const code = ['analysis', 'pypi', 'scan'].flatMap((room) => listFiles(join(builtFolder, room)));
  const files = [
    ...code.filter((path) => path.endsWith('.js')).map((path) => [builtFolder, path] as const),
    ...listFiles(rulesFolder).map((path) => [rulesFolder, path] as const),
  ].map(([root, path]) => ({ name: relative(root, path).split(sep).join('/'), path }));
  const hash = createHash('sha256');
  for (const { name, path } of files.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    hash.update(`${name}\0`).update(createHash('sha256').update(readFileSync(path)).digest());
  }
  return hash.digest('hex');
}
