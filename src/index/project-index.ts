// Owns project facts across upstreams: who owns a name, and which file a path means. May import ports and pypi.
// Start at createProjectIndex; page-keeper.ts keeps the pages of one upstream, reconcile.ts says what a new page means.
import type { StoredFile } from '../ports/decision-store.ts';
import type { ProjectFacts, ProjectIndex } from '../ports/project-index.ts';
import { parseFilePath } from '../pypi/file-path.ts';
import { listPossibleProjects } from '../pypi/filename.ts';
import type { ProjectName } from '../pypi/model.ts';
import { describeRetry, isExpiredMismatch, type PageKeeperDeps } from './page-journal.ts';
import { createPageKeeper, type PageKeeper } from './page-keeper.ts';
import { findRoutes, type UpstreamRoute } from './routing.ts';

/** Old sdists may be cut in several places (`a-b-1.0`); more guesses than this are not worth their requests. */
const MAX_GUESSES = 3;
/** A path that its project's page does not list makes the page be asked for again, at most this often. */
const RECHECK_MS = 10_000;

export interface ProjectIndexDeps extends PageKeeperDeps {
  /** in the order of the configuration */
  readonly routes: readonly UpstreamRoute[];
  /** names or patterns that are never asked of a public catch-all */
  readonly privateNames: readonly string[];
}

function findByPath(facts: ProjectFacts | undefined, path: string): StoredFile | undefined {
  return facts?.files.find((row) => row.path === path) ?? facts?.removed.find((row) => row.path === path);
}

/** Makes the index over all configured upstreams. It reads no root list: a project exists when its own page does. */
export function createProjectIndex(deps: ProjectIndexDeps): ProjectIndex {
  const keepers = new Map<string, PageKeeper>(
    deps.routes.map((route) => [route.source.id, createPageKeeper(route, deps)]),
  );
  const keepersOf = (project: ProjectName): readonly PageKeeper[] =>
    findRoutes(project, deps.routes, deps.privateNames)
      .map((route) => keepers.get(route.source.id))
      .filter((keeper) => keeper !== undefined);

  /** The first upstream that has it owns it; only a true 404 passes on, a failure ends the search. */
  async function findOwned(project: ProjectName, maxAgeMs: number): Promise<ProjectFacts | undefined> {
    for (const keeper of keepersOf(project)) {
      const facts = await keeper.findNewerThan(project, maxAgeMs);
      if (facts !== undefined) return facts;
    }
    return undefined;
  }

  /** A row that is known may belong to an upstream that must not be asked for this name, or that another one goes before. */
  async function isReachable(row: StoredFile): Promise<boolean> {
    const candidates = keepersOf(row.project);
    const rank = candidates.findIndex((keeper) => keeper.route.source.id === row.upstream);
    if (rank === -1) return false;
    for (const earlier of candidates.slice(0, rank)) {
      if ((await earlier.recall(row.project)) !== undefined) return false;
    }
    return true;
  }

  async function current(row: StoredFile | undefined): Promise<StoredFile | undefined> {
    if (row === undefined || !(await isReachable(row))) return undefined;
    if (!isExpiredMismatch(row, deps.clock.now())) return row;
    await deps.store.files.updateFile(row.key, { mismatch: null }, [describeRetry(row)]);
    keepers.get(row.upstream)?.forget(row.project, row.key);
    return deps.store.files.findByKey(row.key);
  }

  /** A file nobody has seen on a page, e.g. from a lock file: its name says whose page may list it. */
  async function findOnPage(path: string, filename: string): Promise<StoredFile | undefined> {
    for (const project of listPossibleProjects(filename).slice(0, MAX_GUESSES)) {
      const held = findByPath(await findOwned(project, Number.POSITIVE_INFINITY), path);
      if (held !== undefined) return held;
      // it may be newer than the page we hold
      const found = findByPath(await findOwned(project, RECHECK_MS), path);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    findProject: (project) => findOwned(project, Number.POSITIVE_INFINITY),
    async findFile(path) {
      const parsed = parseFilePath(path);
      if (parsed === undefined) return undefined;
      if (parsed.kind === 'refused') {
        const row = await deps.store.files.findByKey(parsed.fileKey);
        return row?.file.filename === parsed.filename ? current(row) : undefined;
      }
      const row = await deps.store.files.findByPath(path);
      return row === undefined ? findOnPage(path, parsed.filename) : current(row);
    },
    findUpstreams: (project) => keepersOf(project).map((keeper) => keeper.route.source.id),
    forget(upstream, project, fileKey) {
      keepers.get(upstream)?.forget(project, fileKey);
    },
  };
}
