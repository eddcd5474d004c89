// Owns functions that send a secret they are handed to a host of their author's choice. Start at secretParameter.
import { houseOf, isFarewell, openUses, type Uses } from '../evidence/elsewhere.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { holdsUnknown, isAllFrom, originsIn, parametersIn } from '../evidence/handed.ts';
import { isAccountHost, isSignInHost, isThrowaway } from '../evidence/hosts.ts';
import { type Stolen, stolenIn } from '../evidence/stolen.ts';
import { isAnswerRead, isToldByNobody, type Traffic } from '../evidence/traffic.ts';
import { isDrain } from '../python/flow/clients.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { CLEAN, LABEL, type Origin, unite } from '../python/flow/taint.ts';
import { originKey } from '../python/flow/uses.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, hostName } from './detector.ts';

const ID = 'secret-parameter';
/** Secrets that no service ever needs to be sent. */
const NEVER_SENT = /private key|priv|mnemonic|seed|keypair|wallet|wif|xprv|secret_?key|\bpk\b/i;
/** Names that are also those of other things: what a generator of numbers starts from, the key of a row. */
const OTHER_THINGS = /^(?:\w+_)?seed(?:_(?!phrase|words?)\w+)?$|^(?:\w+_)?p_?k$|^p_?key$/i;
/** The other half of a key to a service, which is sent to that service. */
const SERVICE_KEYS = /^\w*secret_?key$/i;
/** What requests are signed with, and what no service is ever sent. */
const SIGNS = /^(?:\w+_)?(?:access_?key_?secret|secret_?access_?key|api_?secret(?:_?key)?)$/i;
/** What code has words of that deals in keys of wallets and chains. */
const WALLETS =
  /mnemonic|bip_?(?:32|39|44|49|84)|eth_account|\bweb3\b|solana|solders|bitcoin|ethereum|\btron(?:py|web)?\b|\bxrpl\b|monero|litecoin|blockchain|seed_?(?:phrase|words?)|wallet|priv(?:ate)?_?key|keypair|\bwif\b|\bxprv\b/i;

function dealsInWallets({ modules, reading }: Evidence): boolean {
  return reading.keyUses.size > 0 || modules.some(({ unit }) => WALLETS.test(unit.text));
}

/** The same of the modules that lead to a request: a word in another part of a large program says nothing of a `seed`. */
function isWalletCode({ site, frames }: CallEvent): boolean {
  return [site, ...frames.map((f) => f.site)].some(({ unit }) => WALLETS.test(unit.text));
}

/** Signatures, digests and public halves: what a key was used for, of which nobody gets it back. */
const SIGNED =
  /\.sign(?:_?\w+)?\(\)|^(?:hashlib|hmac)\.\w+\(\)\.(?:hex)?digest\(\)|\.(?:address|public_?key|pub_?key|verify_?key)(?:\(\))?(?:\.\w+(?:\(\))?)?$/i;

function valuesOf({ args, keywords }: CallEvent): Value[] {
  return [...args, ...keywordsOf(keywords)];
}

/** What opens something, by the name of the parameter. */
const CREDENTIAL =
  /(?:^|_)(?:api_?key|token|secret|pass(?:word|wd|phrase)?|pwd|credentials?|(?:private|access|auth)_?key|key_?file(?:name)?)(?:$|_)/i;
/** What a wrapper of requests is handed to sign in with, whatever the service. */
const SIGN_IN = /^(?:auth|authorization|cookies?)$/i;
const ADDRESS = /^(?:url|uri)$/i;
/** What it opens. */
const PLACE = /(?:^|_)(?:host(?:name)?|server|base(?:_?url)?|endpoint|dsn|port|domain|rpc(?:_?url)?)(?:$|_)/i;

/** No service takes credentials by a webhook, and none by one of the author's own. */
function isDropBox({ isPrivate, isChosen, kind }: Traffic): boolean {
  return (isPrivate && !isChosen) || kind === 'webhook' || kind === 'callback';
}

