import { CordonError } from '../../errors.ts';
import type { DecisionStore, StoredFile, StoredPage, StoredProject } from '../../ports/decision-store.ts';
import type { ProjectName, UpstreamId } from '../../pypi/model.ts';
import { applyChange, mergeFile } from '../merge-file.ts';
import { mergeProject } from '../merge-project.ts';
import type { Append } from './memory-store.ts';

const idOf = (upstream: UpstreamId, project: ProjectName): string => `${upstream}\n${project}`;

/** Pages, projects and files. */
export function memoryPages(append: Append): Pick<DecisionStore, 'pages' | 'files'> {
  const pages = new Map<string, StoredPage>();
  const projects = new Map<string, StoredProject>();
  const files = new Map<string, StoredFile>();
  const keyByPath = new Map<string, string>();

  const filesOf = (upstream: UpstreamId, project: ProjectName): readonly StoredFile[] =>
    [...files.values()].filter((file) => file.upstream === upstream && file.project === project);

  const savePage: DecisionStore['pages']['savePage'] = (page, listed, project, events) => {
    const { upstream, project: name, confirmedAt } = page;
    for (const file of listed) assertPathIsFree(file, keyByPath);
    const listedKeys = new Set(listed.map((file) => file.key));
    for (const known of filesOf(upstream, name)) {
      if (listedKeys.has(known.key) || known.removedAt !== undefined) continue;
      files.set(known.key, { ...known, removedAt: confirmedAt });
    }
    for (const file of listed) {
      const merged = mergeFile(files.get(file.key), file, confirmedAt);
      files.set(file.key, merged);
      keyByPath.set(merged.path, file.key);
    }
    const id = idOf(upstream, name);
    pages.set(id, page);
    if (project !== undefined) projects.set(id, mergeProject(projects.get(id), project));
    append(events);
    return Promise.resolve();
  };

  return {
    pages: {
      findPage: (upstream, project) => Promise.resolve(pages.get(idOf(upstream, project))),
      savePage: async (...args) => savePage(...args),
      confirmPage: (upstream, project, confirmedAt) => {
        const id = idOf(upstream, project);
        const page = pages.get(id);
        if (page !== undefined) pages.set(id, { ...page, confirmedAt });
        return Promise.resolve();
      },
    },
    files: {
      findByPath: (path) => Promise.resolve(files.get(keyByPath.get(path) ?? '')),
      findByKey: (key) => Promise.resolve(files.get(key)),
      findByProject: (upstream, project) => Promise.resolve(filesOf(upstream, project)),
      findBySha256: (sha256) => Promise.resolve([...files.values()].filter((file) => file.sha256 === sha256)),
      findProject: (upstream, project) => Promise.resolve(projects.get(idOf(upstream, project))),
      findProjects: (names) => {
        const wanted = new Set(names);
        return Promise.resolve([...projects.values()].filter((row) => wanted.has(row.project)));
      },
      updateFile: (key, change, events) => {
        const file = files.get(key);
        if (file === undefined) return Promise.reject(new CordonError('NOT_FOUND', `No file has the key ${key}.`));
        files.set(key, applyChange(file, change));
        append(events);
        return Promise.resolve();
      },
    },
  };
}

function assertPathIsFree(file: StoredFile, keyByPath: ReadonlyMap<string, string>): void {
  const owner = keyByPath.get(file.path);
  if (owner === undefined || owner === file.key) return;
  throw new CordonError('CONFLICT', `Two files claim the path ${file.path}.`);
}
