// Owns which secrets of a caller a request tells a house that has no use for them. May import python. Start at stolenIn.
import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL, type Origin } from '../python/flow/taint.ts';
import { isSignInHeader, originKey } from '../python/flow/uses.ts';
import type { Value } from '../python/flow/value.ts';
import { houseOf, isFarewell, isMentioned, isUsedElsewhere, type Uses } from './elsewhere.ts';
import { type Evidence, SMALL_BYTES } from './evidence.ts';
import { originsIn } from './handed.ts';
import { isSignInHost } from './hosts.ts';
import { isAskedForNoMore, isHandedToNobody, isQuiet } from './quiet.ts';
import { isLookedAt, isToldByNobody, type Traffic } from './traffic.ts';

/** A secret of the caller's, and how much speaks for a thief. */
export interface Stolen {
  readonly origin: Origin;
  readonly why: 'key' | 'signing' | 'typed' | 'elsewhere' | 'alone';
  /** enough stands against the host besides */
  readonly isSure: boolean;
}

/** Words of what opens an account, or a session of one. */
const OPENS =
  /(?:^|_)(?:api_?key|token|secret|pass(?:word|wd|phrase|code)?|pwd|credentials?|cookies?|sess(?:ion)?(?:_?(?:id|string|key))?|(?:private|access|auth|secret)_?key|key|phrase|auth|authorization|sid)(?:$|_)/i;
/** What a person has, and no service gave out. */
const PERSONAL =
  /(?:^|_)(?:pass(?:word|wd|phrase|code)|pwd|mnemonic|seed_?(?:phrase|words?)|(?:recovery|secret|backup)_?(?:phrase|words?)|priv(?:ate)?_?key|cvv|card_?number|2fa|otp|session_?string)(?:_(?:hex|b58|base58|bytes|str|pem))?$/i;
