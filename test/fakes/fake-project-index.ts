import type { StoredFile, StoredProject } from '../../src/ports/decision-store.ts';
import type { ProjectFacts, ProjectIndex } from '../../src/ports/project-index.ts';
import type { ProjectName, ProjectPage, UpstreamId } from '../../src/pypi/model.ts';

/** An index that knows what it is given, and counts what it was asked. */
export interface FakeProjectIndex extends ProjectIndex {
  /** Announces a project; again: with another page. Gives the facts. */
  announce(
    files: readonly StoredFile[],
    change?: {
      readonly page?: Partial<ProjectPage>;
      readonly removed?: readonly StoredFile[];
      readonly isStale?: boolean;
    },
  ): ProjectFacts;
  /** names that no upstream may be asked for */
  readonly privateNames: Set<string>;
  /** thrown by the next look-ups of a project */
  failure: Error | undefined;
  readonly asked: string[];
  readonly forgotten: string[];
}

export function fakeProjectIndex(): FakeProjectIndex {
  const projects = new Map<ProjectName, ProjectFacts>();
  let revision = 0;

  function announce(
    files: readonly StoredFile[],
    change: {
      readonly page?: Partial<ProjectPage>;
      readonly removed?: readonly StoredFile[];
      readonly isStale?: boolean;
    } = {},
  ): ProjectFacts {
    const [first] = files;
    const name = change.page?.name ?? first?.project ?? ('six' as ProjectName);
    const upstream = first?.upstream ?? ('pypi' as UpstreamId);
    const project: StoredProject = { upstream, project: name, firstSeenAt: 0 };
    const page = {
      name,
      apiVersion: '1.4',
      extra: {},
      metaExtra: {},
      ...change.page,
      files: files.map(({ file }) => file),
    };
    revision++;
    const facts = {
      upstream,
      page,
      project,
      files,
      removed: change.removed ?? [],
      revision: `facts-${revision}`,
      isStale: change.isStale ?? false,
    };
    projects.set(name, facts);
    return facts;
  }

  const index: FakeProjectIndex = {
    announce,
    privateNames: new Set(),
    failure: undefined,
    asked: [],
    forgotten: [],
    async findProject(project) {
      index.asked.push(project);
      if (index.failure !== undefined) throw index.failure;
      return projects.get(project);
    },
    async findFile(path) {
      const known = [...projects.values()].flatMap(({ files, removed }) => [...files, ...removed]);
      return known.find((file) => file.path === path);
    },
    findUpstreams: (project) =>
      index.privateNames.has(project) ? [] : [projects.get(project)?.upstream ?? ('pypi' as UpstreamId)],
    forget(_upstream, project) {
      index.forgotten.push(project);
    },
  };
  return index;
}
