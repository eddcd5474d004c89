import type { StoredFile } from '../ports/decision-store.ts';
import { parseFilePath } from '../pypi/file-path.ts';
import { isPlainFilename } from '../pypi/filename.ts';
import { parseProjectName } from '../pypi/names.ts';
import type { GateDeps } from './deps.ts';
import { speaksForAnother } from './page-model.ts';

/**
 * The file behind a decoded path of ours: its own path or its speaking one.
 *
 * @returns undefined when no such file is known, now or on its project's page
 */
export async function findRequestedFile(
  path: string,
  deps: Pick<GateDeps, 'index' | 'store'>,
): Promise<StoredFile | undefined> {
  const parsed = parseFilePath(path);
  if (parsed === undefined) return undefined;
  const own = parsed.kind === 'refused' ? (await deps.store.files.findByKey(parsed.fileKey))?.path : path;
  // Also from a speaking path through the index: it alone knows whose names are whose today.
  const file = own === undefined ? undefined : await deps.index.findFile(own);
  if (file === undefined || file.file.filename !== parsed.filename || speaksForAnother(file)) return undefined;
  return file;
}

/** `packages/source/s/six/six-1.0.tar.gz`, `packages/py3/s/six/…`: a path that people can write without knowing a digest. */
const PREDICTABLE = /^packages\/[A-Za-z0-9.]{2,20}\/[A-Za-z0-9]\/([^/]+)\/([^/]+)$/;

/** The path of the file that a predictable path means; undefined when it means none. PyPI sends clients elsewhere; we never do. */
export async function findPredictablePath(path: string, deps: Pick<GateDeps, 'index'>): Promise<string | undefined> {
  const [, name = '', filename = ''] = PREDICTABLE.exec(path) ?? [];
  const project = parseProjectName(name);
  if (project === undefined || !isPlainFilename(filename)) return undefined;
  const facts = await deps.index.findProject(project);
  const known = facts === undefined ? [] : [...facts.files, ...facts.removed];
  const found = known.find((file) => file.file.filename === filename && !speaksForAnother(file));
  return found === undefined || found.path === path ? undefined : found.path;
}
