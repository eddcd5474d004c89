import type { Clock } from '../ports/clock.ts';
import type { DecisionStore } from '../ports/decision-store.ts';
import type { UpstreamRoute } from './routing.ts';

interface Place {
  readonly url: string;
  /** UTC ms */
  readonly since: number;
}

function parsePlace(text: string | undefined): Place | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('url' in value) || !('since' in value)) return undefined;
    return typeof value.url === 'string' && typeof value.since === 'number'
      ? { url: value.url, since: value.since }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds since when an upstream id means the place it means now: pages that were confirmed earlier came from another one, so
 * their serials, ETags and removals say nothing. Read once; a new place is recorded with its event.
 */
export function createUpstreamSince(
  route: UpstreamRoute,
  deps: { readonly store: Pick<DecisionStore, 'policy'>; readonly clock: Clock },
): () => Promise<number> {
  const name = `upstream-place:${route.source.id}`;
  let known: Promise<number> | undefined;

  async function find(): Promise<number> {
    const before = parsePlace(await deps.store.policy.findSetting(name));
    if (before?.url === route.url) return before.since;
    // the very first place has no earlier pages to tell apart
    const place: Place = { url: route.url, since: before === undefined ? 0 : deps.clock.now() };
    await deps.store.policy.setSetting(name, JSON.stringify(place), {
      kind: before === undefined ? 'upstream-added' : 'upstream-moved',
      actor: 'config',
      ...(before === undefined ? {} : { before: { upstream: route.source.id, url: before.url } }),
      after: { upstream: route.source.id, url: place.url },
    });
    return place.since;
  }
  return () => {
    known ??= find().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
