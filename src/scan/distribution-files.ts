import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Endings of what an index offers; a file that is named itself is scanned whatever its name. */
const DISTRIBUTION = /\.(?:whl|egg|zip|tar|tgz|tbz2?|txz|tlz|tar\.(?:gz|bz2|xz|lz|lzma))$/iu;

export function isDistributionName(filename: string): boolean {
  return DISTRIBUTION.test(filename);
}

/** A path that was asked for and cannot be had. */
export interface PathProblem {
  readonly path: string;
  /** for people, e.g. `cannot be read: ENOENT` */
  readonly problem: string;
}

/**
 * The distribution files behind the given paths: files as they are, folders with everything below them, in the order of names.
 * Links to folders are not followed. What cannot be read is handed to `onProblem`, and the walk goes on.
 */
export async function* findDistributionFiles(
  paths: AsyncIterable<string> | Iterable<string>,
  onProblem: (problem: PathProblem) => void,
): AsyncGenerator<string, void, undefined> {
  for await (const path of paths) {
    try {
      if (path.includes('\0')) {
        onProblem({ path, problem: 'its name holds a NUL: read names that end with NUL by --null' });
        continue;
      }
      const kind = await findKind(path, onProblem);
      if (kind === 'folder') yield* walk(path, onProblem);
      else if (kind === 'file') yield path;
    } catch (error) {
      onProblem({ path, problem: `cannot be read: ${systemCode(error)}` });
    }
  }
}

/** What a path leads to; undefined, and told, where it is neither. */
async function findKind(
  path: string,
  onProblem: (problem: PathProblem) => void,
): Promise<'file' | 'folder' | undefined> {
  const found = await stat(path);
  if (found.isDirectory()) return 'folder';
  if (found.isFile()) return 'file';
  // a pipe or a device may never end, and cannot be read twice
  onProblem({ path, problem: 'it is neither a file nor a folder' });
  return undefined;
}

/** Of an entry of a folder that is not plainly a file: a link, a pipe. */
async function leadsToFile(path: string, onProblem: (problem: PathProblem) => void): Promise<boolean> {
  try {
    return (await findKind(path, onProblem)) === 'file';
  } catch (error) {
    onProblem({ path, problem: `cannot be read: ${systemCode(error)}` });
    return false;
  }
}

async function* walk(
  folder: string,
  onProblem: (problem: PathProblem) => void,
): AsyncGenerator<string, void, undefined> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        yield* walk(path, onProblem);
      } else if (isDistributionName(entry.name) && (entry.isFile() || (await leadsToFile(path, onProblem)))) {
        yield path;
      }
    }
  } catch (error) {
    onProblem({ path: folder, problem: `cannot be read: ${systemCode(error)}` });
  }
}

/** The operating system's code of an error. Throws the error when it has none: that is a bug of ours. */
export function systemCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && 'syscall' in error) {
    return String(error.code);
  }
  throw error;
}
