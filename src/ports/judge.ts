// The one judge that every gate calls. Implemented by judge/.
import type { Decision } from '../policy/verdict.ts';
import type { StoredFile, StoredProject } from './decision-store.ts';

export interface Judge {
  /** Decides one file: its project and its release siblings are looked up. */
  judgeFile(file: StoredFile): Promise<Decision>;
  /** Decides all files of a project at once (one query for the reports); same order as `files`. */
  judgeProject(project: StoredProject, files: readonly StoredFile[]): Promise<readonly Decision[]>;
  /** revision of everything but time that can change an answer: policy, feeds, reports of this project; part of the rendering cache's key */
  revision(project: StoredProject): Promise<string>;
}
