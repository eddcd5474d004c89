import { CordonError } from '../../errors.ts';
import type { StoredFile } from '../../policy/facts.ts';
import { releaseKey } from '../../policy/release-key.ts';
import type { DecisionStore, FileNotes } from '../../ports/decision-store.ts';
import type { ProjectName, UpstreamId } from '../../pypi/model.ts';
import { applyChange, mergeFile } from '../merge-file.ts';
import { mergeProject } from '../merge-project.ts';
import { findFacts, type MemoryState, moveFactsRevision, projectId } from './memory-state.ts';
import type { Append } from './memory-store.ts';

/** Project pages as the upstreams announced them. */
export function memoryPages(state: MemoryState, append: Append): DecisionStore['pages'] {
  const { pages, projects, files } = state;
  return {
    findPage: (upstream, project) => Promise.resolve(pages.get(projectId(upstream, project))),
    savePage: async (page, listed, project, events) => {
      const { upstream, project: name, confirmedAt } = page;
      assertPathsAreFree(listed, files);
      const listedKeys = new Set(listed.map((file) => file.key));
      for (const known of listFiles(state, upstream, name)) {
        if (listedKeys.has(known.key) || known.removedAt !== undefined) continue;
        files.set(known.key, { ...known, removedAt: confirmedAt });
      }
      for (const file of listed) files.set(file.key, mergeFile(files.get(file.key), file, confirmedAt));
      const id = projectId(upstream, name);
      pages.set(id, page);
      if (project !== undefined) projects.set(id, mergeProject(projects.get(id), project));
      moveFactsRevision(state, upstream, name);
      append(events);
    },
    confirmPage: (upstream, project, confirmedAt) => {
      const id = projectId(upstream, project);
      const page = pages.get(id);
      if (page !== undefined) pages.set(id, { ...page, confirmedAt });
      return Promise.resolve();
    },
  };
}

/** Files and projects. */
export function memoryFiles(state: MemoryState, append: Append): DecisionStore['files'] {
  const { projects, files } = state;
  return {
    findByPath: (path) => Promise.resolve([...files.values()].find((file) => file.path === path)),
    findByKey: (key) => Promise.resolve(files.get(key)),
    findByProject: (upstream, project) => Promise.resolve(listFiles(state, upstream, project)),
    findBySha256: (sha256) => Promise.resolve([...files.values()].filter((file) => file.sha256 === sha256)),
    findProject: (upstream, project) => Promise.resolve(projects.get(projectId(upstream, project))),
    findProjects: (names) => {
      const wanted = new Set(names);
      return Promise.resolve([...projects.values()].filter((row) => wanted.has(row.project)));
    },
    findRelease: (file, ruleset) => {
      const project = projects.get(projectId(file.upstream, file.project));
      return Promise.resolve({
        ...(project === undefined ? {} : { project }),
        files: listRelease(state, file).map((member) => {
          const report =
            member.sha256 === undefined ? undefined : findFacts(state, member.sha256, member.file.filename, ruleset);
          return { file: member, ...(report === undefined ? {} : { report }) };
        }),
      });
    },
    findAccepted: (upstream, project, limit) =>
      Promise.resolve(
        listFiles(state, upstream, project)
          .filter(({ acceptedAt }) => acceptedAt !== undefined)
          .sort((a, b) => (b.acceptedAt ?? 0) - (a.acceptedAt ?? 0))
          .slice(0, limit),
      ),
    findNotes: (upstream, project, ruleset) =>
      Promise.resolve(
        new Map(
          listFiles(state, upstream, project).map((file) => {
            const { sha256, changed, mismatch, acceptedAt, comparison } = file;
            const report = sha256 === undefined ? undefined : findFacts(state, sha256, file.file.filename, ruleset);
            const notes: FileNotes = {
              ...(sha256 === undefined ? {} : { sha256 }),
              ...(changed === undefined ? {} : { changed }),
              ...(mismatch === undefined ? {} : { mismatch }),
              ...(acceptedAt === undefined ? {} : { acceptedAt }),
              ...(comparison === undefined ? {} : { comparison }),
              ...(report === undefined ? {} : { report }),
            };
            return [file.key, notes];
          }),
        ),
      ),
    findFactsRevision: (upstream, project) =>
      Promise.resolve(state.factsRevisions.get(projectId(upstream, project)) ?? 0),
    updateFile: (key, change, events) => {
      const file = files.get(key);
      if (file === undefined) return Promise.reject(new CordonError('NOT_FOUND', `No file has the key ${key}.`));
      files.set(key, applyChange(file, change));
      moveFactsRevision(state, file.upstream, file.project);
      append(events);
      return Promise.resolve();
    },
  };
}

function listFiles({ files }: MemoryState, upstream: UpstreamId, project: ProjectName): readonly StoredFile[] {
  return [...files.values()].filter((file) => file.upstream === upstream && file.project === project);
}

function listRelease(state: MemoryState, file: StoredFile): readonly StoredFile[] {
  const release = releaseKey(file.version);
  const known = listFiles(state, file.upstream, file.project);
  const siblings = known.filter(
    ({ key, version }) => key !== file.key && release !== undefined && releaseKey(version) === release,
  );
  return [...known.filter(({ key }) => key === file.key), ...siblings];
}

function assertPathsAreFree(listed: readonly StoredFile[], files: ReadonlyMap<string, StoredFile>): void {
  const owners = new Map([...files.values()].map((file) => [file.path, file.key]));
  for (const { path, key } of listed) {
    const owner = owners.get(path) ?? key;
    if (owner !== key) throw new CordonError('CONFLICT', `Two files claim the path ${path}.`);
  }
}
