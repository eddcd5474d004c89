// Owns the list of all projects: the union of the upstreams' lists, as a stream. Imports upstreams by their port. Start at openProjectList.
// It is never the oracle of existence: a project that is missing here may still be asked for by its page.
import { CordonError, isCordonError } from '../errors.ts';
import type { IndexSource } from '../ports/index-source.ts';
import type { ProjectName, UpstreamId } from '../pypi/model.ts';
import { type ListedProject, parseProjectList } from '../pypi/project-list.ts';
import type { GateDeps } from './deps.ts';

/**
 * The projects of these upstreams that have a list, in the order of the configuration, each name once, in batches. A name is listed only where
 * the upstream may own it: a private name never comes from a public list.
 *
 * @throws NOT_FOUND when no upstream has a list, another CordonError when one fails, Error when its list ends early: half a list must not pass for the whole
 */
export async function* openProjectList(
  upstreams: readonly UpstreamId[],
  signal: AbortSignal,
  deps: Pick<GateDeps, 'findSource' | 'index'>,
): AsyncGenerator<readonly ListedProject[]> {
  const seen = new Set<ProjectName>();
  const isNew = (project: ListedProject, upstream: UpstreamId) => {
    if (seen.has(project.name) || !deps.index.findUpstreams(project.name).includes(upstream)) return false;
    seen.add(project.name);
    return true;
  };
  let lists = 0;
  for (const upstream of upstreams) {
    const source = deps.findSource(upstream);
    const list = source === undefined ? undefined : await openUpstreamList(source, signal);
    if (list === undefined) continue;
    lists += 1;
    for await (const batch of list) {
      const fresh = batch.filter((project) => isNew(project, upstream));
      if (fresh.length > 0) yield fresh;
    }
  }
  if (lists === 0) throw new CordonError('NOT_FOUND', 'no index has a list of projects');
}

/** undefined: this index has no list, as many that serve a few projects have none. */
async function openUpstreamList(
  source: IndexSource,
  signal: AbortSignal,
): Promise<AsyncIterable<readonly ListedProject[]> | undefined> {
  try {
    const { contentType, body } = await source.fetchProjectList(signal);
    return parseProjectList(body, contentType);
  } catch (error) {
    if (isCordonError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
