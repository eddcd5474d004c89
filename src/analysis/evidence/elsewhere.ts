// Owns which values of a caller open one house, and are told another. May import python. Start at openUses.
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL, type Origin } from '../python/flow/taint.ts';
import { originKey } from '../python/flow/uses.ts';
import type { Value } from '../python/flow/value.ts';
import type { Evidence } from './evidence.ts';
import { originsIn } from './handed.ts';
import type { Traffic } from './traffic.ts';

/** Somewhere that the caller or the configuration chose. */
const CHOSEN = '‹chosen›';
const OF_CALLER = LABEL.parameter | LABEL.secretParameter;

/** By the key of an origin: the houses that are handed it for the sake of what they answer. */
export type Uses = ReadonlyMap<string, ReadonlySet<string>>;

/** The house that a name belongs to, as far as its last two words say. */
export function houseOf(host: string): string {
  return host.split('.').slice(-2).join('.');
}

/** Two houses of one name are one vendor's: `acme.com`, `acme.io`. */
function labelOf(house: string): string {
  return house.split('.')[0] ?? '';
}

/** All that an event was handed, headers and the like included. */
export function valuesHanded({ args, keywords }: CallEvent): Value[] {
  const values = [...args, ...keywords.values()];
  const [first] = args;
  const request = first?.kind === 'ref' && /Request\(\)$/.test(first.name) ? first.call : undefined;
  return request === undefined ? values : [...values, ...request.args, ...request.keywords.values()];
}

/** Reads which values of the caller's each house is handed in requests that somebody looks at the answers of. */
export function openUses({ traffic }: Evidence): Uses {
  const uses = new Map<string, Set<string>>();
  for (const [event, to] of traffic) {
    if (event.sink !== 'network' || to.kind === 'local') continue;
    if (event.isDiscarded && !/\.(?:login|connect)$/.test(event.name)) continue;
    const house = to.isChosen || to.host === '' || to.host.includes('‹') ? CHOSEN : houseOf(to.host);
    const origins = [...originsIn(valuesHanded(event)), ...to.headers.origins, ...to.sent.origins];
    for (const origin of origins) {
      if ((origin.label & OF_CALLER) === 0) continue;
      const key = originKey(origin);
      const houses = uses.get(key) ?? new Set();
      uses.set(key, houses.add(house));
    }
  }
  return uses;
}

/** Whether a value of the caller's opens what another vendor than that of a host has. */
export function isUsedElsewhere({ reading }: Evidence, uses: Uses, host: string, origin: Origin): boolean {
  const key = originKey(origin);
  // A bare `key` may be that of a cipher.
  if (
    (reading.credentialUses.has(key) && !/ key$/.test(origin.text)) ||
    reading.keyUses.has(key) ||
    reading.connectionUses.has(key)
  )
    return true;
  const own = labelOf(houseOf(host));
  const houses = uses.get(key);
  if (houses === undefined || houses.has(houseOf(host))) return false;
  return [...houses].some((house) => labelOf(house) !== own);
}

/** Whether a project speaks of a host, or of its house, in its metadata: whoever reads them knows who it talks to. */
export function isMentioned({ metadata }: Evidence, { host }: Pick<Traffic, 'host'>): boolean {
  const house = houseOf(host);
  return [...metadata.hosts].some((named) => houseOf(named) === house);
}

const FAREWELLS = /^https?:\/\/[^/?#]+\/(?:[^?#]*\/)?(?:token_?)?(?:revoke|revocation|log-?out|sign-?out)(?:[/?#.]|$)/i;

/** Whether a token is handed back to where it was got, which may have a name of its own: nobody has anything to say to that. */
export function isFarewell({ address }: Pick<Traffic, 'address'>): boolean {
  return FAREWELLS.test(address);
}
