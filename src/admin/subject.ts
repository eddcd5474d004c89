// Owns what an administrator names: a project, a release, a file or a digest, and which known files that means.
// May import ports and pypi. Start at parseSubject.
import { CordonError } from '../errors.ts';
import type { DecisionStore, StoredFile, StoredProject } from '../ports/decision-store.ts';
import type { ProjectIndex } from '../ports/project-index.ts';
import { listPossibleProjects } from '../pypi/filename.ts';
import type { ProjectName, Sha256 } from '../pypi/model.ts';
import { parseProjectName, parseSha256 } from '../pypi/names.ts';
import { matchesSpecifier, parseSpecifier } from '../pypi/specifier.ts';

export type Subject =
  | { readonly kind: 'project'; readonly project: ProjectName; readonly specifier?: string }
  | { readonly kind: 'file'; readonly filename: string }
  | { readonly kind: 'digest'; readonly sha256: Sha256 };

const FILENAME = /\.(?:whl|zip|egg|tar|tgz|tbz|tar\.(?:gz|bz2|xz|z)|exe|msi|rpm|deb|dmg)$/i;

/**
 * Reads `six`, `six==1.16.0`, `six>=1,<2`, `six-1.16.0.tar.gz` (also as a path or URL) or a hex sha256.
 *
 * @throws CordonError BAD_REQUEST
 */
export function parseSubject(text: string): Subject {
  const sha256 = parseSha256(text);
  if (sha256 !== undefined) return { kind: 'digest', sha256 };
  const lastSegment = text.split(/[#?]/)[0]?.split('/').at(-1) ?? '';
  if (FILENAME.test(lastSegment)) return { kind: 'file', filename: lastSegment };
  const parts = /^\s*([A-Za-z0-9._-]+)\s*(.*)$/s.exec(text);
  const project = parseProjectName(parts?.[1] ?? '');
  const specifier = parts?.[2]?.trim() ?? '';
  if (project === undefined) {
    throw new CordonError('BAD_REQUEST', 'expected PROJECT, PROJECT==VERSION, a filename or a sha256');
  }
  if (specifier === '') return { kind: 'project', project };
  if (parseSpecifier(specifier) === undefined) {
    throw new CordonError('BAD_REQUEST', `"${specifier}" is not a version specifier (PEP 440), e.g. ==1.16.0`);
  }
  return { kind: 'project', project, specifier };
}

export interface FoundProject {
  readonly project: StoredProject;
  readonly files: readonly StoredFile[];
}

type FindDeps = { readonly store: DecisionStore; readonly index: ProjectIndex };

async function findProjectFiles(project: ProjectName, deps: FindDeps): Promise<readonly FoundProject[]> {
  const known = await deps.store.files.findProjects([project]);
  if (known.length > 0) {
    return Promise.all(
      known.map(async (row) => ({ project: row, files: await deps.store.files.findByProject(row.upstream, project) })),
    );
  }
  // Nobody has asked for it yet: its page tells what there is.
  const facts = await deps.index.findProject(project);
  return facts === undefined ? [] : [{ project: facts.project, files: [...facts.files, ...facts.removed] }];
}

function keep(found: readonly FoundProject[], wanted: (file: StoredFile) => boolean): readonly FoundProject[] {
  return found
    .map(({ project, files }) => ({ project, files: files.filter(wanted) }))
    .filter(({ files }) => files.length > 0);
}

/** The known files that a subject means, by project; empty: nothing of that name. */
export async function findSubject(subject: Subject, deps: FindDeps): Promise<readonly FoundProject[]> {
  switch (subject.kind) {
    case 'project': {
      const found = await findProjectFiles(subject.project, deps);
      const specifier = subject.specifier === undefined ? undefined : parseSpecifier(subject.specifier);
      if (specifier === undefined) return found;
      return keep(found, (file) => file.version !== undefined && matchesSpecifier(file.version, specifier));
    }
    case 'file': {
      const names = listPossibleProjects(subject.filename);
      const found = await Promise.all(names.map((name) => findProjectFiles(name, deps)));
      return keep(found.flat(), (file) => file.file.filename === subject.filename);
    }
    case 'digest': {
      const files = await deps.store.files.findBySha256(subject.sha256);
      const found = await Promise.all(
        files.map(async (file) => ({ file, project: await deps.store.files.findProject(file.upstream, file.project) })),
      );
      return found.flatMap(({ file, project }) => (project === undefined ? [] : [{ project, files: [file] }]));
    }
  }
}

/** As storage makes them; also at the end of the page's address. */
const EXPLANATION_ID = /^(?:https?:\/\/\S*\/b\/)?([a-z0-9]{14})\/?$/;

/** The file whose refusal a page explains; undefined: the text is no such id. */
export async function findExplained(
  text: string,
  deps: Pick<FindDeps, 'store'>,
): Promise<readonly FoundProject[] | undefined> {
  const id = EXPLANATION_ID.exec(text.trim())?.[1];
  const key = id === undefined ? undefined : await deps.store.explanations.findFileKey(id);
  const file = key === undefined ? undefined : await deps.store.files.findByKey(key);
  const project = file === undefined ? undefined : await deps.store.files.findProject(file.upstream, file.project);
  return file === undefined || project === undefined ? undefined : [{ project, files: [file] }];
}
