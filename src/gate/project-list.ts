// Owns the list of all projects: the union of the upstreams' lists, as a stream. Imports upstreams by their port. Start at openProjectList.
// It is never the oracle of existence: a project that is missing here may still be asked for by its page.
import type { IndexSource } from '../ports/index-source.ts';
import type { ProjectName, UpstreamId } from '../pypi/model.ts';
import { type ListedProject, parseProjectList } from '../pypi/project-list.ts';
import type { GateDeps } from './deps.ts';

/**
 * The projects of these upstreams in the order of the configuration, each name once, in batches. A name is listed only where
 * the upstream may own it: a private name never comes from a public list.
 *
 * @throws CordonError when an upstream fails, Error when its list ends early: half a list must not pass for the whole
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
  for (const upstream of upstreams) {
    const source = deps.findSource(upstream);
    if (source === undefined) continue;
    for await (const batch of openUpstreamList(source, signal)) {
      const fresh = batch.filter((project) => isNew(project, upstream));
      if (fresh.length > 0) yield fresh;
    }
  }
}

async function* openUpstreamList(source: IndexSource, signal: AbortSignal): AsyncGenerator<readonly ListedProject[]> {
  const { contentType, body } = await source.fetchProjectList(signal);
  yield* parseProjectList(body, contentType);
}
