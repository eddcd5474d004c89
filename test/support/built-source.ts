import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** JavaScript of the sources, as `npm run build` would make it, for tests that need a process or a thread of their own. */
export interface BuiltSource {
  /** Path of the JavaScript of a source, e.g. `src/upstream/page-worker.ts`. */
  pathOf(source: string): string;
  remove(): Promise<void>;
}

async function listSources(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Node 20 runs no TypeScript: strips the types of src and of the named folders of test into a folder of its own (about a second). */
export async function buildSource(testFolders: readonly string[] = []): Promise<BuiltSource> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-built-'));
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const pathOf = (source: string): string => join(folder, source.replace(/\.ts$/, '.js'));
  for (const from of ['src', ...testFolders]) {
    for (const path of await listSources(join(ROOT, from))) {
      const source = relative(ROOT, path);
      const { outputText } = ts.transpileModule(await readFile(path, 'utf8'), {
        // on its own, a file does not know that its package is one of ES modules
        compilerOptions: {
          ...options,
          module: ts.ModuleKind.ESNext,
          moduleResolution: ts.ModuleResolutionKind.Bundler,
        },
        fileName: path,
      });
      await mkdir(dirname(pathOf(source)), { recursive: true });
      await writeFile(pathOf(source), outputText);
    }
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await symlink(join(ROOT, 'config'), join(folder, 'config'));
  return { pathOf, remove: () => rm(folder, { recursive: true, force: true }) };
}
