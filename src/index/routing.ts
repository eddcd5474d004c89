import type { IndexSource } from '../ports/index-source.ts';
import type { ProjectName } from '../pypi/model.ts';

/** One upstream as the index uses it, in the order of the configuration. */
export interface UpstreamRoute {
  readonly source: IndexSource;
  /** root of its simple index: when it changes, what was stored under its id starts afresh */
  readonly url: string;
  /** names or patterns with `*` that it may own; the plain `['*']` makes it a public catch-all */
  readonly projects: readonly string[];
  /** origin whose `/packages/…` paths we keep (pypi/file-path.ts) */
  readonly keptOrigin?: string;
}

/** Says whether a normalised name fits a name or pattern; `Acme_*` means `acme-*`, and `*` any run of characters. */
export function matchesName(pattern: string, project: ProjectName): boolean {
  const parts = pattern
    .toLowerCase()
    .replace(/[-_.]+/g, '-')
    .split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return project === first;
  if (!project.startsWith(first) || !project.endsWith(last) || project.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = project.indexOf(part, at);
    if (found === -1 || found + part.length > project.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

function isCatchAll(route: UpstreamRoute): boolean {
  return route.projects.length === 1 && route.projects[0] === '*';
}

/**
 * The upstreams that may be asked for a name, in order. A private name is never asked of a public catch-all: not on any
 * route, in any spelling, whether or not its own index answers.
 */
export function findRoutes(
  project: ProjectName,
  routes: readonly UpstreamRoute[],
  privateNames: readonly string[],
): readonly UpstreamRoute[] {
  const isPrivate = privateNames.some((pattern) => matchesName(pattern, project));
  return routes.filter(
    (route) => !(isPrivate && isCatchAll(route)) && route.projects.some((pattern) => matchesName(pattern, project)),
  );
}
