// Owns data of this machine or its user that leaves it. Start at exfiltration.
import { bundledAt } from '../evidence/bundled.ts';
import type { Command } from '../evidence/command.ts';
import { isMentioned } from '../evidence/elsewhere.ts';
import { type Evidence, SMALL_BYTES } from '../evidence/evidence.ts';
import { isAllFrom } from '../evidence/handed.ts';
import {
  type HostKind,
  hostKind,
  hostOf,
  isAccountHost,
  isSignInHost,
  isSupplier,
  isThrowaway,
} from '../evidence/hosts.ts';
import { isFileOf, isKeyTold, isLogInShown, isOwnBusiness } from '../evidence/keys.ts';
import { isCallersCode, namesOf } from '../evidence/private-data.ts';
import { isQuiet } from '../evidence/quiet.ts';
import { destinationsIn, filesSent, fillsIn, fillsInSecrets, isSender } from '../evidence/sending-commands.ts';
import { isAnswerRead, isToldByNobody, type Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL, MAX_ORIGINS, type Origin, PRIVATE, type Taint, without } from '../python/flow/taint.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Claim, type Detector, findingOf, hostName } from './detector.ts';

const ID = 'exfiltration';

/** A header may bear one credential; these are no credential. */
const NEVER_IN_HEADERS = PRIVATE & ~LABEL.secretFile;

/** Settings beside the program, by a fixed relative name. */
const OWN_SETTINGS = /^file (?:[\w-]+[\\/])?[\w-]*(?:config|settings?|options)[\w-]*\.(?:json|ya?ml|toml|ini|cfg)$/i;

/** All files that were read came with the archive, or are such as the program writes itself, out of nothing of this machine: a random id. */
function isOwnState(archive: Evidence, sent: Taint): boolean {
  const files = sent.origins.filter((o) => o.label === LABEL.file);
  return (
    files.length > 0 &&
    sent.origins.length < MAX_ORIGINS &&
    files.every(
      ({ text, path }) =>
        OWN_SETTINGS.test(text) ||
        isBrought(archive, text.replace(/^file /, ''), path) ||
        archive.reading.written.some((w) => `file ${w.path.slice(0, 120)}` === text && taintOf(w.content).bits === 0),
    )
  );
}

/** A file beside the code, by a name that the archive has there. */
function isBrought({ layout }: Evidence, file: string, from: string): boolean {
  return file.startsWith('‹here›') && bundledAt(layout, file, from) !== undefined;
}

/** A person was asked, and answered. */
function isAgreed({ guards }: CallEvent): boolean {
  return guards.some((guard) => guard.isAnswer === true);
}

interface Weight {
  readonly score: number;
  readonly bits: number;
  readonly isMalware: boolean;
}

/** Lines around a call that belong to the same matter. */
const NEAR = 500;

/** Whether data was read in the code that leads to the request, and not somewhere else of a large program's state. */
function isReadOnTheWay({ site, frames, layers }: CallEvent, sent: Taint, bits: number): boolean {
  const way = [site, ...frames.map((f) => f.site), ...layers.map((l) => l.site)];
  return sent.origins.some(
    (o) => (o.label & bits) !== 0 && way.some((s) => s.unit.path === o.path && Math.abs(s.node.line - o.line) <= NEAR),
  );
}

/** Names of a machine that lie in files: what statistics are told apart by. */
const NAMES_OF_MACHINE = /machine-id|hostname|\/etc\/(?:hosts|resolv)|known_hosts|\.gitconfig/;

/** A few lines of which no answer is ever read, and which tell a fixed host what is in profiles, wallets or secret files. */
function isTheft(archive: Evidence, event: CallEvent, traffic: Traffic): boolean {
  const { kind, host, sent } = traffic;
  if (kind !== 'plain' && kind !== 'cheap-name') return false;
  if (host.includes('‹') || archive.pythonBytes >= SMALL_BYTES || event.context === 'test') return false;
  const taken = sent.origins.filter(
    (o) => (o.label & PRIVATE) !== 0 && !(o.label === LABEL.secretFile && NAMES_OF_MACHINE.test(o.text)),
  );
  if (taken.length === 0 || ((sent.bits & CHOSEN_BY_CALLER) !== 0 && !taken.some(isNamedInCode))) return false;
  return event.isDiscarded ? !isAnswerRead(archive.traffic, host) : isQuiet(event) && !isMentioned(archive, traffic);
}

/** A file by a path without a hole, or what a library keeps: whatever else a caller said, this was not asked for. */
function isNamedInCode({ text }: Origin): boolean {
  return !text.includes('‹') && !text.includes('*');
}

