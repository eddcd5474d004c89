// Owns which functions of a large archive are worth reading when nothing is known to call them. May import sources.
// Start at createInterest.
import type { Node } from '../python/ast.ts';
import type { Unit } from '../python/flow/value.ts';

/** Without one of these a function does nothing to the world by itself. Linear. */
const ACTS =
  /\b(?:exec|eval|execfile|__import__|import_module)\s*\(|\.(?:post|put|patch|urlopen|urlretrieve|sendall|sendto|send_message|send_document|send_photo|sendmail|connect|connect_ex|gethostbyname\w*|getaddrinfo|system|popen|getoutput|startfile|spawn[lvp]\w*|exec[lv]\w+|dup2|decrypt|LoadLibrary\w*|SetValueEx|VirtualAlloc\w*|screenshot|grab|Listener|on_press|GetAsyncKeyState|request|ws_connect|storbinary|clone_from|load_module|exec_module)\s*\(|\b(?:urlopen|urlretrieve|requests|httpx|subprocess|Popen|check_output|check_call|webhooks?|ctypes|windll|winreg|telebot|marshal|b64decode|fromhex|pyperclip|os\.environ|gethostname|CryptUnprotectData|HTTPS?Connection|open_connection|create_connection|build_opener)\b/;
const MIN_NAME = 4;
const GENERIC = new Set(
  'main init setup load save read write open close start stop send call update create delete remove parse format print join split get_data append extend items keys values super isinstance getattr setattr hasattr range sorted list dict tuple string bytes type repr next iter filter zip enumerate property wrapper inner decorator callback handler process execute apply build make'.split(
    ' ',
  ),
);
/** A name that is made up where it is looked up: what acts is called something else then. Linear. */
const LOOKS_UP =
  /\bgetattr\s*\([^()\n]{1,60},\s*(?:[^'"\w\s]|\w+\s*[^\w\s,)]|['"]\w*['"]\s*[^\s,)])|\b__dict__\s*\[|\b(?:vars|globals|locals)\s*\([^()\n]{0,40}\)\s*\[/;
const MAX_FUNCTION_TEXT = 40_000;
const MAX_DEFINITIONS = 3;
/** How far callers of callers are followed. */
const HOPS = 2;

export interface FunctionPlace {
  readonly unit: Unit;
  readonly node: Node;
  readonly name: string;
}

/** Functions that act, and those that call one of them by a name that few functions bear. */
export function createInterest(functions: readonly FunctionPlace[]): (unit: Unit, node: Node) => boolean {
  const definitions = new Map<string, number>();
  const units = new Map<Unit, Traits>();
  let reached: FunctionPlace[] = [];
  for (const place of functions) {
    const { unit, node, name } = place;
    definitions.set(name, (definitions.get(name) ?? 0) + 1);
    let traits = units.get(unit);
    if (traits === undefined) {
      traits = traitsOf(unit.text);
      units.set(unit, traits);
    }
    if (isActing(unit, node, traits) || LOOKS_UP.test(textOf(unit, node))) reached.push(place);
  }
  const interesting = new Set(reached.map(({ node }) => node));
  const callers = reached.length > 0 ? indexCalls(functions, definitions) : undefined;
  for (let hop = 0; hop < HOPS; hop++) {
    const next: FunctionPlace[] = [];
    for (const { name } of reached) {
      if (!isTelling(name) || (definitions.get(name) ?? 0) > MAX_DEFINITIONS) continue;
      for (const caller of callers?.get(name) ?? []) {
        if (interesting.has(caller.node)) continue;
        interesting.add(caller.node);
        next.push(caller);
      }
    }
    reached = next;
  }
  return (_unit, node) => interesting.has(node);
}

/** A name by which one function is meant, wherever it is called. */
function isTelling(name: string): boolean {
  return name.length >= MIN_NAME && !GENERIC.has(name);
}

/** `from subprocess import run as start`: names of modules that act, under another name. Linear; the word first, for which V8 leaps. */
const RENAMED =
  /from(?<=^[ \t]*from)[ \t]+(?:os|subprocess|socket|requests|httpx|urllib3?|urllib\.request|urllib2|http\.client|base64|binascii|marshal|ctypes|pty|builtins|importlib|pickle|winreg)[ \t]+import[ \t]+\(?([^\n)]{1,400})/gm;
const MAX_RENAMED = 40;
/** `tell = urllib.request.urlopen`: the part of the line before what acts. */
const BOUND = /(?:^|\n)[ \t]*([A-Za-z_]\w*)[ \t]*(?::[^=\n]{1,60})?=(?!=)[^\n]*$/;
const BOUND_CHARACTERS = 120;

/** What a module says of the functions in it. */
interface Traits {
  /** everything in it that acts, ascending */
  readonly acts: readonly Place[];
  /** calls of something that acts and was given another name */
  readonly renamed: RegExp | undefined;
}

function traitsOf(text: string): Traits {
  const acts = actsOf(text);
  if (acts.length === 0) return { acts, renamed: undefined };
  const names = new Set<string>();
  for (const [, list = ''] of text.matchAll(RENAMED))
    for (const [, name = ''] of list.matchAll(/\bas\s+([A-Za-z_]\w*)/g)) names.add(name);
  for (const { start } of acts) {
    const bound = BOUND.exec(text.slice(Math.max(0, start - BOUND_CHARACTERS), start))?.[1];
    if (bound !== undefined) names.add(bound);
    if (names.size >= MAX_RENAMED) break;
  }
  const renamed = names.size === 0 ? undefined : new RegExp(`\\b(?:${[...names].join('|')})\\s*\\(`);
  return { acts, renamed };
}

/** A part of a text: offsets of its first character and behind its last. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Everything in a text that acts, ascending: looked for once, not once for each function around it. */
function actsOf(text: string): Place[] {
  const places: Place[] = [];
  const pattern = new RegExp(ACTS.source, 'g');
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    places.push({ start: match.index, end: match.index + match[0].length });
    // One that begins within another counts as well: the other may reach beyond the end of a function.
    pattern.lastIndex = match.index + 1;
  }
  return places;
}

function isActing(unit: Unit, node: Node, { acts, renamed }: Traits): boolean {
  if (acts.length === 0) return false;
  // Nobody writes so much by hand: what acts may stand behind the part that is looked at.
  if (node.end - node.start > MAX_FUNCTION_TEXT) return true;
  let low = 0;
  for (let high = acts.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (acts[middle]!.start < node.start) low = middle + 1;
    else high = middle;
  }
  const first = acts[low];
  if (first !== undefined && first.start < node.end && (first.end <= node.end || ACTS.test(textOf(unit, node))))
    return true;
  return renamed?.test(textOf(unit, node)) === true;
}

function textOf(unit: Unit, node: Node): string {
  return unit.text.slice(node.start, Math.min(node.end, node.start + MAX_FUNCTION_TEXT));
}

/** Which functions call a name that is defined in the archive. By hand: a pattern makes an object of each call of each function. */
function indexCalls(
  functions: readonly FunctionPlace[],
  definitions: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly FunctionPlace[]> {
  const callers = new Map<string, FunctionPlace[]>();
  for (const place of functions) {
    const text = textOf(place.unit, place.node);
    const seen = new Set<string>();
    for (let at = text.indexOf('('); at >= 0; at = text.indexOf('(', at + 1)) {
      const name = nameBefore(text, at);
      if (seen.has(name) || !isTelling(name) || !definitions.has(name)) continue;
      seen.add(name);
      const known = callers.get(name);
      if (known === undefined) callers.set(name, [place]);
      else known.push(place);
    }
  }
  return callers;
}

/** The name before a bracket; empty when there is none. */
function nameBefore(text: string, bracket: number): string {
  let end = bracket;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  let from = end;
  while (from > 0 && isWord(text.charCodeAt(from - 1))) from--;
  return isDigit(text.charCodeAt(from)) ? '' : text.slice(from, end);
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(String.fromCharCode(code)));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || isDigit(code);
}
