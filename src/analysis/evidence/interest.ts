// Owns which functions of a large archive are worth reading when nothing is known to call them. May import sources.
// Start at createInterest.
import type { Node } from '../python/ast.ts';
import type { Unit } from '../python/flow/value.ts';

/** Without one of these a function does nothing to the world by itself. Linear. */
const ACTS =
  /\b(?:exec|eval|execfile|__import__|import_module)\s*\(|\.(?:post|put|patch|urlopen|urlretrieve|sendall|sendto|send_message|send_document|send_photo|sendmail|connect|connect_ex|gethostbyname\w*|getaddrinfo|system|popen|getoutput|startfile|spawn[lvp]\w*|exec[lv]\w+|dup2|decrypt|LoadLibrary\w*|SetValueEx|VirtualAlloc\w*|screenshot|grab|Listener|on_press|GetAsyncKeyState|request|ws_connect|storbinary|clone_from|load_module|exec_module)\s*\(|\b(?:urlopen|urlretrieve|requests|httpx|subprocess|Popen|check_output|check_call|webhooks?|ctypes|windll|winreg|telebot|marshal|b64decode|fromhex|pyperclip|os\.environ|gethostname|CryptUnprotectData)\b/;
const MIN_NAME = 4;
const GENERIC = new Set(
  'main init setup load save read write open close start stop send call update create delete remove parse format print join split get_data append extend items keys values super isinstance getattr setattr hasattr range sorted list dict tuple string bytes type repr next iter filter zip enumerate property wrapper inner decorator callback handler process execute apply build make'.split(
    ' ',
  ),
);
const MAX_FUNCTION_TEXT = 40_000;
const MAX_DEFINITIONS = 3;
const ROUNDS = 2;

export interface FunctionPlace {
  readonly unit: Unit;
  readonly node: Node;
  readonly name: string;
}

/** Functions that act, and those that call one of them by a name that few functions bear. */
export function createInterest(functions: readonly FunctionPlace[]): (unit: Unit, node: Node) => boolean {
  const interesting = new Set<Node>();
  const definitions = new Map<string, number>();
  const units = new Map<Unit, readonly Place[]>();
  const taken = new Map<Unit, RegExp | undefined>();
  for (const { unit, node, name } of functions) {
    definitions.set(name, (definitions.get(name) ?? 0) + 1);
    let acts = units.get(unit);
    if (acts === undefined) {
      acts = actsOf(unit.text);
      units.set(unit, acts);
    }
    if (acts.length === 0) continue;
    if (isActing(unit, node, acts) || callsTaken(unit, textOf(unit, node), taken)) interesting.add(node);
  }
  const callers = new Map<string, Node[]>();
  for (let round = 0; round < ROUNDS; round++) {
    const names = new Set<string>();
    for (const { node, name } of functions)
      if (
        interesting.has(node) &&
        !GENERIC.has(name) &&
        name.length > 3 &&
        (definitions.get(name) ?? 0) <= MAX_DEFINITIONS
      )
        names.add(name);
    if (names.size === 0) break;
    if (round === 0) indexCalls(functions, definitions, callers);
    for (const name of names) for (const node of callers.get(name) ?? []) interesting.add(node);
  }
  return (_unit, node) => interesting.has(node);
}

/** `from subprocess import run as start`: names of modules that act, under another name. Linear; the word first, for which V8 leaps. */
const RENAMED =
  /from(?<=^[ \t]*from)[ \t]+(?:os|subprocess|socket|requests|httpx|urllib3?|urllib\.request|urllib2|http\.client|base64|binascii|marshal|ctypes|pty|builtins|importlib|pickle|winreg)[ \t]+import[ \t]+\(?([^\n)]{1,400})/gm;
const MAX_RENAMED = 40;

/** Whether a function calls something that its module took from one of those modules and gave another name. */
function callsTaken(unit: Unit, text: string, taken: Map<Unit, RegExp | undefined>): boolean {
  if (!taken.has(unit)) {
    const names: string[] = [];
    for (const [, list = ''] of unit.text.matchAll(RENAMED))
      for (const [, name = ''] of list.matchAll(/\bas\s+([A-Za-z_]\w*)/g))
        if (names.length < MAX_RENAMED) names.push(name);
    taken.set(unit, names.length === 0 ? undefined : new RegExp(`\\b(?:${names.join('|')})\\s*\\(`));
  }
  return taken.get(unit)?.test(text) === true;
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

function isActing(unit: Unit, node: Node, acts: readonly Place[]): boolean {
  // Nobody writes so much by hand: what acts may stand behind the part that is looked at.
  if (node.end - node.start > MAX_FUNCTION_TEXT) return true;
  let low = 0;
  for (let high = acts.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (acts[middle]!.start < node.start) low = middle + 1;
    else high = middle;
  }
  const first = acts[low];
  if (first === undefined || first.start >= node.end) return false;
  return first.end <= node.end || ACTS.test(textOf(unit, node));
}

function textOf(unit: Unit, node: Node): string {
  return unit.text.slice(node.start, Math.min(node.end, node.start + MAX_FUNCTION_TEXT));
}

/** Which functions call a name that is defined in the archive. By hand: a pattern makes an object of each call of each function. */
function indexCalls(
  functions: readonly FunctionPlace[],
  definitions: ReadonlyMap<string, number>,
  callers: Map<string, Node[]>,
): void {
  for (const { unit, node } of functions) {
    const text = textOf(unit, node);
    const seen = new Set<string>();
    for (let at = text.indexOf('('); at >= 0; at = text.indexOf('(', at + 1)) {
      const name = nameBefore(text, at);
      if (!definitions.has(name) || seen.has(name) || GENERIC.has(name)) continue;
      seen.add(name);
      const known = callers.get(name);
      if (known === undefined) callers.set(name, [node]);
      else known.push(node);
    }
  }
}

/** The name of at least four characters before a bracket; empty when there is none. */
function nameBefore(text: string, bracket: number): string {
  let end = bracket;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  let from = end;
  while (from > 0 && isWord(text.charCodeAt(from - 1))) from--;
  return end - from < MIN_NAME || isDigit(text.charCodeAt(from)) ? '' : text.slice(from, end);
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
