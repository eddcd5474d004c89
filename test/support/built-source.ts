import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** JavaScript of the sources, as `npm run build` would make it, for tests that need a process or a thread of their own. */
export interface BuiltSource {
  /** Path of the JavaScript of a source, e.g. `src/upstream/page-worker.ts`. */
  pathOf(source: string): string;
  remove(): Promise<void>;
}

function readOptions(): ts.CompilerOptions {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  // on its own, a file does not know that its package is one of ES modules
  return { ...options, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
}

/**
 * Node 20 runs no TypeScript: strips the types of these sources, and of all that they import, into a folder of its own.
 *
 * @param entries paths below the root of the project, e.g. `src/upstream/page-worker.ts`
 */
export async function buildSource(entries: readonly string[]): Promise<BuiltSource> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-built-'));
  const compilerOptions = readOptions();
  const pathOf = (source: string): string => join(folder, source.replace(/\.ts$/, '.js'));
  const found = new Set(entries);
  for (const source of found) {
    const text = await readFile(join(ROOT, source), 'utf8');
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith('.')) found.add(relative(ROOT, resolve(ROOT, dirname(source), fileName)));
    }
    const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: source });
    await mkdir(dirname(pathOf(source)), { recursive: true });
    await writeFile(pathOf(source), outputText);
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of ['node_modules', 'config']) await symlink(join(ROOT, name), join(folder, name));
  return { pathOf, remove: () => rm(folder, { recursive: true, force: true }) };
}
