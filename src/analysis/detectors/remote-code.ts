// Owns code that comes over the network and runs. Start at remoteCode.

import { isOwnAccount } from '../evidence/accounts.ts';
import type { Command } from '../evidence/command.ts';
import { isMentioned } from '../evidence/elsewhere.ts';
import { type Evidence, SMALL_BYTES } from '../evidence/evidence.ts';
import { isAllFrom } from '../evidence/handed.ts';
import { hostKind, hostOf, isModelAddress, isNobodys, isSetuptools, wasSetuptools } from '../evidence/hosts.ts';
import { isQuiet } from '../evidence/quiet.ts';
import { isChosenAddress, receivedFrom } from '../evidence/received.ts';
import type { Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { CLEAN, LABEL, MAX_ORIGINS, type Taint, unite } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { type ExternalCall, NONE, taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import {
  INTERPRETERS,
  NETCATS,
  OPENERS,
  PROXY_BINARIES,
  programPattern,
  SYSTEM_FETCHERS,
} from '../vocabulary/programs.ts';
import { type Detector, findingOf } from './detector.ts';

const ID = 'remote-code';

const MODEL = 'what a language model answered under the key of the caller';

/**
 * Whether all that was received is the answer of a language model, asked under a key that the caller or the configuration gave:
 * with a key of the code the account, and what it is made to say, could be the author's.
 */
function isFromModel({ traffic }: Evidence, { origins }: Taint): boolean {
  const received = origins.filter((o) => o.label === LABEL.network);
  if (received.length === 0 || origins.length >= MAX_ORIGINS) return false;
  const addresses = received.map((o) => /https?:\/\/[^\s)]+/.exec(o.text)?.[0] ?? '');
  if (!addresses.every(isModelAddress)) return false;
  const hosts = new Set(addresses.map((address) => hostOf(address)));
  const asked = [...traffic.values()].filter(({ host }) => hosts.has(host));
  return asked.length > 0 && asked.every((one) => one.kind === 'local' || isUnderOwnKey(one));
}

function isUnderOwnKey({ headers, address, hasInlineKey }: Traffic): boolean {
  return !hasInlineKey && !/[?&]key=[\w-]{20,}/.test(address) && isOwnAccount(headers);
}

function execFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const [code] = event.args;
  // These are handed a path: what is in the file is another matter.
  if (code === undefined) return undefined;
  if (/^(?:execfile|runpy|importlib|site)\b/.test(event.name)) return fetchedFileFinding(event, code);
  const taint = taintOf(code);
  if ((taint.bits & LABEL.network) === 0) return undefined;
  const doubt = isFromSetuptools(code, isUnasked(event.context))
    ? SETUPTOOLS
    : isUnasked(event.context)
      ? undefined
      : isFromModel(archive, taint)
        ? MODEL
        : doubtOf(event, code, taint);
  return findingOf(ID, event, {
    score: doubt === undefined ? (isUnasked(event.context) ? 10 : 9) : 3,
    class: doubt === undefined ? 'malware' : 'suspicious',
    message: `${event.name} runs ${doubt ?? 'what was received over the network'}.`,
    sources: taint,
  });
}

/** `urlretrieve(address, path)`, `run_path(path)`: a temporary file that a request was told to fill. */
function fetchedFileFinding(event: CallEvent, path: Value): Finding | undefined {
  const held = path.kind === 'ref' && path.call !== undefined ? path.call.absorbed : undefined;
  if (held === undefined || (held.bits & LABEL.network) === 0) return undefined;
  return findingOf(ID, event, {
    score: isUnasked(event.context) ? 10 : 9,
    class: 'malware',
    message: `${event.name} runs a file that was fetched a moment before.`,
    sources: held,
  });
}

/** What was received, with no more than punctuation and digits of the archive's own beside it. */
function isReceivedWhole(code: Value): boolean {
  switch (code.kind) {
    case 'ref':
      return code.name !== 'compile()';
    case 'template':
      return code.parts.every((part) => (typeof part === 'string' ? !/[A-Za-z_]/.test(part) : isReceivedWhole(part)));
    default:
      return false;
  }
}