/** A question to a resolver over the web: who owns the name that is asked for reads it. */
function isQuestion({ address }: Traffic): boolean {
  return /^https?:\/\/[^/?#]+\/(?:dns-query|resolve)(?:[/?#]|$)/.test(address);
}

/** A small archive tells a fixed host something, and reads none of its answers. */
function isOneWay(archive: Evidence, event: CallEvent, { kind, host }: Traffic): boolean {
  if (kind !== 'plain' && kind !== 'cheap-name') return false;
  if (!event.isDiscarded || host.includes('‹') || archive.pythonBytes >= SMALL_BYTES || event.context === 'test')
    return false;
  return !isAnswerRead(archive.traffic, host);
}

/** Folders in which a person keeps what is theirs; programs keep what is their own behind a dot. */
const PERSONAL =
  /^file (?:~|%(?:USERPROFILE|HOME)%|\/(?:home|Users)\/[^\\/]+|[A-Z]:[\\/]Users[\\/][^\\/]+|\/sdcard|\/storage\/emulated\/\d+)[\\/](?!\.|AppData|Library)/i;

/** Files of a person that were looked for, handed to a fixed host by a few lines that say nothing of it. */
function isGrab(archive: Evidence, event: CallEvent, traffic: Traffic): boolean {
  const { bits, origins } = traffic.sent;
  return (
    (bits & LABEL.listing) !== 0 &&
    (bits & CHOSEN_BY_CALLER) === 0 &&
    origins.some((o) => o.label === LABEL.file && PERSONAL.test(o.text)) &&
    isOneWay(archive, event, traffic)
  );
}

/** What a caller says to take is what the caller wants to be sent. */
const CHOSEN_BY_CALLER = LABEL.parameter | LABEL.input;

/** Points for data that goes where the user or the caller told the program to send it. */
function weighChosen({ sent }: Traffic): Weight {
  const secret = sent.bits & PRIVATE;
  const bits = secret === 0 ? sent.bits & LABEL.host : secret;
  return { score: secret !== 0 ? 4 : bits !== 0 ? 2 : 0, bits, isMalware: false };
}

/** A command puts a picture of the screen on a host of pictures, and looks at the link that it gets: to hand it to its user. */
function isShown(archive: Evidence, event: CallEvent, { kind, host, isPrivate }: Traffic): boolean {
  return event.context === 'entry-point' && kind === 'file-host' && !isPrivate && isAnswerRead(archive.traffic, host);
}

function valuesOf({ args, keywords }: CallEvent): Value[] {
  return [...args, ...keywords.values()];
}

/** Of what comes out of these nobody gets back a name: it only tells whether two are the same. */
const DIGEST = /^(?:hashlib|hmac)\.\w+\(\)\.(?:hex)?digest\(\)/;
/** The number of a network card, and nothing else of a machine: its server knows a device by it. */
const CARD = /^uuid\.getnode\(\)$/;

/** Files by a whole path in the home of a person that the author's machine has, and hardly another one. */
const AUTHORS_FILE =
  /^file (?:[A-Za-z]:[\\/]Users|\/home|\/Users)[\\/](?!(?:public|default|administrator|admin|user|root|shared|ubuntu|runner\w*|vagrant|ec2-user|pi)[\\/])[\w. -]+[\\/]/i;

function isAuthorsFile({ origins }: Taint): boolean {
  const files = origins.filter((o) => o.label === LABEL.file);
  return files.length > 0 && files.every((o) => AUTHORS_FILE.test(o.text) && !/[‹%~*]/.test(o.text));
}

/** Points for names of this machine or its user. */
function weighNames(event: CallEvent, { kind, sent }: Traffic, { isSuspect, isVendor }: Place): Weight {
  const bits = LABEL.host;
  // A digest tells one machine from another, as licences and statistics do, and no more.
  const isDigest = isAllFrom(valuesOf(event), bits, DIGEST);
  const isCard = isAllFrom(valuesOf(event), bits, CARD);
  if (isUnasked(event.context)) {
    const isPlain = event.context === 'import' && kind === 'plain' && !isSuspect;
    if (isPlain && isDigest) return { score: 6, bits, isMalware: false };
    // Nobody is asked, and the answer decides: a licence, for a person to judge.
    if (isPlain && isCard && !event.isDiscarded) return { score: 10, bits, isMalware: false };
    return { score: isVendor ? 6 : kind === 'address-service' ? 5 : 10, bits, isMalware: !isVendor };
  }
  if (isSuspect && isDigest && !event.isDiscarded) return { score: 2, bits, isMalware: false };
  if (isSuspect && isCard) return { score: 6, bits, isMalware: false };
  const names = sent.origins.filter((o) => o.label === bits).length;
  return { score: isSuspect ? 9 : names >= 3 && !isVendor ? 5 : 1, bits, isMalware: isSuspect };
}

/** What the place that data goes to is to whoever's data it is. */
interface Place {
  /** private to somebody, or anybody's */
  readonly isSuspect: boolean;
  /** a vendor's, who has accounts of many */
  readonly isVendor: boolean;
}

function placeOf(event: CallEvent, traffic: Traffic): Place {
  const { kind, host, sent } = traffic;
  const isNamed = (kind === 'index' || kind === 'code-host') && !traffic.isFronted && !traffic.hasInlineKey;
  return {
    isSuspect: traffic.isPrivate || ((isThrowaway(kind) || kind === 'messenger') && !traffic.isChosen),
    // Secrets in a bucket, a form or a repository are with whoever opened it, whatever the name of the host.
    isVendor:
      (isSignInHost(host) && !traffic.isFronted) ||
      (isNamed && ((sent.bits & PRIVATE) === 0 || !isAccountHost(host) || isAgreed(event))),
  };
}

const NOTHING: Weight = { score: 0, bits: 0, isMalware: false };

/** Points for data that leaves in a request: what weighs most of it decides. */
function weigh(archive: Evidence, event: CallEvent, given: Traffic): Weight {
  const { headers, kind } = given;
  const sent = isOwnState(archive, given.sent) ? without(given.sent, LABEL.file) : given.sent;
  if (kind === 'local' || (given.host === '' && kind === 'unknown' && (sent.bits & (PRIVATE | LABEL.host)) === 0))
    return NOTHING;
  const unasked = isUnasked(event.context);
  if (given.isChosen && unasked) return weighChosen(given);
  const traffic = { ...given, sent };
  const place = placeOf(event, traffic);
  if ((sent.bits & PRIVATE) !== 0) return weighPrivate(archive, event, traffic, place);
  if ((sent.bits & LABEL.host) !== 0) {
    // A mailbox of the author's is nobody else's.
    const isSuspect = place.isSuspect || (traffic.isAuthorsDrop && /smtp/i.test(event.name));
    return weighNames(event, traffic, { ...place, isSuspect });
  }
  if ((sent.bits & LABEL.input) !== 0 && unasked && !place.isVendor && traffic.hasBody && kind !== 'address-service')
    return weighInput(sent, place);
  if (!unasked && isKeyTold(archive, event, traffic)) {
    const isSmall = archive.pythonBytes < SMALL_BYTES;
    return { score: isSmall ? 10 : 6, bits: LABEL.secretVariable, isMalware: isSmall };
  }
  if (!unasked && isCallersCode(sent)) {
    const isSure =
      place.isSuspect || (event.isDiscarded && archive.pythonBytes < SMALL_BYTES && !isMentioned(archive, traffic));
    return { score: isSure ? 10 : 6, bits: LABEL.file, isMalware: isSure };
  }
  const rest = sent.bits & (LABEL.secretVariable | LABEL.process | LABEL.listing | LABEL.file);
  if (rest !== 0 && unasked) {
    if (rest === LABEL.file && isAuthorsFile(sent)) return { score: 4, bits: rest, isMalware: false };
    const isOwn = event.context === 'import' && !place.isSuspect && isOwnBusiness(given, rest);
    return isOwn ? { score: 2, bits: rest, isMalware: false } : weighRest(event, rest, place);
  }
  if (unasked) return weighAround(event, headers, sent, place);
  if (place.isSuspect && (rest & (LABEL.process | LABEL.listing)) !== 0)
    return { score: 5, bits: rest, isMalware: false };
  if (isGrab(archive, event, traffic)) return { score: 6, bits: rest, isMalware: false };
  return NOTHING;
}

/** Points for data whose owner would not hand it out. */
function weighPrivate(archive: Evidence, event: CallEvent, traffic: Traffic, { isSuspect, isVendor }: Place): Weight {
  const { sent, kind, host } = traffic;
  const secret = sent.bits & PRIVATE;
  if (isUnasked(event.context))
    return {
      score: !isVendor ? 10 : event.context === 'import' && secret === LABEL.environment ? 4 : 7,
      bits: secret | (sent.bits & LABEL.host),
      isMalware: !isVendor,
    };
  if (secret === LABEL.screen && isShown(archive, event, traffic)) return { score: 6, bits: secret, isMalware: false };
  const isTaken = isSuspect || traffic.isAuthorsDrop || isToldByNobody(traffic) || isQuestion(traffic);
  if (isTaken || isTheft(archive, event, traffic)) return { score: 10, bits: secret, isMalware: true };
  if (isFileOf(traffic, secret) || isLogInShown(event, traffic, secret))
    return { score: 2, bits: secret, isMalware: false };
  const kept = secret & (LABEL.environment | LABEL.secretFile);
  if (kept !== 0 && kind !== 'unknown' && host !== '' && !isVendor && isReadOnTheWay(event, sent, kept))
    return { score: 6, bits: secret, isMalware: false };
  const isWatched = (secret & (LABEL.browser | LABEL.wallet | LABEL.keyboard)) !== 0;
  return { score: !isWatched ? 1 : kind === 'plain' ? 6 : 4, bits: secret, isMalware: false };
}

/** Points for what a person typed when nobody had asked for the program. */
function weighInput(sent: Taint, { isSuspect }: Place): Weight {
  const isPassword = sent.origins.some((o) => o.label === LABEL.input && o.text.startsWith('getpass'));
  return { score: isSuspect ? 10 : isPassword ? 4 : 3, bits: LABEL.input, isMalware: isSuspect };
}

/** Points for what stands in headers, and for weak facts of the machine. */
function weighAround({ context }: CallEvent, headers: Taint, sent: Taint, { isSuspect, isVendor }: Place): Weight {
  const strange = headers.bits & NEVER_IN_HEADERS;
  if (strange !== 0) return { score: 10, bits: strange, isMalware: true };
  const named = headers.bits & (PRIVATE | LABEL.host);
  if (named !== 0 && !isVendor)
    return { score: isSuspect || context !== 'import' ? 10 : 8, bits: named, isMalware: true };
  const weak = sent.bits & (LABEL.weakHost | LABEL.location);
  if (weak === 0) return NOTHING;
  const isPlace = context !== 'import' && (weak & LABEL.location) !== 0;
  return { score: isSuspect ? 9 : isVendor ? 0 : isPlace ? 6 : 3, bits: weak, isMalware: isSuspect };
}

/** Files, output of commands, single secrets: an install needs none of it, an import may read what it needs for itself. */
function weighRest(event: CallEvent, rest: number, { isSuspect, isVendor }: Place): Weight {
  if (isSuspect) return { score: 10, bits: rest, isMalware: true };
  if (isVendor) return { score: 2, bits: rest, isMalware: false };
  if (rest === LABEL.listing) return { score: 3, bits: rest, isMalware: false };
  const isLookedFor = (rest & LABEL.file) !== 0 && (rest & LABEL.listing) !== 0;
  if (event.context !== 'import' || isLookedFor) return { score: 10, bits: rest, isMalware: true };
  return (rest & LABEL.secretVariable) !== 0
    ? { score: 8, bits: rest, isMalware: true }
    : { score: 6, bits: rest, isMalware: false };
}

/** Data written in letters that names may have, put in front of a fixed name: it leaves with the question. */
function labelFinding(event: CallEvent, traffic: Traffic): Finding | undefined {
  if (event.sink !== 'dns' || event.context === 'test' || traffic.kind === 'local') return undefined;
  const isEncoded = /‹[^›]*(?:b(?:16|32|64)encode|hexlify|\.hex|urlsafe)[^›]*›[^/]*\.[\w-]+\.[a-z]{2,}$/i.test(
    traffic.address,
  );
  if (!isEncoded) return undefined;
  return findingOf(ID, event, {
    score: isUnasked(event.context) ? 10 : 8,
    class: 'malware',
    message: `Puts encoded data into names that it looks up below ${traffic.host.replace(/^.*›\.?/, '')}.`,
    sources: traffic.sent,
    hosts: [traffic.host],
  });
}

function requestFinding(archive: Evidence, event: CallEvent, traffic: Traffic): Finding | undefined {
  const { score, bits, isMalware } = weigh(archive, event, traffic);
  if (score < 1) return undefined;
  if (event.sink === 'dns' && isOwnAddress(event, traffic)) return undefined;
  if (!isUnasked(event.context) && isAddressAlone(traffic)) return undefined;
  // A page of this machine's own server is asked for by its name.
  if (event.sink === 'browser' && (traffic.host === '' || traffic.host.includes('‹'))) return undefined;
  const sources = without(traffic.sent.bits === 0 ? traffic.headers : traffic.sent, ~bits);
  const claim: Claim = {
    score,
    class: score <= 1 ? 'note' : isMalware ? 'malware' : 'suspicious',
    message: `Sends ${namesOf(bits, sources)} to ${hostName(traffic)}.`,
    sources,
    hosts: [traffic.host],
  };
  return findingOf(ID, event, claim);
}

/** Nothing is known of the address but what it was made of, and nothing is sent beside it: data chose it, or is in it by mistake. */
function isAddressAlone({ host, address, hasBody, sent }: Traffic): boolean {
  return host === '' && !hasBody && sent.bits !== 0 && /^‹[^‹›]*›$/.test(address);
}

/** `gethostbyname(gethostname())` asks for one's own address: nothing leaves. */
function isOwnAddress(event: CallEvent, traffic: Traffic): boolean {
  const [name] = event.args;
  return name === undefined || name.kind === 'ref' || /^‹[^›]*›$/.test(traffic.address);
}

const INLINE_LOGIN = /:\/\/[\w.-]{1,60}:[\w.-]{8,200}@[\w.-]/;

/** Points for a command that sends a file in which the program gathered something; whoever calls may have asked for it. */
function weighStored(archive: Evidence, event: CallEvent, command: Command, { bits }: Taint): number {
  if (bits === 0) return 0;
  if (isUnasked(event.context)) return 10;
  const host = hostOf(command.text) ?? '';
  if ((bits & PRIVATE) === 0 || host === '' || host.includes('‹')) return 0;
  if ((command.taint.bits & CHOSEN_BY_CALLER) !== 0 || isAgreed(event)) return 4;
  // `git push https://name:token@…`: the account is the author's.
  if (INLINE_LOGIN.test(command.text)) return 10;
  const kind = hostKind(host);
  if (isSupplier(kind)) return 1;
  return isThrowaway(kind) || archive.pythonBytes < SMALL_BYTES ? 10 : 6;
}

function commandFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const command = archive.commands.get(event);
  if (command === undefined) return undefined;
  const files = filesSent(archive, event, command);
  const stored = weighStored(archive, event, command, files);
  if (stored > 0)
    return findingOf(ID, event, {
      score: stored,
      class: stored === 10 ? 'malware' : 'suspicious',
      message: `Sends a file with ${namesOf(files.bits, files)} by ${command.program}.`,
      sources: files,
    });
  const bits = command.taint.bits & (PRIVATE | LABEL.host | LABEL.secretVariable);
  if (!isSender(command.text) || (bits === 0 && !fillsIn(command.text))) return undefined;
  const unasked = isUnasked(event.context);
  const score = unasked ? 10 : commandOnCall(command, bits);
  if (score === 0) return undefined;
  return findingOf(ID, event, {
    score,
    class: unasked ? 'malware' : score <= 1 ? 'note' : 'suspicious',
    message: `Sends ${bits === 0 ? 'names of this machine or its user' : namesOf(bits, command.taint)} by a command line.`,
    sources: without(command.taint, ~bits),
  });
}