/** A credential together with the place it is good for, sent to another, fixed place; the answer is of no interest. */
function reportFinding(archive: Evidence, event: CallEvent, traffic: Traffic): Finding | undefined {
  if (!event.isDiscarded || event.sink !== 'network' || (traffic.sent.bits & LABEL.parameter) === 0) return undefined;
  if (traffic.host === '' || traffic.host.includes('‹') || traffic.kind === 'local') return undefined;
  const first = event.args[0];
  const request = first?.kind === 'ref' && /Request\(\)$/.test(first.name) ? first.call : undefined;
  const body = [
    ...(request?.args.slice(1) ?? []),
    ...[...(request?.keywords ?? [])].filter(([key]) => key === 'data' || key === 'json').map(([, value]) => value),
    ...event.args.slice(1),
    ...[...event.keywords].filter(([key]) => key !== 'headers' && key !== 'auth').map(([, value]) => value),
  ];
  const names = [...parametersIn(body)];
  const isSignIn = names.some((name) => SIGN_IN.test(name)) && names.some((name) => ADDRESS.test(name));
  const credentials = names.filter((name) => CREDENTIAL.test(name) || (isSignIn && SIGN_IN.test(name)));
  const places = names.filter((n) => (PLACE.test(n) || (isSignIn && ADDRESS.test(n))) && !CREDENTIAL.test(n));
  if (credentials.length === 0) return undefined;
  const isAlone = credentials.length === names.length && !holdsUnknown(body);
  if (places.length === 0 && !(isAlone && isOneWay(archive, event, traffic))) return undefined;
  return findingOf(ID, event, {
    score: isDropBox(traffic) ? 10 : 6,
    class: isDropBox(traffic) ? 'malware' : 'suspicious',
    message:
      places.length === 0
        ? `Tells ${traffic.host} the parameter ${credentials[0] ?? ''} and nothing else, and nobody reads an answer.`
        : `Tells ${traffic.host} the parameter ${credentials[0] ?? ''} together with ${places[0] ?? ''}, which it is for.`,
    sources: traffic.sent,
    hosts: [traffic.host],
  });
}

/** Data of the caller anywhere in a request but where its own credentials belong. */
function handedIn(event: CallEvent): readonly Origin[] {
  return originsIn(bodyOf(event));
}

/** All that a request says, headers and the like left out; of a request that was made before, what it was made with. */
function bodyOf(event: CallEvent): readonly Value[] {
  const first = event.args[0];
  const request = first?.kind === 'ref' && /Request\(\)$/.test(first.name) ? first.call : undefined;
  return [
    ...event.args,
    ...(request === undefined ? [] : [...request.args, ...keywordsOf(request.keywords)]),
    ...keywordsOf(event.keywords),
  ];
}

function keywordsOf(keywords: ReadonlyMap<string, Value>): Value[] {
  return [...keywords]
    .filter(([key]) => key !== 'headers' && key !== 'auth' && key !== 'cookies')
    .map(([, value]) => value);
}

/** Clients that keep connections open, and nothing of what was said: no cookie makes a second request another one. */
const KEEPS_NOTHING = /^(?:http\.client\.|socket\.|urllib3\.)/;

/** No session keeps a cookie, and no request of the archive to that host has an answer that anybody reads. */
function isOneWay(archive: Evidence, event: CallEvent, { host }: Traffic): boolean {
  if (event.receiver?.kind === 'ref' && event.receiver.call !== undefined && !KEEPS_NOTHING.test(event.name))
    return false;
  return event.isDiscarded && !isAnswerRead(archive.traffic, host);
}

