// Owns the functions that need the machine: they reach names, modules, code or the process. May import machine and the rest of this folder below it. Start at SPECIAL.
import type { Expr } from '../ast.ts';
import { CARRIERS } from './carriers.ts';
import { IMPORT_HOOKS } from './import-hooks.ts';
import { LOGGING } from './log-handlers.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { PATH_TESTS } from './path-objects.ts';
import { PROTOCOLS } from './protocols.ts';
import { moduleScope } from './scope.ts';
import type { Special, SpecialCall } from './special.ts';
import { CALLS } from './specials-calls.ts';
import { CODE } from './specials-code.ts';
import { OBJECTS } from './specials-objects.ts';
import { PROCESS } from './specials-process.ts';
import { STRING_CODE } from './string-code.ts';
import { dictWith } from './subscripts.ts';
import { NONE, ref, template, tuple, UNKNOWN, type Value, withTaint } from './value.ts';

/** A literal of Python in a text: numbers, texts and what is put together of them. */
function literalOf(machine: Machine, { args: [text], site }: SpecialCall): Value | undefined {
  // `literal_eval(repr(value))`
  const [whole, ...rest] = text?.kind === 'template' ? text.parts : [];
  if (whole !== undefined && typeof whole !== 'string' && rest.length === 0) return whole;
  if (text?.kind !== 'str') return undefined;
  const [only, ...more] = machine.program.parseText(text.value, site.unit.path)?.body ?? [];
  if (only?.kind !== 'Expr' || more.length > 0 || !isLiteral(only.value)) return undefined;
  return withTaint(machine.evaluate(only.value, moduleScope(site.unit)), text.taint);
}

function isLiteral(node: Expr): boolean {
  switch (node.kind) {
    case 'Constant':
      return true;
    case 'UnaryOp':
      return isLiteral(node.operand);
    case 'List':
    case 'Tuple':
    case 'Set':
      return node.elts.every(isLiteral);
    case 'Dict':
      return [...node.keys, ...node.values].every((part) => part !== undefined && isLiteral(part));
    default:
      return false;
  }
}

/** `Template('$a').substitute(a=value)`. */
function fillIn(_machine: Machine, { callee, args: [mapping], keywords }: SpecialCall): Value | undefined {
  const form = callee.call?.args[0];
  if (form?.kind !== 'str') return undefined;
  const parts = form.value.split(/\$(?:\{(\w+)\}|(\w+)|(\$))/);
  const filled: (string | Value)[] = [];
  for (let i = 0; i < parts.length; i += 4) {
    filled.push(parts[i] ?? '');
    const name = parts[i + 1] ?? parts[i + 2];
    if (parts[i + 3] !== undefined) filled.push('$');
    if (name === undefined) continue;
    const entry = mapping?.kind === 'dict' ? mapping.entries.get(`s${name}`) : undefined;
    filled.push(keywords.get(name) ?? entry ?? UNKNOWN);
  }
  return template(filled, form.taint);
}

function setup(machine: Machine, { args, keywords, site }: SpecialCall): Value {
  const merged = new Map(keywords);
  const rest = keywords.get('**');
  if (rest?.kind === 'dict') for (const [k, v] of rest.entries) merged.set(k.slice(1), v);
  if (machine.setups.length < 20) machine.setups.push({ keywords: merged, site, context: machine.context });
  return args[0] ?? NONE;
}

const MAX_PATTERNS = 2_000;

/** What a program looks for is worth knowing, however it is spelled. */
function notePattern(machine: Machine, { args, site }: SpecialCall): undefined {
  const [pattern] = args;
  if (pattern?.kind === 'str' && machine.patterns.length < MAX_PATTERNS)
    machine.patterns.push({ text: pattern.value, site });
}

const PATTERN_CALLS = ['compile', 'match', 'search', 'fullmatch', 'findall', 'finditer', 'sub', 'subn'];

const NOTHING: Special = () => UNKNOWN;

/** By canonical name; undefined results fall through to the general treatment. */
export const SPECIAL: ReadonlyMap<string, Special> = new Map<string, Special>([
  ...CODE,
  ...OBJECTS,
  ...CALLS,
  ...PROCESS,
  ['setuptools.setup', setup],
  ['numpy.distutils.core.setup', setup],
  ['skbuild.setup', setup],
  ...PATH_TESTS,
  [
    'str',
    (_machine, { args: [thrown] }) =>
      thrown?.kind === 'ref' && /(?:Error|Exception)\(\)$/.test(thrown.name) ? thrown.call?.args[0] : undefined,
  ],
  ['dict', (_machine, { args }) => (args[0]?.kind === 'ref' && args[0].name === 'os.environ' ? args[0] : undefined)],
  ['ast.literal_eval', literalOf],
  ['string.Template().substitute', fillIn],
  ['string.Template().safe_substitute', fillIn],
  ['threading.Thread().__init__', NOTHING],
  [
    'os.path.split',
    (machine, { args, site }) =>
      args[0] === undefined
        ? undefined
        : tuple(
            ['dirname', 'basename'].map((part) =>
              machine.call(ref(`os.path.${part}`), args.slice(0, 1), NO_KEYWORDS, site),
            ),
          ),
  ],
  ['collections.defaultdict', (_machine, { args }) => dictWith(args[0])],
  ...PATTERN_CALLS.map((name) => [`re.${name}`, notePattern] as const),
  ...PROTOCOLS,
  ...CARRIERS,
  ...LOGGING,
  ...STRING_CODE,
  ...IMPORT_HOOKS,
]);
