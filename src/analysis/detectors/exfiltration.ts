// Owns data of this machine or its user that leaves it. Start at exfiltration.
import { bundledAt } from '../evidence/bundled.ts';
import type { Command } from '../evidence/command.ts';
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
import { isAnswerRead, type Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { isAddressService } from '../python/flow/models.ts';
import { CLEAN, LABEL, MAX_ORIGINS, type Taint, unite, without } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { HTTP_CLIENTS, NAME_LOOK_UPS, NETCATS, WEB_CMDLETS } from '../vocabulary/programs.ts';
import { type Claim, type Detector, findingOf, hostName } from './detector.ts';

const ID = 'exfiltration';

/** Data whose owner would not hand it out. */
const SECRET =
  LABEL.environment | LABEL.secretFile | LABEL.browser | LABEL.wallet | LABEL.clipboard | LABEL.keyboard | LABEL.screen;

/** A header may bear one credential; these are no credential. */
const NEVER_IN_HEADERS =
  LABEL.environment | LABEL.browser | LABEL.wallet | LABEL.clipboard | LABEL.keyboard | LABEL.screen;

const NAMES: readonly (readonly [number, string])[] = [
  [LABEL.browser, 'browser or messenger profiles'],
  [LABEL.wallet, 'wallet files'],
  [LABEL.secretFile, 'credential files'],
  [LABEL.environment, 'the whole environment'],
  [LABEL.clipboard, 'the clipboard'],
  [LABEL.keyboard, 'keystrokes'],
  [LABEL.screen, 'pictures of the screen'],
  [LABEL.host, 'names of this machine or its user'],
  [LABEL.input, 'what a person typed'],
  [LABEL.secretVariable, 'a secret environment variable'],
  [LABEL.process, 'the output of commands'],
  [LABEL.listing, 'names of files'],
  [LABEL.file, 'files of this machine'],
  [LABEL.location, 'paths of this machine'],
  [LABEL.weakHost, 'the platform'],
];

/** What some data of a label is called rightly, where all of it is so. */
const RATHER: readonly (readonly [number, (text: string) => boolean, string])[] = [
  [LABEL.host, isAddressService, 'the public address of this machine'],
  [LABEL.secretFile, (text) => !text.startsWith('file '), 'credentials'],
  [LABEL.browser, (text) => text.endsWith('get_cookies()'), 'cookies of a browser'],
  [LABEL.wallet, (text) => !text.startsWith('file '), 'a key that was made for a wallet'],
  [LABEL.secretVariable, (text) => text.endsWith('()'), 'a stored key'],
];

function nameOf(bits: number, { origins }: Taint): string {
  return NAMES.filter(([label]) => (bits & label) !== 0)
    .slice(0, 3)
    .map(([label, name]) => {
      const own = origins.filter((o) => o.label === label);
      const rather = RATHER.find(([of, is]) => of === label && own.length > 0 && own.every((o) => is(o.text)));
      return rather?.[2] ?? name;
    })
    .join(', ');
}

function only(taint: Taint, bits: number): Taint {
  return { bits: taint.bits & bits, origins: taint.origins.filter((o) => (o.label & bits) !== 0) };
}

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

/** Words of a key's name that do not say whose it is. */
const GENERIC =
  /^(?:api|app|key|keys|token|secret|access|auth|client|id|user|username|pass|password|pwd|bot|private|public|bearer|my|the|login|credential|credentials|service|server|account|x|test|dev|prod|default|session|cookie|jwt|oauth|webhook|url)$/i;

/** A key that is handed to the service it is named for. */
function isOwnBusiness({ host, sent }: Traffic, rest: number): boolean {
  if (rest !== LABEL.secretVariable) return false;
  return sent.origins.every((o) => o.label !== LABEL.secretVariable || isKeyOf(host, o.text));
}

function isKeyOf(host: string, origin: string): boolean {
  // A variable by its name, a store of keys by the library that asks for it.
  const named = /\w+$/.exec(origin) ?? /^\w+(?=\.[\w.]*\(\)$)/.exec(origin);
  const words = (named?.[0] ?? '').toLowerCase().split(/_+/);
  const telling = words.filter((w) => w.length >= 3 && !GENERIC.test(w));
  const bare = host.replaceAll(/[^a-z0-9]/g, '');
  return telling.length > 0 && host !== '' && telling.some((w) => bare.includes(w));
}

/** Variables, and stores of keys, whose names mean one service everywhere. */
const KEYS_BY_NAME =
  /\b(?:AWS_(?:SECRET_ACCESS_KEY|ACCESS_KEY_ID|SESSION_TOKEN)|(?:OPENAI|ANTHROPIC|GEMINI|MISTRAL|HUGGINGFACE)_API_KEY|(?:GITHUB|GH|GITLAB|HF|NPM|PYPI|UV_PUBLISH|CI_JOB)_TOKEN|TWINE_PASSWORD|STRIPE_SECRET_KEY|AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS)$|^huggingface_hub\.[\w.]*get_token\(\)$|\.(?:get_secret_value|read_secret_version|access_secret_version)\(\)$|^azure\.identity\.\w+\(\)\.get_token\(\)$/;

/** Stores of keys of any service. */
const STORES = /^keyring\.\w+\(\)$/;

/** The key to one service, told to a house that is another's and whose answers nobody reads. */
function isKeyTold(archive: Evidence, event: CallEvent, traffic: Traffic): boolean {
  const { host, isChosen, kind, sent } = traffic;
  if (!event.isDiscarded || isChosen || host === '' || host.includes('‹')) return false;
  if (kind !== 'plain' && kind !== 'cheap-name' && !isThrowaway(kind)) return false;
  const isTold = sent.origins.some(
    (o) =>
      o.label === LABEL.secretVariable &&
      (isThrowaway(kind) && STORES.test(o.text) ? true : KEYS_BY_NAME.test(o.text) && !isKeyOf(host, o.text)),
  );
  return isTold && !isAnswerRead(archive.traffic, host);
}

/** What a program calls the file of its own log-in. */
const KEPT = '(?:credentials?|secrets?|config|settings|tokens?|auth|session|login)\\.';

/** On call: settings that are named for the house they are sent to, `binance.yml` or `.binance/credentials.json` to `api.binance.com`. */
function isFileOf({ host, kind, sent }: Traffic, secret: number): boolean {
  const house = /([\w-]+)\.(?:com|org|net|io|dev|cloud|ai|app|co)$/.exec(host)?.[1] ?? '';
  const taken = sent.origins.filter((o) => (o.label & secret) !== 0);
  return (
    kind === 'plain' &&
    house.length >= 5 &&
    !isAccountHost(host) &&
    taken.length > 0 &&
    taken.every((o) =>
      new RegExp(`^file .*[\\\\/]\\.?${house}(?:\\.|[\\\\/]\\.?${KEPT})(?:ya?ml|json|ini|cfg|conf|toml)$`).test(o.text),
    )
  );
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
  if (!event.isDiscarded || host.includes('‹') || archive.pythonBytes >= SMALL_BYTES || event.context === 'test')
    return false;
  const taken = sent.origins.filter(
    (o) => (o.label & SECRET) !== 0 && !(o.label === LABEL.secretFile && NAMES_OF_MACHINE.test(o.text)),
  );
  return taken.length > 0 && (sent.bits & CHOSEN_BY_CALLER) === 0 && !isAnswerRead(archive.traffic, host);
}

/** What a caller says to take is what the caller wants to be sent. */
const CHOSEN_BY_CALLER = LABEL.parameter | LABEL.input;

/** Points for data that goes where the user or the caller told the program to send it. */
function weighChosen({ sent }: Traffic): Weight {
  const secret = sent.bits & SECRET;
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
function weighNames(event: CallEvent, { kind, sent }: Traffic, isSuspectHost: boolean, isVendor: boolean): Weight {
  const bits = LABEL.host;
  // A digest tells one machine from another, as licences and statistics do, and no more.
  const isDigest = isAllFrom(valuesOf(event), bits, DIGEST);
  const isCard = isAllFrom(valuesOf(event), bits, CARD);
  if (isUnasked(event.context)) {
    const isPlain = event.context === 'import' && kind === 'plain' && !isSuspectHost;
    if (isPlain && isDigest) return { score: 6, bits, isMalware: false };
    // Nobody is asked, and the answer decides: a licence, for a person to judge.
    if (isPlain && isCard && !event.isDiscarded) return { score: 10, bits, isMalware: false };
    return { score: isVendor ? 6 : kind === 'address-service' ? 5 : 10, bits, isMalware: !isVendor };
  }
  if (isSuspectHost && isDigest && !event.isDiscarded) return { score: 2, bits, isMalware: false };
  if (isSuspectHost && isCard) return { score: 6, bits, isMalware: false };
  const names = sent.origins.filter((o) => o.label === bits).length;
  return { score: isSuspectHost ? 9 : names >= 3 && !isVendor ? 5 : 1, bits, isMalware: isSuspectHost };
}

/** Points for data that leaves in a request. */
function weigh(archive: Evidence, event: CallEvent, traffic: Traffic): Weight {
  const { headers, kind } = traffic;
  const sent = isOwnState(archive, traffic.sent) ? without(traffic.sent, LABEL.file) : traffic.sent;
  if (kind === 'local' || (traffic.host === '' && kind === 'unknown' && (sent.bits & (SECRET | LABEL.host)) === 0))
    return { score: 0, bits: 0, isMalware: false };
  const unasked = isUnasked(event.context);
  const isSuspectHost = traffic.isPrivate || ((isThrowaway(kind) || kind === 'messenger') && !traffic.isChosen);
  if (traffic.isChosen && unasked) return weighChosen(traffic);
  const secret = sent.bits & SECRET;
  const isNamed = (kind === 'index' || kind === 'code-host') && !traffic.isFronted && !traffic.hasInlineKey;
  // Secrets in a bucket, a form or a repository are with whoever opened it, whatever the name of the host.
  const isVendor =
    (isSignInHost(traffic.host) && !traffic.isFronted) ||
    (isNamed && ((sent.bits & SECRET) === 0 || !isAccountHost(traffic.host) || isAgreed(event)));
  if (secret !== 0) {
    if (unasked)
      return {
        score: !isVendor ? 10 : event.context === 'import' && secret === LABEL.environment ? 4 : 7,
        bits: secret | (sent.bits & LABEL.host),
        isMalware: !isVendor,
      };
    if (secret === LABEL.screen && isShown(archive, event, traffic))
      return { score: 6, bits: secret, isMalware: false };
    const isTaken = isSuspectHost || traffic.isAuthorsDrop || isTheft(archive, event, traffic);
    if (isTaken) return { score: 10, bits: secret, isMalware: true };
    if (isFileOf(traffic, secret)) return { score: 2, bits: secret, isMalware: false };
    if (
      (secret & (LABEL.environment | LABEL.secretFile)) !== 0 &&
      kind !== 'unknown' &&
      traffic.host !== '' &&
      !isVendor &&
      isReadOnTheWay(event, sent, secret & (LABEL.environment | LABEL.secretFile))
    )
      return { score: 6, bits: secret, isMalware: false };
    return {
      score: (secret & (LABEL.browser | LABEL.wallet | LABEL.keyboard)) === 0 ? 1 : kind === 'plain' ? 6 : 4,
      bits: secret,
      isMalware: false,
    };
  }
  if ((sent.bits & LABEL.host) !== 0) return weighNames(event, { ...traffic, sent }, isSuspectHost, isVendor);
  if ((sent.bits & LABEL.input) !== 0 && unasked && !isVendor && traffic.hasBody && kind !== 'address-service') {
    const isPassword = sent.origins.some((o) => o.label === LABEL.input && o.text.startsWith('getpass'));
    return {
      score: isSuspectHost ? 10 : isPassword ? 4 : 3,
      bits: LABEL.input,
      isMalware: isSuspectHost,
    };
  }
  if (!unasked && isKeyTold(archive, event, { ...traffic, sent })) {
    const isSmall = archive.pythonBytes < SMALL_BYTES;
    return { score: isSmall ? 10 : 6, bits: LABEL.secretVariable, isMalware: isSmall };
  }
  const rest = sent.bits & (LABEL.secretVariable | LABEL.process | LABEL.listing | LABEL.file);
  if (rest !== 0 && unasked) {
    if (rest === LABEL.file && isAuthorsFile(sent)) return { score: 4, bits: rest, isMalware: false };
    const isOwn = event.context === 'import' && !isSuspectHost && isOwnBusiness(traffic, rest);
    return isOwn ? { score: 2, bits: rest, isMalware: false } : weighRest(event, rest, isSuspectHost, isVendor);
  }
  if ((headers.bits & NEVER_IN_HEADERS) !== 0 && unasked)
    return { score: 10, bits: headers.bits & NEVER_IN_HEADERS, isMalware: true };
  const named = headers.bits & (SECRET | LABEL.host);
  if (named !== 0 && unasked && !isVendor) {
    const isSure = isSuspectHost || event.context !== 'import';
    return { score: isSure ? 10 : 8, bits: named, isMalware: true };
  }
  const weak = sent.bits & (LABEL.weakHost | LABEL.location);
  if (weak !== 0 && unasked) {
    const isPlace = event.context !== 'import' && (weak & LABEL.location) !== 0;
    return { score: isSuspectHost ? 9 : isVendor ? 0 : isPlace ? 6 : 3, bits: weak, isMalware: isSuspectHost };
  }
  if (rest !== 0 && isSuspectHost && (rest & (LABEL.process | LABEL.listing)) !== 0)
    return { score: 5, bits: rest, isMalware: false };
  return { score: 0, bits: 0, isMalware: false };
}

/** Files, output of commands, single secrets: an install needs none of it, an import may read what it needs for itself. */
function weighRest(event: CallEvent, rest: number, isSuspectHost: boolean, isVendor: boolean): Weight {
  if (isSuspectHost) return { score: 10, bits: rest, isMalware: true };
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
  const sources = only(traffic.sent.bits === 0 ? traffic.headers : traffic.sent, bits);
  const claim: Claim = {
    score,
    class: score <= 1 ? 'note' : isMalware ? 'malware' : 'suspicious',
    message: `Sends ${nameOf(bits, sources)} to ${hostName(traffic)}.`,
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

const SENDERS = new RegExp(
  `(?:^|[;&|(\`"']\\s*|\\s-c\\s+|\\$\\()(?:\\S*[\\\\/])?(?:${HTTP_CLIENTS}|${WEB_CMDLETS}|${NETCATS}|${NAME_LOOK_UPS}|telnet|scp|s?ftp|rsync)(?:\\.exe)?\\s|\\bgit\\s+(?:-\\S+\\s+)*push\\s[^\\n]{0,80}https?:`,
  'i',
);
const SHELL_SOURCES =
  /\$\(\s*(?:env|hostname|whoami|id|uname|cat|printenv|ifconfig|ip a)|`(?:env|hostname|whoami|id|cat)|\$(?:USER|HOSTNAME|HOME)\b|%(?:USERNAME|COMPUTERNAME)%|\benv\s*\||\bprintenv\b|(?:whoami|hostname|id|ifconfig|uname -a|cat [^|]+)\s*\|\s*(?:curl|nc|base64|xxd|wget)|@\/(?:etc|root|home|proc)\/|(?:~|\$HOME|%USERPROFILE%|\/root|\/home\/\w+)[\\/]\.(?:ssh|aws|kube|gnupg|docker|azure|npmrc|pypirc|netrc|config\/gcloud|git-credentials|bash_history|zsh_history)\b|\/etc\/(?:passwd|shadow)\b|\$env:(?:username|computername)/i;

/** Programs that send files: those that a command names, or all of the folder it works in. */
const FILE_SENDERS = new RegExp(
  `(?:^|[\\s;&|(/])(?:${HTTP_CLIENTS}|${NETCATS}|socat|scp|s?ftp|rsync|rclone|gsutil|s3cmd|mc|twine|croc|aws\\s+s3|az\\s+storage|gh\\s+(?:gist|release)|git\\s[^\\n;&|]{0,80}?\\bpush)(?:\\s|$)`,
  'i',
);

/** The folder that a command line goes to first, or is told; empty: none. */
function folderOf(text: string): string {
  const groups: readonly (string | undefined)[] = /\s-C\s+(\S+)|\bcd\s+([^\s;&|]+)/.exec(text)?.slice(1) ?? [];
  return groups.find((group) => group !== undefined) ?? '';
}

/** Data in files that the program made before, and that a command sends. */
function filesSent(archive: Evidence, event: CallEvent, command: Command): Taint {
  if (!FILE_SENDERS.test(command.text)) return CLEAN;
  const cwd = event.keywords.get('cwd');
  const folder = cwd === undefined ? folderOf(command.text) : textOf(cwd);
  let taint = CLEAN;
  for (const [path, held] of archive.left) {
    if ((held.bits & (SECRET | LABEL.host)) === 0) continue;
    const isNamed = path.length >= 4 && command.text.includes(path);
    if (isNamed || (folder.length >= 4 && path.startsWith(`${folder}/`))) taint = unite(taint, held);
  }
  return taint;
}

const INLINE_LOGIN = /:\/\/[\w.-]{1,60}:[\w.-]{8,200}@[\w.-]/;

/** Points for a command that sends a file in which the program gathered something; whoever calls may have asked for it. */
function weighStored(archive: Evidence, event: CallEvent, command: Command, { bits }: Taint): number {
  if (bits === 0) return 0;
  if (isUnasked(event.context)) return 10;
  const host = hostOf(command.text) ?? '';
  if ((bits & SECRET) === 0 || host === '' || host.includes('‹')) return 0;
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
      message: `Sends a file with ${nameOf(files.bits, files)} by ${command.program}.`,
      sources: files,
    });
  if (!SENDERS.test(command.text)) return undefined;
  const bits = command.taint.bits & (SECRET | LABEL.host | LABEL.secretVariable);
  const isShellSource = SHELL_SOURCES.test(command.text);
  if ((bits === 0 && !isShellSource) || !isSenderProgram(command.text)) return undefined;
  const unasked = isUnasked(event.context);
  const score = unasked ? 10 : commandOnCall(command, bits);
  if (score === 0) return undefined;
  return findingOf(ID, event, {
    score,
    class: unasked ? 'malware' : score <= 1 ? 'note' : 'suspicious',
    message: `Sends ${bits === 0 ? 'names of this machine or its user' : nameOf(bits, command.taint)} by a command line.`,
    sources: only(command.taint, bits),
  });
}

/** Sources of a shell that are no mere names: credentials, whole environments, any file. */
const SHELL_SECRETS =
  /\$\(\s*(?:env|cat|printenv)|`(?:env|cat)|\benv\s*\||\bprintenv\b|cat [^|]+\s*\|\s*(?:curl|nc|base64|xxd|wget)|@\/(?:etc|root|home|proc)\/|[\\/]\.(?:ssh|aws|kube|gnupg|docker|azure|npmrc|pypirc|netrc|config\/gcloud|git-credentials|bash_history|zsh_history)\b|\/etc\/(?:passwd|shadow)\b/i;

/** What a caller, a command line or the configuration filled in. */
const GIVEN = /‹(?:\?\w|argparse|click|typer|sys\.argv|input)|%[A-Z]\w*%/;

/**
 * Points for a command line that somebody's call starts, as for the same data in a request: names of a machine weigh where
 * the host is nobody's, secrets wherever the code says whither.
 */
function commandOnCall({ text, taint }: Command, bits: number): number {
  const hosts = [...text.matchAll(HOSTS)].map((m) => (m[1] ?? '').toLowerCase());
  const isOpen = (taint.bits & (LABEL.decoded | LABEL.network)) !== 0;
  // Nothing of this machine stands in a line without a hole, whatever went into the choice of the line.
  if (bits !== 0 && !/[‹%$`]/.test(text) && !SHELL_SOURCES.test(text)) return 0;
  if (hosts.some((host) => isThrowaway(hostKind(host)) || SUSPECT.has(hostKind(host)))) return 5;
  if (hosts.length === 0 && isOpen) return 5;
  const isSecret = (bits & SECRET) !== 0 || SHELL_SECRETS.test(text);
  if (!isSecret) return 1;
  return hosts.length === 0 && GIVEN.test(text) ? 2 : 5;
}

/** Names and addresses that stand in a command line. */
const HOSTS = /(?:^|[\s@"'=/(])((?:[a-z0-9_-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3})(?=[\s:/"'?)]|$)/gi;
const SUSPECT: ReadonlySet<HostKind> = new Set<HostKind>(['messenger', 'cheap-name']);

function isSenderProgram(text: string): boolean {
  return /:\/\/|\.[a-z]{2,}|‹|\b\d{1,3}(?:\.\d{1,3}){3}\b/i.test(text);
}

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