/** What a caller gave to be a key, or for another service, is told to a fixed host. */
function betrayalFinding(archive: Evidence, event: CallEvent, traffic: Traffic): Finding | undefined {
  const { host, kind } = traffic;
  const isMessenger = kind === 'messenger' && host === '';
  if ((host === '' && !isMessenger) || host.includes('‹') || kind === 'local' || kind === 'unknown') return undefined;
  if (traffic.isChosen) return undefined;
  const { keyUses, credentialUses, connectionUses } = archive.reading;
  const handed = handedIn(event);
  const oneWay = isOneWay(archive, event, traffic);
  const key =
    handed.find((o) => o.label === LABEL.parameter && keyUses.has(originKey(o))) ??
    (oneWay ? handed.find((o) => o.label === LABEL.secretParameter && o.text.endsWith(A_KEY)) : undefined);
  const isSuspect = isNobodys(traffic) || isMessenger;
  const connection = handed.find((o) => o.label === LABEL.parameter && connectionUses.has(originKey(o)));
  const body = bodyOf(event);
  // A key that goes along with an event belongs to whoever counts events.
  const given = new Set(handed.filter((o) => o.label === LABEL.parameter).map(originKey));
  const isAlone = oneWay && given.size === 1 && !holdsUnknown(body);
  const told = isAlone
    ? handed.find((o) => o.label === LABEL.parameter && isSignInElsewhere(archive, host, o))
    : undefined;
  const credential =
    key ??
    connection ??
    told ??
    handed.find(
      (o) =>
        (o.label === LABEL.parameter &&
          credentialUses.has(originKey(o)) &&
          (CREDENTIAL.test(wordOf(o)) || (isSuspect && /(?:^|_)key$/i.test(wordOf(o))))) ||
        (o.label === LABEL.secretParameter && (oneWay || isInherited(o))),
    );
  if (credential === undefined || (key === undefined && !oneWay && !isWholeLogin(event, credential, handed)))
    return undefined;
  // Who is told a key, and has nothing to say about it, wanted to have it.
  const isSure =
    key === undefined
      ? (isSuspect && (credential === connection || credential.label === LABEL.secretParameter)) ||
        (oneWay && !isInherited(credential) && SIGNS.test(wordOf(credential)))
      : isSuspect || oneWay;
  return findingOf(ID, event, {
    score: isSure ? 10 : 6,
    class: isSure ? 'malware' : 'suspicious',
    message: `Tells ${isMessenger ? 'somebody' : host} the ${credential.text}, ${useOf(credential, key, connection, oneWay)}.`,
    sources: { bits: credential.label, origins: [credential] },
    hosts: [host],
  });
}

/** Both halves of what a class inherits to sign in with, told in a request of which nobody takes the answer. */
function isWholeLogin({ isDiscarded }: CallEvent, credential: Origin, handed: readonly Origin[]): boolean {
  return isDiscarded && isInherited(credential) && handed.some((o) => isInherited(o) && o.text !== credential.text);
}

/** What another house is shown in a header to sign in with there. */
function isSignInElsewhere({ reading, traffic }: Evidence, host: string, origin: Origin): boolean {
  if (!reading.signIns.has(originKey(origin))) return false;
  for (const { host: other, headers } of traffic.values())
    if (houseOf(other) === houseOf(host) && headers.origins.some((o) => originKey(o) === originKey(origin)))
      return false;
  return true;
}

/** What a function is handed that is named for taking a key. */
const A_KEY = '(a private key)';

/** What makes a secret of it. */
function useOf(told: Origin, key: Origin | undefined, connection: Origin | undefined, oneWay: boolean): string {
  if (told === key) return 'which is used as a private key';
  if (told === connection) return 'which opens a store of data';
  return oneWay ? 'and nobody reads an answer' : 'with what belongs to it, and nobody takes the answer';
}

/** A host that anybody opens without a name, or an account there whose password stands in the code. */
function isNobodys({ kind, isPrivate, isAuthorsDrop }: Traffic): boolean {
  return isThrowaway(kind) || isPrivate || kind === 'cheap-name' || isAuthorsDrop;
}

