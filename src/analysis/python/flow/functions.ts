// Owns calls of functions and classes of the archive. May import machine. Start at callFunction.
import type { Arguments } from '../ast.ts';
import { isBeingRead, type Machine, NO_KEYWORDS, originTaint, spend } from './machine.ts';
import { isSecretName } from './models.ts';
import { innerScope, type Scope } from './scope.ts';
import { canSpare, grantFor, isAtBase, StepsExhausted, sizeOf, skimOwn } from './skimming.ts';
import { LABEL, unite } from './taint.ts';
import {
  type ClassValue,
  dict,
  type FunctionValue,
  type InstanceValue,
  isConstant,
  join,
  list,
  NONE,
  ref,
  type Site,
  taintOf,
  tuple,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

const MAX_CALL_DEPTH = 24;
const MAX_CONSTANT_DEPTH = 90;
/** Of one function in one reading with unknown arguments; beyond, its result is only tainted. */
const MAX_READINGS = 60;
/** The same where nothing says that the function runs at all. */
const MAX_LAZY_READINGS = 4;
const MAX_LAZY_DEPTH = 6;
/** The same where the steps of the root are used up: few enough that no chain of calls multiplies. */
const MAX_SKIMMED_READINGS = 3;
const SHORT_FUNCTION = 500;
const MAX_FINALIZERS = 40;

/** How a generator came to be, by the list of what it yields. */
const generators = new WeakMap<Value, (machine: Machine, sent: Value, site: Site) => Value>();

/** `generator.send(value)`: the body is read again, its `yield`s giving the value; undefined when it is no generator. */
export function sendTo(machine: Machine, generator: Value, sent: Value, site: Site): Value | undefined {
  return generators.get(generator)?.(machine, sent, site);
}

/** Reads the body with these arguments. */
export function callFunction(
  machine: Machine,
  callee: FunctionValue,
  givenArgs: readonly Value[],
  givenKeywords: ReadonlyMap<string, Value>,
  site: Site,
  sent?: Value,
): Value {
  const args = callee.bound.length > 0 ? [...callee.bound, ...givenArgs] : givenArgs;
  const keywords = callee.boundKeywords.size > 0 ? new Map([...callee.boundKeywords, ...givenKeywords]) : givenKeywords;
  spend(machine, 4);
  if (!mayEnter(machine, callee, args, keywords)) return unknown(argumentTaint(args, keywords));
  const scope = innerScope('function', callee.scope, callee.unit);
  scope.born = machine.uncertainty;
  bindArguments(callee, args, keywords, scope);
  const result = runBody(machine, callee, scope, site, sent);
  if (callee.isGenerator && sent === undefined)
    generators.set(result, (again, value, at) => callFunction(again, callee, givenArgs, givenKeywords, at, value));
  return result;
}

/**
 * Whether the body is read once more. What is known is computed however deep it goes; with anything unknown, be it handed
 * by name, a function that calls itself several times would double the work at each level.
 */
function mayEnter(
  machine: Machine,
  callee: FunctionValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): boolean {
  const isPlaceKnown = args.every((a) => isConstant(a));
  const areKnown = isPlaceKnown && areConstant(keywords);
  if (machine.frames.length >= (areKnown ? MAX_CONSTANT_DEPTH : MAX_CALL_DEPTH) || machine.depth > 900) return false;
  let inProgress = 0;
  for (const frame of machine.frames) if (frame.node === callee.node) inProgress++;
  if (machine.skim !== 'off' && machine.frames.length > 0)
    return (
      machine.skim === 'following' &&
      inProgress === 0 &&
      ((areKnown && canSpare(machine)) || countReading(machine, callee) <= MAX_SKIMMED_READINGS)
    );
  if (inProgress > (areKnown ? 60 : 1)) return false;
  if (areKnown) return true;
  if (!machine.isEager && !isPlaceKnown && !isWorthwhile(machine, callee)) return false;
  return countReading(machine, callee) <= (machine.isEager || isPlaceKnown ? MAX_READINGS : MAX_LAZY_READINGS);
}

function countReading({ readings }: Machine, { node }: FunctionValue): number {
  const count = (readings.get(node) ?? 0) + 1;
  readings.set(node, count);
  return count;
}

function areConstant(keywords: ReadonlyMap<string, Value>): boolean {
  if (keywords.size > 0) for (const value of keywords.values()) if (!isConstant(value)) return false;
  return true;
}

/** Where reading everything costs too much: short functions, and those that lead to something. */
function isWorthwhile(machine: Machine, callee: FunctionValue): boolean {
  const { node, unit } = callee;
  if (machine.frames.length > MAX_LAZY_DEPTH) return false;
  return node.end - node.start < SHORT_FUNCTION || machine.isInteresting(unit, node);
}

function argumentTaint(args: readonly Value[], keywords: ReadonlyMap<string, Value>): ReturnType<typeof taintOf> {
  let taint = taintOf(NONE);
  for (const arg of args) taint = unite(taint, taintOf(arg));
  if (keywords.size > 0) for (const arg of keywords.values()) taint = unite(taint, taintOf(arg));
  return taint;
}

function runBody(machine: Machine, callee: FunctionValue, scope: Scope, site: Site, sent: Value | undefined): Value {
  const { node } = callee;
  machine.visited.add(node);
  const isRoot = machine.frames.length === 0;
  if (isRoot) grantFor(machine, sizeOf(node));
  const isOutermost = !isRoot && isAtBase(machine);
  const { uncertainty } = machine;
  let isCutShort = false;
  machine.frames.push({ site, name: callee.name, node });
  const activation = {
    owner: callee.owner,
    self: callee.bound[0] ?? firstOf(scope),
    result: undefined as Value | undefined,
    yields: callee.isGenerator ? ([] as Value[]) : undefined,
    hasOpenYields: false,
    guardsBefore: machine.guards.length,
    sent,
  };
  machine.activations.push(activation);
  try {
    if (node.kind === 'Lambda') return machine.evaluate(node.body, scope);
    machine.execute(node.body, scope);
  } catch (error) {
    if (!(error instanceof StepsExhausted) || !isOutermost || machine.skim === 'own') throw error;
    isCutShort = true;
  } finally {
    machine.activations.pop();
    machine.frames.pop();
  }
  if (isCutShort) {
    machine.uncertainty = uncertainty;
    skimOwn(machine);
    return activation.result ?? UNKNOWN;
  }
  const { yields, result } = activation;
  // Where only a nested function yields, what this one returns is its value.
  if (yields !== undefined && (yields.length > 0 || result === undefined || result.kind === 'none'))
    return list(yields, activation.hasOpenYields);
  return result ?? NONE;
}

function firstOf(scope: Scope): Value | undefined {
  const [first] = scope.names.values();
  return first;
}

function parametersOf(args: Arguments): readonly { readonly arg: string }[] {
  return args.posonlyargs.length === 0 ? args.args : [...args.posonlyargs, ...args.args];
}

function bindArguments(
  callee: FunctionValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  scope: Scope,
): void {
  const declared = callee.node.args;
  const parameters = parametersOf(declared);
  const { names } = scope;
  const firstDefault = parameters.length - callee.defaults.length;
  const rest = keywords.get('**');
  // Only who collects the rest asks what has been taken.
  const used = declared.kwarg === undefined && rest === undefined ? undefined : new Set<string>();
  for (let i = 0; i < parameters.length; i++) {
    const { arg } = parameters[i]!;
    let value = args[i];
    if (value === undefined && keywords.has(arg)) {
      value = keywords.get(arg);
      used?.add(arg);
    }
    value ??= i >= firstDefault ? callee.defaults[i - firstDefault] : undefined;
    if (rest !== undefined && args[i] === undefined && used?.has(arg) !== true)
      value = value === undefined ? rest : join(value, unknown(taintOf(rest)));
    names.set(arg, value ?? UNKNOWN);
  }
  for (const { arg } of declared.kwonlyargs) {
    used?.add(arg);
    names.set(
      arg,
      keywords.get(arg) ?? callee.keywordDefaults.get(arg) ?? (rest === undefined ? UNKNOWN : unknown(taintOf(rest))),
    );
  }
  if (declared.vararg !== undefined) names.set(declared.vararg.arg, tuple(args.slice(parameters.length)));
  if (declared.kwarg !== undefined) {
    const more = dict();
    for (const [key, value] of keywords)
      if (used?.has(key) !== true && key !== '**') more.entries.set(`s${key}`, value);
    if (rest !== undefined) {
      more.isOpen = true;
      more.taint = taintOf(rest);
    }
    names.set(declared.kwarg.arg, more);
  }
}

/** Looks a member up along the bases. */
export function findMember(of: ClassValue, name: string, depth = 0): Value | undefined {
  const own = of.members.get(name);
  if (own !== undefined) return own;
  if (depth > 12) return undefined;
  for (const base of of.bases) {
    const found = base.kind === 'class' ? findMember(base, name, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names of the bases outside the archive. */
export function externalBases(of: ClassValue, depth = 0): string[] {
  const names: string[] = [];
  if (depth > 12) return names;
  for (const base of of.bases) {
    if (base.kind === 'ref') names.push(base.name);
    else if (base.kind === 'class') names.push(...externalBases(base, depth + 1));
    else if (base.kind === 'union') for (const o of base.options) if (o.kind === 'ref') names.push(o.name);
  }
  return names;
}

/** `Class(...)`. */
export function instantiate(
  machine: Machine,
  of: ClassValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  spend(machine, 4);
  const meta = machine.metaclasses.get(of);
  const call = meta === undefined ? undefined : findMember(meta, '__call__');
  if (call?.kind === 'function' && !isBeingRead(machine, call))
    callFunction(machine, { ...call, bound: [of] }, args, keywords, site);
  const create = findMember(of, '__new__');
  const created =
    create?.kind === 'function' ? callFunction(machine, create, [of, ...args], keywords, site) : undefined;
  // What `__new__` gives is the object, whatever it is.
  if (created !== undefined && isConstant(created) && created.kind !== 'none') return created;
  const made: InstanceValue =
    created?.kind === 'instance' && created.of === of
      ? created
      : { kind: 'instance', of, fields: new Map(), taint: argumentTaint([], NO_KEYWORDS) };
  const init = findMember(of, '__init__') ?? findMember(of, '__post_init__');
  if (init?.kind === 'function') callFunction(machine, { ...init, bound: [made, ...init.bound] }, args, keywords, site);
  else {
    const fields = declaredFields(of);
    args.forEach((value, i) => {
      made.fields.set(fields[i] ?? `arg${i}`, value);
    });
    for (const [key, value] of keywords) made.fields.set(key, value);
    fillDefaults(machine, made, fields, site);
  }
  const last = findMember(of, '__del__');
  if (last?.kind === 'function' && machine.finalizers.length < MAX_FINALIZERS)
    machine.finalizers.push({ callee: { ...last, bound: [made] }, site });
  return made;
}

/** Fields in the order of their declaration, those without a default included. */
function declaredFields(of: ClassValue): string[] {
  const names = new Set<string>();
  for (const base of of.bases) if (base.kind === 'class') for (const name of declaredFields(base)) names.add(name);
  for (const node of of.node?.body ?? [])
    if (node.kind === 'AnnAssign' && node.target.kind === 'Name' && !node.target.id.startsWith('_'))
      names.add(node.target.id);
  for (const name of of.members.keys()) if (!name.startsWith('_')) names.add(name);
  return [...names];
}

/** `field(default_factory=make)`: what is not given is made. */
function fillDefaults(machine: Machine, made: InstanceValue, fields: readonly string[], site: Site): void {
  for (const name of fields) {
    const given = made.fields.has(name) ? undefined : made.of.members.get(name);
    if (
      given?.kind !== 'ref' ||
      given.call === undefined ||
      !/(?:^|\.)(?:field|Factory|ib|attrib)\(\)$/.test(given.name)
    )
      continue;
    const factory = given.call.keywords.get('default_factory') ?? given.call.keywords.get('factory');
    if (factory !== undefined) made.fields.set(name, machine.call(factory, [], NO_KEYWORDS, site));
  }
}

/** What a parameter stands for when nobody's call is known. */
export function parameterValue(name: string, site: Site): Value {
  const label = isSecretName(name) ? LABEL.parameter | LABEL.secretParameter : LABEL.parameter;
  let taint = originTaint(LABEL.parameter, site, `parameter ${name}`);
  if ((label & LABEL.secretParameter) !== 0)
    taint = unite(originTaint(LABEL.secretParameter, site, `parameter ${name}`), taint);
  return ref(`?${name}`, taint);
}

/** `from_mnemonic(words)`: the name says what comes first, whatever that is called. */
const TAKES_KEY =
  /(?:^|_)(?:from|import|load|restore|recover|decrypt|derive)_?(?:mnemonic|private_?key|priv_?key|seed_?(?:phrase|words?)|secret_?key|wif|keypair)s?$/i;

function keyValue(name: string, site: Site): Value {
  const label = originTaint(LABEL.secretParameter, site, `parameter ${name} (a private key)`);
  return ref(`?${name}`, unite(label, originTaint(LABEL.parameter, site, `parameter ${name}`)));
}

/** The parameter by which a middleware of Django or Starlette is handed what anybody asked the server. */
function requestOf({ owner, name, node }: FunctionValue): string | undefined {
  const names = parametersOf(node.args).map(({ arg }) => arg);
  if (names.includes('call_next')) return names.find((one) => /^req(?:uest)?$/.test(one));
  if (owner === undefined || !/^(?:__a?call__|process_\w+)$/.test(name)) return undefined;
  const init = findMember(owner, '__init__');
  const isMiddleware =
    init?.kind === 'function' && parametersOf(init.node.args).some(({ arg }) => arg === 'get_response');
  return isMiddleware ? names[1] : undefined;
}

/** Arguments for a function that nothing is known to call: its defaults, and unknowns that remember their names. */
export function symbolicArguments(
  callee: FunctionValue,
  skip: number,
): { args: Value[]; keywords: Map<string, Value> } {
  const site: Site = { unit: callee.unit, node: callee.node };
  const parameters = parametersOf(callee.node.args).slice(skip);
  const firstDefault = parameters.length - callee.defaults.length;
  const asked = requestOf(callee);
  const args = parameters.map(({ arg }, i) => {
    if (arg === asked) return unknown(originTaint(LABEL.network, site, 'a request to the web server'));
    const given = callee.defaults[i - firstDefault];
    const symbol = i === 0 && TAKES_KEY.test(callee.name) ? keyValue(arg, site) : parameterValue(arg, site);
    return given === undefined ? symbol : join(given, symbol);
  });
  const keywords = new Map<string, Value>();
  for (const { arg } of callee.node.args.kwonlyargs) {
    const given = callee.keywordDefaults.get(arg);
    const symbol = parameterValue(arg, site);
    keywords.set(arg, given === undefined ? symbol : join(given, symbol));
  }
  const { vararg, kwarg } = callee.node.args;
  if (vararg !== undefined) args.push(parameterValue(vararg.arg, site));
  if (kwarg !== undefined) keywords.set('**', parameterValue(kwarg.arg, site));
  return { args, keywords };
}