const SETUPTOOLS = 'the bootstrap of setuptools';

/** `exec(urlopen('https://bootstrap.pypa.io/ez_setup.py').read())`: nobody else puts anything there. */
function isFromSetuptools(code: Value, unasked: boolean): boolean {
  const requests = receivedFrom(code);
  return (
    requests.length > 0 &&
    requests.every(({ args, keywords }) => {
      const address = textOf(keywords.get('url') ?? args[0] ?? NONE);
      return isSetuptools(address) || (!unasked && wasSetuptools(address));
    })
  );
}

function isChosenRequest({ name, args, keywords }: ExternalCall): boolean {
  const address = keywords.get('url') ?? args[/request$/i.test(name) ? 1 : 0] ?? args[0];
  return address !== undefined && isChosenAddress(address);
}

/** One line of the archive's own in which received values stand, with more of the line behind them: a sum, a look-up. */
const FILLED_LINE = /^[^‹\n]{3,}(?:(?:‹[^›\n]*›)+[^‹\n]+)+$/;

const IMPLICIT = /^(?:.*\.)?(?:__(?!init__|call__|main__)\w+__|<lambda>)$/;

/** Why code that was received may be what the caller asked for; undefined when the archive says where it comes from. */
function doubtOf(event: CallEvent, code: Value, taint: Taint): string | undefined {
  // Many read an answer with eval as one would read JSON: careless, and no order to do anything.
  if (event.name === 'eval' && isReceivedWhole(code)) return 'an expression that was received over the network';
  if (isFromSocket(taint)) return undefined;
  if (FILLED_LINE.test(textOf(code))) return 'a line of its own that received values were put into';
  // Operators, subscripts and sort keys are called by the language, on what stands in the code: nobody chose anything.
  if (event.frames.some((f) => IMPLICIT.test(f.name))) return undefined;
  const requests = receivedFrom(code);
  if (requests.length === 0)
    return (taint.bits & (LABEL.variable | LABEL.file)) !== 0
      ? 'text that data from the network had a part in'
      : undefined;
  const isChosen = requests.every(isChosenRequest);
  return isChosen ? 'what was received from an address that the caller gives' : undefined;
}

/** Loads objects by what their text says, code included. */
function isProgram({ name, args, keywords }: CallEvent): boolean {
  if (/^(?:pickle|marshal|jsonpickle|shelve|joblib|yaml\.unsafe_load)/.test(name)) return true;
  const loader = keywords.get('Loader') ?? args[1];
  if (name === 'yaml.load')
    return loader !== undefined && /\b(?:Unsafe|Full)?Loader$/.test(textOf(loader).replace(/[‹›]/g, ''));
  const pickles = keywords.get('allow_pickle');
  return name === 'numpy.load' && pickles?.kind === 'bool' && pickles.value;
}

function isOfNobody(address: string): boolean {
  return isNobodys(hostKind(hostOf(address) ?? ''));
}

/** A pickle is a program: loading one that was received runs it. */
function pickleFinding(event: CallEvent): Finding | undefined {
  const [data] = event.args;
  if (data === undefined || !isProgram(event)) return undefined;
  // A file that a request was told to fill holds what came.
  const taint = unite(taintOf(data), data.kind === 'ref' ? (data.call?.absorbed ?? CLEAN) : CLEAN);
  if ((taint.bits & LABEL.network) === 0) return undefined;
  const requests = receivedFrom(data);
  const isChosen = requests.length > 0 && requests.every(isChosenRequest);
  if (!isUnasked(event.context)) {
    // Models are loaded so from vendors; none of them has a bare address.
    if (!taint.origins.some((o) => o.label === LABEL.network && isOfNobody(o.text.replace(/\)$/, ''))))
      return undefined;
    return findingOf(ID, event, {
      score: 7,
      class: 'suspicious',
      message: `${event.name} loads, and so runs, what a host of nobody's sent.`,
      sources: taint,
    });
  }
  return findingOf(ID, event, {
    score: isChosen ? 6 : 10,
    class: isChosen ? 'suspicious' : 'malware',
    message: `${event.name} loads what was received over the network.`,
    sources: taint,
  });
}