function wordOf({ text }: Origin): string {
  return text.replace(/^(?:parameter|inherited|entry) /, '');
}

function isInherited({ text }: Origin): boolean {
  return /^(?:inherited|entry) /.test(text);
}

/** Names of secrets that a request tells, the first of them first; inherited ones are no parameters. */
function secretsTold(event: CallEvent, { sent }: Traffic): readonly Origin[] {
  const told = [...sent.origins, ...originsIn(valuesOf(event))];
  return told.filter(
    (o, i) =>
      o.label === LABEL.secretParameter && !isInherited(o) && told.findIndex((other) => other.text === o.text) === i,
  );
}

/** Hosts of vendors that take a secret for their trade, and nothing that anybody else could read back. */
function isVendor({ host, kind, isFronted }: Traffic): boolean {
  return (isSignInHost(host) || (kind === 'index' && !isAccountHost(host))) && !isFronted;
}

/** A parameter that is named for a secret, in a request to a fixed host. */
function namedFinding(event: CallEvent, traffic: Traffic, isAboutWallets: () => boolean): Finding | undefined {
  const { kind } = traffic;
  const isTold = isToldByNobody(traffic);
  const host = isTold ? `the place that ${traffic.toldBy} says` : `${traffic.host} (${kind})`;
  if ((traffic.sent.bits & LABEL.secretParameter) === 0 || kind === 'local') return undefined;
  if (!isTold && (traffic.host === '' || kind === 'unknown')) return undefined;
  if (isAllFrom(valuesOf(event), LABEL.secretParameter, SIGNED)) return undefined;
  const origins = secretsTold(event, traffic).filter(
    (o) => !OTHER_THINGS.test(wordOf(o)) || (isWalletCode(event) && isAboutWallets()),
  );
  if (origins.length === 0) return undefined;
  const names = origins.map(wordOf);
  const isKey =
    !isVendor(traffic) && names.some((n) => NEVER_SENT.test(n) && (!SERVICE_KEYS.test(n) || isAboutWallets()));
  const isSuspect = isNobodys(traffic) || (isTold && isKey);
  const score = isKey ? (isSuspect ? 10 : 6) : isDropBox(traffic) ? 10 : isSuspect ? 6 : 1;
  return findingOf(ID, event, {
    score,
    class: score >= 10 ? 'malware' : score <= 1 ? 'note' : 'suspicious',
    message: `Sends the parameter ${names.slice(0, 3).join(', ')} to ${host}.`,
    sources: { bits: LABEL.secretParameter, origins },
    hosts: [isTold ? (traffic.toldBy ?? '') : traffic.host],
  });
}

