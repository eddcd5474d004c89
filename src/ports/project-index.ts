// Project facts: what the upstreams say, fresh, revalidated or stale within a bound. Implemented by index/.
import type { ProjectName, ProjectPage, UpstreamId } from '../pypi/model.ts';
import type { StoredFile, StoredProject } from './decision-store.ts';

/** A project as its owning upstream announces it, with what we remember of it. */
export interface ProjectFacts {
  readonly upstream: UpstreamId;
  readonly page: ProjectPage;
  readonly project: StoredProject;
  /** one per page file, same order */
  readonly files: readonly StoredFile[];
  /** files that the page no longer lists but we still remember */
  readonly removed: readonly StoredFile[];
  /** digest of the model: part of the rendering cache's key */
  readonly revision: string;
  /** true: the upstream failed and this is the last page it confirmed, still within the stale bound */
  readonly isStale: boolean;
}

export interface ProjectIndex {
  /** undefined: no upstream has it (each that was asked said 404). Throws UPSTREAM_DOWN, UPSTREAM_SLOW. */
  findProject(project: ProjectName): Promise<ProjectFacts | undefined>;
  /**
   * The file behind one of our paths (decoded, no leading slash). Known paths cost one indexed read and touch no upstream;
   * an unknown one is looked up on its project's page. undefined: there is no such file.
   */
  findFile(path: string): Promise<StoredFile | undefined>;
  /**
   * The upstreams that may be asked for this name, in order; the first that has it owns it. Empty: a private name that is
   * nobody's. Every route that reaches upstream by name asks here first.
   */
  findUpstreams(project: ProjectName): readonly UpstreamId[];
  /**
   * Drops what is held in memory about a project: its rows changed.
   *
   * @param fileKey when only this file's row did
   */
  forget(upstream: UpstreamId, project: ProjectName, fileKey?: string): void;
}