/** `communicate(json.dumps(…))`, `input=json.dumps(…)`: no shell and no interpreter takes that for orders. */
function isDescription({ args, keywords }: CallEvent): boolean {
  return [...args, ...keywords.values()].some((value) => value.kind === 'ref' && /^json\.dumps\(\)/.test(value.name));
}

function processFinding(archive: Evidence, event: CallEvent): Finding | undefined {
  const command = archive.commands.get(event);
  if (command === undefined) return undefined;
  const isInput = (command.input.bits & LABEL.network) !== 0;
  const isReceived = (command.taint.bits & LABEL.network) !== 0;
  const isPython = /(?:^|\s)-\w*c(?:\s|$)/.test(command.text) && /python/i.test(command.program);
  const unasked = isUnasked(event.context);
  const isSocket = isFromSocket(command.taint) && (unasked || (!isArgument(command) && !isQuoted(event, command)));
  const isWord =
    isReceived &&
    ((command.isShell && /^\W*‹/.test(command.text) && (unasked || !isOwnProgram(command))) || isPython || isSocket);
  const isInline = (command.inline.bits & LABEL.network) !== 0;
  if (!isInput && !isWord && !isInline) return undefined;
  // A name of a file or an editor among what makes up the command: data had a part in it, and no order came.
  const isFed = isInput && !isDescription(event) && (command.program === '' || READS_ORDERS.test(command.program));
  const isCaller = isSocket && !unasked && isDialledByCaller(archive);
  // Who sends an order in letters that nobody reads wants it not to be seen.
  const isVeiled = isWord && VEIL.test(command.text);
  const isModel = !unasked && isFromModel(archive, isInput ? command.input : command.taint);
  const isPolled = isWord && !unasked && !isModel && isKeptQuiet(archive, event);
  const isVague =
    isModel || (!unasked && !isSocket && !isVeiled && (isInput ? !isFed : !isPython && isMixed(command.taint)));
  return findingOf(ID, event, {
    score: unasked || isVeiled || isPolled || (isSocket && !isCaller) ? 10 : isVague ? 3 : isInput || isWord ? 6 : 4,
    class: isVague && !isPolled ? 'suspicious' : 'malware',
    message: isModel
      ? `Runs ${MODEL}.`
      : isInput
        ? 'A process is fed what was received over the network.'
        : isInline
          ? 'An interpreter is handed text that was received over the network.'
          : 'A command received over the network is run.',
    sources: isInput ? command.input : command.taint,
  });
}

/** In a few lines, orders of a house that stands in the code and that the project does not speak of, run in a corner where no failure is heard. */
function isKeptQuiet(archive: Evidence, event: CallEvent): boolean {
  if (archive.pythonBytes >= SMALL_BYTES || !isQuiet(event)) return false;
  const requests = [...event.args, ...event.keywords.values()].flatMap(receivedFrom);
  return (
    requests.length > 0 &&
    requests.every((request) => {
      const address = request.keywords.get('url') ?? request.args[0] ?? NONE;
      const inner = address.kind === 'ref' ? (address.call?.args[0] ?? address) : address;
      const host = hostOf(textOf(inner)) ?? '';
      return !isChosenRequest(request) && host !== '' && !host.includes('‹') && !isMentioned(archive, { host });
    })
  );
}

/** Whether every connection of the archive goes where its caller or its configuration says, or nowhere: an agent of the caller's own. */
function isDialledByCaller({ traffic }: Evidence): boolean {
  const dialled = [...traffic].filter(([event]) => DIALS.test(event.name));
  return dialled.length > 0 && dialled.every(([, { isChosen, kind }]) => isChosen || kind === 'local');
}