/** `provider == 'one'`, `self.service in ('one', 'two')` */
const CHOICE = /^\s*\(?(?:self\.)?\w+\s*(?:==|in)\s*[('"[]/;

/** The secret that a request tells a fixed house besides the one that it is for; undefined: none. */
export function stolenIn(archive: Evidence, event: CallEvent, to: Traffic, uses: () => Uses): Stolen | undefined {
  const { host, kind } = to;
  if (event.sink !== 'network' || to.isChosen || event.context === 'test') return undefined;
  // A host with a hole is known as well as the page that names it, where anybody can write that.
  const isTold = isToldByNobody(to);
  if (!isTold && (host === '' || host.includes('‹'))) return undefined;
  if (kind === 'local' || (kind === 'unknown' && !isTold) || kind === 'index' || kind === 'address-service')
    return undefined;
  if (isSignInHost(host)) return undefined;
  const told = originsIn(toldBy(event), true).filter((o) => (o.label & OF_SOMEBODY) !== 0);
  if (told.length === 0) return undefined;
  const isUnheard = isOneWay(archive, event, host);
  // One of several services that the caller chooses from.
  const isChoice = event.guards.some(({ kind: of, text }) => of === 'if' && CHOICE.test(text));
  if (isChoice && !isQuiet(event)) return undefined;
  for (const origin of told) {
    const why =
      reasonOf(archive, event, origin, isUnheard, () => isOfAnother(archive, host, origin, uses)) ??
      reasonOfDoubt(archive, event, host, origin, uses);
    if (why === 'key') return { origin, why, isSure: isUnheard || (isQuiet(event) && !isMentioned(archive, to)) };
    if (why !== undefined && !isFarewell(to)) return { origin, why, isSure: isSure(archive, event, to, why) };
  }
  return undefined;
}

const OF_SOMEBODY = LABEL.parameter | LABEL.secretParameter | LABEL.input;

function reasonOf(
  archive: Evidence,
  event: CallEvent,
  origin: Origin,
  isUnheard: boolean,
  isForeign: () => boolean,
): Stolen['why'] | undefined {
  const { reading } = archive;
  // A session that was signed in to is used afterwards, wherever it leads.
  const isAlone = isUnheard && !isOfSession(event);
  if (origin.label === LABEL.input) return isAlone && origin.text.startsWith('getpass') ? 'typed' : undefined;
  if (reading.keyUses.has(originKey(origin))) return 'key';
  if (!isUnheard) return undefined;
  if (reading.signingUses.has(originKey(origin))) return 'signing';
  // What a visitor types is for the site, and what a request bears is for whom it was made.
  if (origin.text.startsWith('entry ')) return 'elsewhere';
  if (isForeign()) return 'elsewhere';
  return isAlone && PERSONAL.test(wordOf(origin)) ? 'alone' : undefined;
}

/** A session, or another client that keeps what it is told: cookies make the next request another one. */
function isOfSession({ receiver, name }: CallEvent): boolean {
  return (
    receiver?.kind === 'ref' && receiver.call !== undefined && !/^(?:http\.client\.|socket\.|urllib3\.)/.test(name)
  );
}

/** Only what opens another house is no business of one that is merely asked whether it came. */
function reasonOfDoubt(
  archive: Evidence,
  event: CallEvent,
  host: string,
  origin: Origin,
  uses: () => Uses,
): Stolen['why'] | undefined {
  if (origin.label === LABEL.input || origin.text.startsWith('entry ') || !isAskedForNoMore(event)) return undefined;
  return isUnanswered(archive, event, host) && isOfAnother(archive, host, origin, uses) ? 'elsewhere' : undefined;
}

function isOfAnother(archive: Evidence, host: string, origin: Origin, uses: () => Uses): boolean {
  const isNamed =
    origin.label === LABEL.secretParameter ||
    OPENS.test(wordOf(origin)) ||
    archive.reading.credentialUses.has(originKey(origin));
  return isNamed && isUsedElsewhere(archive, uses(), host, origin);
}

function wordOf({ text }: Origin): string {
  return text.replace(/^(?:parameter|inherited|entry) /, '');
}

/** A host that the project does not speak of, told in a corner of its own or in a few lines. */
function isSure(archive: Evidence, event: CallEvent, to: Traffic, why: Stolen['why']): boolean {
  if (isMentioned(archive, to)) return false;
  // Who is only asked whether a key is good may have been asked for that.
  const isSmall = archive.pythonBytes < SMALL_BYTES && (event.isDiscarded || !isAskedForNoMore(event));
  return why === 'alone' ? isSmall && isQuiet(event) : isSmall || isQuiet(event);
}

/** No answer of the house is looked at in the whole archive. */
function isOneWay(archive: Evidence, event: CallEvent, host: string): boolean {
  const isUnheard = event.isDiscarded ? !isLookedAt(event) : isHandedToNobody(event, archive.reading.discarded);
  return isUnheard && isUnanswered(archive, event, host);
}

/** No other request to the house has an answer that anybody looks at. */
function isUnanswered({ traffic }: Evidence, event: CallEvent, host: string): boolean {
  const house = houseOf(host);
  for (const [other, { host: at }] of traffic)
    if (other.site.node !== event.site.node && houseOf(at) === house && isLookedAt(other) && !isMade(other))
      return false;
  return true;
}

/** A client that was made has said nothing yet, and been told nothing. */
function isMade({ name }: CallEvent): boolean {
  return /\.[A-Z]\w*(?:Client|Session)$|\.(?:Client|Session)$/.test(name);
}

/** What a request says; the place where one signs in says nothing. */
function toldBy({ args, keywords }: CallEvent): Value[] {
  const [first] = args;
  const request = first?.kind === 'ref' && /Request\(\)$/.test(first.name) ? first.call : undefined;
  return [
    ...args,
    ...worthOf(keywords),
    ...(request === undefined ? [] : [...request.args, ...worthOf(request.keywords)]),
  ];
}

function worthOf(keywords: ReadonlyMap<string, Value>): Value[] {
  return [...keywords].flatMap(([key, value]) => {
    if (key === 'auth') return [];
    if (key !== 'headers') return [value];
    if (value.kind !== 'dict') return [];
    return [...value.entries].filter(([name]) => !isSignInHeader(name)).map(([, entry]) => entry);
  });
}
