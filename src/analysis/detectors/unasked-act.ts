// Owns what touches a person, a machine's settings or its ports although nobody asked: no request, no process. Start at unaskedAct.
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { taintOf, type Value } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, momentOf } from './detector.ts';

const ID = 'unasked-act';

interface Act {
  readonly score: number;
  readonly isMalware: boolean;
  readonly message: string;
}

/** The text of what an event is handed, holes as `‹…›`. */
function textsOf({ args, keywords }: CallEvent): string {
  return [...args.slice(0, 5), ...keywords.values()].map((value) => textOf(value).slice(0, 600)).join('\n');
}

/** A box, a sound, another wallpaper: it proves that code runs, and nothing that is installed needs it. */
function showing(event: CallEvent): Act | undefined {
  // `SystemParametersInfo(SPI_GET…)` asks for a setting of the screen.
  const [first] = event.args;
  if (first?.kind === 'ref' && /(?:^|\.)SPI_GET[A-Z]+$/.test(first.name)) return undefined;
  return {
    score: event.context === 'import' ? 4 : 6,
    isMalware: false,
    message: `Shows itself to whoever sits at the machine (${event.name.replace(/^.*\./, '')}) ${momentOf(event)}.`,
  };
}

/** Settings by which Windows guards itself, and by which others find their way. */
const GUARDING =
  /\\Policies\\|Disable(?:TaskMgr|RegistryTools|CMD|AntiSpyware)|Internet Settings|\bProxy(?:Server|Enable)|\\Winlogon|Internet Explorer\\+Main|\\SystemRestore|Windows Defender|\\Lsa\b/i;
/** What persistence tells, and how a terminal is told to show colours. */
const TOLD_ELSEWHERE = /\\Run(?:Once)?\b|\\Console\b|VirtualTerminalLevel/i;

function setting(event: CallEvent): Act | undefined {
  if (!/SetValue/.test(event.name)) return undefined;
  const [key] = event.args;
  const made = key?.kind === 'ref' ? key.call : undefined;
  const text = `${(made?.args ?? []).map((value) => textOf(value)).join('\n')}\n${textsOf(event)}`;
  if (TOLD_ELSEWHERE.test(text)) return undefined;
  const isGuarding = GUARDING.test(text);
  return {
    score: isGuarding ? 9 : 4,
    isMalware: isGuarding,
    message: `Changes ${isGuarding ? 'what guards the machine' : 'settings of the machine'} in the registry ${momentOf(event)}.`,
  };
}

/** Where a server says that it listens: `('', 80)`, `host='0.0.0.0'`, of itself or of what it was made with. */
function placeOf({ args, keywords, receiver }: CallEvent): string {
  const made = receiver?.kind === 'ref' ? receiver.call : undefined;
  const given: (Value | undefined)[] = [
    keywords.get('host'),
    keywords.get('address'),
    keywords.get('hostname'),
    ...args,
    ...(made?.args ?? []),
    made?.keywords.get('server_address'),
  ];
  return given
    .filter((value) => value !== undefined)
    .map((value) => (value.kind === 'sequence' ? value.elements.map((e) => textOf(e)).join(':') : textOf(value)))
    .join('\n');
}

/** A port that is open to other machines from the moment of an import or an install. */
function listening(event: CallEvent): Act | undefined {
  const place = placeOf(event);
  const isOpen = /(?:^|\n)(?:0\.0\.0\.0|::|:\d+)(?:$|[:\n])/.test(place);
  if (!isOpen) return undefined;
  return {
    score: event.context === 'import' ? 4 : 7,
    isMalware: false,
    message: `Opens a port to other machines ${momentOf(event)}.`,
  };
}

/** Words of the protocol between a miner and its pool. */
const MINING =
  /\bmining\.(?:subscribe|authorize|submit)\b|"method"\s*:\s*"(?:login|submit)"[^\n]{0,400}"(?:algo|agent|rigid)"/;

function mining(event: CallEvent): Act | undefined {
  if (!MINING.test(textsOf(event))) return undefined;
  return { score: 10, isMalware: true, message: `Mines coins for somebody ${momentOf(event)}.` };
}

/** Places of a user and of everybody, which no build writes to. */
const OUTSIDE =
  /^(?:\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|~[\\/](?!\.)|%PUBLIC%[\\/]|(?:%(?:HOME|USERPROFILE)%|\/home\/[^/]+|\/root|\/Users\/[^/]+|[A-Z]:[\\/]Users[\\/][^\\/]+)[\\/](?!\.|AppData)|[A-Z]:[\\/](?!Users)[^\\/]+$|\/[\w.-]+$)/i;

/** A file of fixed name and text outside of the build, which nothing reads again: a mark that says that code ran. */
function marking(event: CallEvent): Act | undefined {
  const [path, content] = event.args;
  if (event.context !== 'install' || path === undefined || content === undefined) return undefined;
  const place = textOf(path);
  if (place.includes('‹') || place.length > 200 || !OUTSIDE.test(place)) return undefined;
  if ((taintOf(content).bits & (LABEL.network | LABEL.decoded)) !== 0) return undefined;
  return { score: 4, isMalware: false, message: `Leaves a file outside of the build (${place.slice(0, 80)}).` };
}

const SETUID = 0o4000;

/** A program that runs with the rights of whoever owns it, whoever starts it. */
function lending(event: CallEvent): Act | undefined {
  const [, mode] = event.name.startsWith('pathlib.') ? [undefined, event.args[0]] : event.args;
  if (mode?.kind !== 'int' || (Number(mode.value) & SETUID) === 0) return undefined;
  return { score: 10, isMalware: true, message: `Lets a program run with the rights of its owner ${momentOf(event)}.` };
}

function actOf(event: CallEvent): Act | undefined {
  switch (event.sink) {
    case 'window':
      return showing(event);
    case 'registry':
      return setting(event);
    case 'server':
      return listening(event);
    case 'network':
      return mining(event);
    case 'write':
      return marking(event);
    case 'permissions':
      return lending(event);
    default:
      return undefined;
  }
}

/** Boxes, settings, open ports, mining and marks of code that nobody started. */
export const unaskedAct: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      if (!isUnasked(event.context) || archive.idleTests.has(event.root)) continue;
      const act = actOf(event);
      if (act === undefined) continue;
      const { score, isMalware, message } = act;
      findings.push(findingOf(ID, event, { score, class: isMalware ? 'malware' : 'suspicious', message }));
    }
    return findings;
  },
};