/** A command line that comes out of a decoder. */
const VEIL = /^\W*‹[^›]*(?:b(?:16|32|64|85)decode|unhexlify|fromhex|decrypt|decompress)/;

const DIALS = /(?:^|\.)(?:connect(?:_ex|_tcp)?|create_connection|open_connection|ws_connect|WebSocketApp)$/;

/**
 * Received words behind a program that stands in the code and takes no orders: a revision for `git diff`. No shell reads
 * them, and which program starts is not theirs to say.
 */
function isArgument({ isShell, program, words, input }: Command): boolean {
  const [first] = words;
  if (isShell || first === undefined || first.includes('‹') || (input.bits & LABEL.network) !== 0) return false;
  return program !== '' && !/[‹%]/.test(program) && !READS_ORDERS.test(program) && !STARTS_OTHERS.test(program);
}

/** The same in a shell's line, when all that was received went through what leaves no sign that a shell heeds. */
function isQuoted({ args, keywords }: CallEvent, command: Command): boolean {
  const [line] = [...args, ...[keywords.get('args') ?? keywords.get('cmd')].filter((value) => value !== undefined)];
  return (
    line !== undefined &&
    command.programs.length === 1 &&
    isArgument({ ...command, isShell: false }) &&
    isAllFrom([line], LABEL.network, QUOTERS)
  );
}

/** A program of a fixed name in a folder beside the code that is called after a version which was asked for. */
function isOwnProgram({ words: [first = ''], programs }: Command): boolean {
  return programs.length === 1 && /^‹here›\/(?:[\w.-]+\/)*‹[^›]*›\/(?:[\w.-]+\/)*[\w-]+\.exe$/.test(first);
}

const QUOTERS = /^(?:urllib\.parse\.(?:quote|quote_plus|urlencode)|shlex\.quote)\(\)$/;

/** Programs that start or install what their words name; what is fetched by one is a file, see dropper. */
const STARTS_OTHERS = programPattern(
  OPENERS,
  PROXY_BINARIES,
  SYSTEM_FETCHERS,
  NETCATS,
  'mshta|socat|wmic|schtasks|reg|sc|net',
  'pip[d.]*|pipx|uvx?|npm|npx|yarn|gem|cargo|go|brew|apt|apt-get|dnf|yum',
  'chmod|screen|tmux|setsid|watch|timeout|nice|find|awk|sed|make|rm|del|taskkill|kill|shutdown',
);

/** Programs that take what stands on their standard input for orders. */
const READS_ORDERS = programPattern(
  INTERPRETERS,
  'pypy[\\d.]*|ipython|r|busybox|ssh|sudo|su|env|nohup|at|batch|crontab|xargs|parallel',
  'docker|kubectl|sqlite3|mysql|psql|gdb|tee|dd',
  // of a program without a known name nobody can say
  '.*‹.*',
);

/** Whether data of the caller, the environment or this machine went in as well. */
function isMixed({ bits }: Taint): boolean {
  return (bits & (LABEL.parameter | LABEL.variable | LABEL.file)) !== 0;
}

/** Who is at the other end cannot be the caller's choice, or says what to do in its own time. */
function isFromSocket(taint: Taint): boolean {
  return taint.origins.some(
    (o) =>
      o.label === LABEL.network &&
      /\.(?:recv|accept)|websocket|curl|wget|^header |^a (?:message of|request to) |^an account of /i.test(o.text),
  );
}

/** `exec(response)`, a command from a socket, `python -` fed by a download. */
export const remoteCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const found =
        event.sink === 'exec'
          ? execFinding(archive, event)
          : event.sink === 'deserialise'
            ? pickleFinding(event)
            : event.sink === 'process'
              ? processFinding(archive, event)
              : undefined;
      if (found !== undefined) findings.push(found);
    }
    return findings;
  },
};
