// Owns which entries concern a file, fast: ten thousand entries and ten thousand files must stay a matter of milliseconds.
// May import pypi, entry.ts and facts.ts; pure. Start at findEntries.
import type { ProjectName } from '../pypi/model.ts';
import { matchesSpecifier, parseSpecifier, type Specifier } from '../pypi/specifier.ts';
import { parseVersion } from '../pypi/version.ts';
import type { PolicyEntry } from './entry.ts';
import type { StoredFile } from './facts.ts';
import { compilePattern, isExact } from './name-pattern.ts';

interface CompiledEntry {
  readonly entry: PolicyEntry;
  /** null: it cannot be read; such an allow matches nothing, such a deny every version */
  readonly specifier: Specifier | null | undefined;
  readonly filename: RegExp | undefined;
}

interface EntryIndex {
  readonly bySha256: ReadonlyMap<string, readonly CompiledEntry[]>;
  /** exact filenames, in lower case */
  readonly byFilename: ReadonlyMap<string, readonly CompiledEntry[]>;
  readonly byProject: ReadonlyMap<ProjectName, readonly CompiledEntry[]>;
  /** those that name an upstream alone */
  readonly others: readonly CompiledEntry[];
}

/** The entries whose every condition holds for a file, expired ones included, in the order of the list. */
export function findEntries(entries: readonly PolicyEntry[], file: StoredFile): readonly PolicyEntry[] {
  const { bySha256, byFilename, byProject, others } = indexOf(entries);
  const candidates = [
    ...(file.sha256 === undefined ? [] : (bySha256.get(file.sha256) ?? [])),
    ...(byFilename.get(file.file.filename.toLowerCase()) ?? []),
    ...(byProject.get(file.project) ?? []),
    ...others,
  ];
  return candidates.filter((candidate) => matches(candidate, file)).map(({ entry }) => entry);
}

// a policy's list is immutable: it is compiled when it is first asked
const indexes = new WeakMap<readonly PolicyEntry[], EntryIndex>();

function indexOf(entries: readonly PolicyEntry[]): EntryIndex {
  let index = indexes.get(entries);
  if (index === undefined) {
    index = buildIndex(entries);
    indexes.set(entries, index);
  }
  return index;
}

function buildIndex(entries: readonly PolicyEntry[]): EntryIndex {
  const bySha256 = new Map<string, CompiledEntry[]>();
  const byFilename = new Map<string, CompiledEntry[]>();
  const byProject = new Map<ProjectName, CompiledEntry[]>();
  const others: CompiledEntry[] = [];
  for (const entry of entries) {
    const { project, filename, sha256 } = entry.scope;
    const compiled = compile(entry);
    if (sha256 !== undefined) add(bySha256, sha256, compiled);
    else if (filename !== undefined && isExact(filename)) add(byFilename, filename.toLowerCase(), compiled);
    else if (project !== undefined) add(byProject, project, compiled);
    else others.push(compiled);
  }
  return { bySha256, byFilename, byProject, others };
}

function add<K>(map: Map<K, CompiledEntry[]>, key: K, entry: CompiledEntry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}

function compile(entry: PolicyEntry): CompiledEntry {
  const { version, filename } = entry.scope;
  return {
    entry,
    specifier: version === undefined ? undefined : (parseSpecifier(version) ?? null),
    // case decides what an installer makes of a file, so an allow is exact; a deny should not be dodged by a capital
    filename: filename === undefined ? undefined : compilePattern(filename, entry.effect === 'deny' ? 'iu' : 'u'),
  };
}

function matches({ entry, specifier, filename }: CompiledEntry, file: StoredFile): boolean {
  const { project, sha256, upstream } = entry.scope;
  return (
    (project === undefined || project === file.project) &&
    (sha256 === undefined || sha256 === file.sha256) &&
    (upstream === undefined || upstream === file.upstream) &&
    (filename === undefined || filename.test(file.file.filename)) &&
    (specifier === undefined || matchesVersion(specifier, file.version, entry.effect))
  );
}

/** A version that nobody can compare might be any: a deny takes it, an allow does not. */
function matchesVersion(
  specifier: Specifier | null,
  version: string | undefined,
  effect: PolicyEntry['effect'],
): boolean {
  if (specifier === null || version === undefined) return effect === 'deny';
  if (matchesSpecifier(version, specifier)) return true;
  return effect === 'deny' && parseVersion(version) === undefined;
}