/** What a caller, a command line or the configuration filled in. */
const GIVEN = /‹(?:\?\w|argparse|click|typer|sys\.argv|input)|%[A-Z]\w*%/;

/**
 * Points for a command line that somebody's call starts, as for the same data in a request: names of a machine weigh where
 * the host is nobody's, secrets wherever the code says whither.
 */
function commandOnCall({ text, taint }: Command, bits: number): number {
  const hosts = destinationsIn(text);
  const isOpen = (taint.bits & (LABEL.decoded | LABEL.network)) !== 0;
  // Nothing of this machine stands in a line without a hole, whatever went into the choice of the line.
  if (bits !== 0 && !/[‹%$`]/.test(text) && !fillsIn(text)) return 0;
  if (hosts.some((host) => isThrowaway(hostKind(host)) || SUSPECT.has(hostKind(host)))) return 5;
  if (hosts.length === 0 && isOpen) return 5;
  const isSecret = (bits & PRIVATE) !== 0 || fillsInSecrets(text);
  if (!isSecret) return 1;
  return hosts.length === 0 && GIVEN.test(text) ? 2 : 5;
}

const SUSPECT: ReadonlySet<HostKind> = new Set<HostKind>(['messenger', 'cheap-name']);

/** Machine, user, environment, credentials, profiles, clipboard, keys or screen that flow into a request, a lookup or a command. */
export const exfiltration: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const traffic = archive.traffic.get(event);
      const found =
        traffic === undefined
          ? event.sink === 'process'
            ? commandFinding(archive, event)
            : undefined
          : (labelFinding(event, traffic) ?? requestFinding(archive, event, traffic));
      if (found !== undefined) findings.push(found);
    }
    return findings;
  },
};