/** What a line of text calls the value that stands behind it: `Password: …`. */
const CALLED =
  /\b(?:pass(?:word|wd|phrase)?|pwd|token|cookies?|secret|mnemonic|seed(?: phrase)?|private key|api key|pin|cvv|2fa)[\s"'*_`]*[:=][\s"'*_`]*$/i;

/** How many values of the caller stand behind the name of a secret in the texts of a request. */
function secretsCalled({ args, keywords }: CallEvent): number {
  let count = 0;
  const visit = (value: Value, depth: number): void => {
    if (depth > 4) return;
    if (value.kind === 'dict') for (const entry of value.entries.values()) visit(entry, depth + 1);
    else if (value.kind === 'sequence') for (const element of value.elements) visit(element, depth + 1);
    else if (value.kind === 'template')
      value.parts.forEach((part, i) => {
        const before = value.parts[i - 1];
        if (typeof part === 'string' || typeof before !== 'string' || !CALLED.test(before.slice(-60))) return;
        if ((taintOf(part).bits & (LABEL.parameter | LABEL.secretParameter | LABEL.input)) !== 0) count++;
      });
  };
  for (const value of [...args, ...keywords.values()]) visit(value, 0);
  return count;
}

/** A message that names the secrets of the caller's that it tells a host of nobody's: who is told reads accounts. */
function calledFinding(event: CallEvent, traffic: Traffic): Finding | undefined {
  const { host, kind, isPrivate, isChosen, sent } = traffic;
  if (!event.isDiscarded || host === '' || isChosen) return undefined;
  if (!isPrivate && !isThrowaway(kind) && kind !== 'messenger' && kind !== 'cheap-name') return undefined;
  const count = secretsCalled(event);
  if (count === 0) return undefined;
  return findingOf(ID, event, {
    score: count > 1 ? 10 : 6,
    class: count > 1 ? 'malware' : 'suspicious',
    message: `Tells ${host} ${count === 1 ? 'a value' : `${count} values`} of the caller that its text calls secret.`,
    sources: sent,
    hosts: [host],
  });
}

/** The first of those with most points. */
function strongest(findings: readonly (Finding | undefined)[]): Finding | undefined {
  return findings.reduce((best, one) => ((one?.score ?? 0) > (best?.score ?? 0) ? one : best), undefined);
}

const WHY: Readonly<Record<Stolen['why'], string>> = {
  key: 'which is used as a private key',
  signing: 'with which messages are signed, and nobody reads an answer',
  typed: 'which a person typed unseen, and nobody reads an answer',
  elsewhere: 'which opens another house, and nobody reads an answer',
  alone: 'and nobody reads an answer',
};

/** What opens one house is told another, which the project does not speak of. */
function stolenFinding(archive: Evidence, event: CallEvent, to: Traffic, uses: () => Uses): Finding | undefined {
  const stolen = stolenIn(archive, event, to, uses);
  if (stolen === undefined) return undefined;
  const { origin, why, isSure } = stolen;
  return findingOf(ID, event, {
    score: isSure ? 10 : 6,
    class: isSure ? 'malware' : 'suspicious',
    message: `Tells ${hostName(to)} the ${origin.text}, ${WHY[why]}.`,
    sources: { bits: origin.label, origins: [origin] },
    hosts: [to.host],
  });
}

/** All that a key of the caller's opens is sent to an account that stands in the code. */
function drainFinding(event: CallEvent): Finding | undefined {
  if (event.context === 'test' || !isDrain(event.name, event.args, event.site)) return undefined;
  const sources = event.args.reduce((all, arg) => unite(all, taintOf(arg)), CLEAN);
  const isCallers = (sources.bits & (LABEL.parameter | LABEL.secretParameter)) !== 0;
  return findingOf(ID, event, {
    score: isCallers ? 10 : 6,
    class: isCallers ? 'malware' : 'suspicious',
    message: 'Sends all that an account holds to one that stands in the code.',
    sources,
  });
}

/** A private key, seed or password that flows from a parameter into a request to a fixed host. */
export const secretParameter: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    let known: boolean | undefined;
    // All the code is looked through, where that makes a difference.
    const isAboutWallets = (): boolean => {
      known ??= dealsInWallets(archive);
      return known;
    };
    let read: Uses | undefined;
    const uses = (): Uses => {
      read ??= openUses(archive);
      return read;
    };
    for (const [event, traffic] of archive.traffic) {
      if (event.sink === 'browser') continue;
      const drain = drainFinding(event);
      if (drain !== undefined) findings.push(drain);
      const report = strongest([
        stolenFinding(archive, event, traffic, uses),
        isFarewell(traffic)
          ? undefined
          : (betrayalFinding(archive, event, traffic) ?? reportFinding(archive, event, traffic)),
      ]);
      if (report !== undefined) findings.push(report);
      const named = namedFinding(event, traffic, isAboutWallets);
      if (named !== undefined) findings.push(named);
      const called = report === undefined && (named?.score ?? 0) < 6 ? calledFinding(event, traffic) : undefined;
      if (called !== undefined) findings.push(called);
    }
    return findings;
  },
};
