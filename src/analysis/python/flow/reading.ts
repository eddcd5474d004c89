// Owns one reading of an archive's Python: builds the machine, runs roots in their context. Start at createMachine.
import type { ExecutionContext } from '../../report/finding.ts';
import { assign } from './assignments.ts';
import { attributeOf } from './attributes.ts';
import { callValue } from './calls.ts';
import { evaluate } from './expressions.ts';
import { findMember, instantiate, symbolicArguments } from './functions.ts';
import { type Machine, NO_KEYWORDS, type ParsedUnit, type Program } from './machine.ts';
import { moduleScope, type Scope } from './scope.ts';
import { grantFor, StepsExhausted } from './skimming.ts';
import { execute } from './statements.ts';
import { CLEAN, type Taint } from './taint.ts';
import {
  type ClassValue,
  type FunctionValue,
  type InstanceValue,
  type ModuleValue,
  type Site,
  str,
  type Unit,
  type Value,
} from './value.ts';

const MAX_LAYERS = 8;
const MAX_LAYER_COUNT = 400;

/** A machine that has read nothing yet. */
export function createMachine(program: Program): Machine {
  const machine: Machine = {
    program,
    events: [],
    opaque: [],
    written: [],
    spilled: new Map(),
    keyUses: new Set(),
    clipboardReaders: new Set(),
    credentialUses: new Set(),
    connectionUses: new Set(),
    signingUses: new Set(),
    signIns: new Set(),
    codecSearches: [],
    measured: new Set(),
    functions: [],
    classes: [],
    skipped: [],
    setups: [],
    loaded: new Map(),
    patterns: [],
    logHandlers: [],
    instances: new Map(),
    layerTexts: [],
    functionFields: new Map(),
    variables: new Map(),
    emptyTakes: 0,
    searchFolders: new Set(),
    metaclasses: new Map(),
    builtins: new Map(),
    raised: undefined,
    finalizers: [],
    discarded: new WeakSet(),
    visited: new Set(),
    eventCounts: new Map(),
    readings: new Map(),
    isInteresting: () => true,
    isEager: true,
    steps: 0,
    isBroken: false,
    skim: 'off',
    skimReserve: 0,
    depth: 0,
    context: 'none',
    root: '',
    frames: [],
    guards: [],
    layers: [],
    activations: [],
    journal: undefined,
    currentScope: undefined,
    uncertainty: 0,
    hasAsked: false,
    branchCount: 0,
    exhausted: [],
    layerCount: 0,
    evaluate: WAYS.evaluate,
    execute: WAYS.execute,
    call: WAYS.call,
    attribute: WAYS.attribute,
    assign: WAYS.assign,
    runText: WAYS.runText,
    load: WAYS.load,
  };
  return machine;
}

/**
 * How rooms of this folder reach one another without importing in circles. The same functions for every machine: V8 drops
 * what it has compiled of a function when nothing holds that any more, and these are the most called of all.
 */
const WAYS: Pick<Machine, 'evaluate' | 'execute' | 'call' | 'attribute' | 'assign' | 'runText' | 'load'> = {
  evaluate(this: Machine, node, scope) {
    return evaluate(this, node, scope);
  },
  execute(this: Machine, body, scope) {
    return execute(this, body, scope);
  },
  call(this: Machine, callee, args, keywords, site) {
    return callValue(this, callee, args, keywords, site);
  },
  attribute(this: Machine, value, name, site) {
    return attributeOf(this, value, name, site);
  },
  assign(this: Machine, target, value, scope) {
    assign(this, target, value, scope);
  },
  runText(this: Machine, text, by, taint, scope, site, mode) {
    return runText(this, text, by, taint, scope, site, mode);
  },
  load(this: Machine, parsed) {
    return load(this, parsed);
  },
};

/** Reads text as code where it runs; undefined when it is not Python, or too deep. */
function runText(
  machine: Machine,
  text: string,
  by: string,
  taint: Taint,
  scope: Scope | undefined,
  site: Site,
  mode: 'exec' | 'eval',
): Value | undefined {
  if (machine.layers.length >= MAX_LAYERS || machine.layerCount >= MAX_LAYER_COUNT) {
    if (machine.exhausted.length < 20)
      machine.exhausted.push(`decoded code at ${site.unit.path}:${site.node.line} goes deeper than it is followed`);
    return undefined;
  }
  const path = `${site.unit.path}#decoded-${machine.layerCount + 1}`;
  const module = machine.program.parseText(text, path);
  if (module === undefined) return undefined;
  machine.layerCount++;
  const unit: Unit = { path, module: site.unit.module, text, isPackage: site.unit.isPackage };
  const layer = { site, by, taint, text };
  machine.layerTexts.push({ path, text, layer });
  grantFor(machine, text.length);
  machine.layers.push(layer);
  const base = scope ?? moduleScope(unit);
  const inner: Scope = { ...base, unit };
  if (base.module === base) (inner as { module: Scope }).module = inner;
  try {
    const [only] = module.body;
    if (mode === 'eval' && only?.kind === 'Expr' && module.body.length === 1)
      return machine.evaluate(only.value, inner);
    machine.execute(module.body, inner);
    return str('');
  } finally {
    machine.layers.pop();
  }
}

/** Reads a member as a module, once. */
function load(machine: Machine, { unit, module }: ParsedUnit): ModuleValue {
  const known = machine.loaded.get(unit.path);
  if (known !== undefined) return known;
  const scope = moduleScope(unit);
  const value: ModuleValue = { kind: 'module', unit, scope };
  machine.loaded.set(unit.path, value);
  const [first] = module.body;
  if (first?.kind === 'Expr' && first.value.kind === 'Constant' && first.value.type === 'str')
    scope.names.set('__doc__', str(first.value.value));
  if (machine.depth > 700) return value;
  // A module's own statements belong to no function and no branch of its importer.
  const { journal, activations, guards, uncertainty } = machine;
  machine.journal = undefined;
  machine.activations = [];
  machine.uncertainty = 0;
  machine.depth += 40;
  machine.frames.push({ site: { unit, node: module }, name: `import of ${unit.path}`, node: module });
  grantFor(machine, unit.text.length);
  try {
    machine.execute(module.body, scope);
  } finally {
    machine.frames.pop();
    machine.depth -= 40;
    machine.journal = journal;
    machine.activations = activations;
    machine.guards = guards;
    machine.uncertainty = uncertainty;
  }
  return value;
}

/** Runs a root with its own steps; false when they did not suffice. */
export function runRoot(
  machine: Machine,
  root: string,
  context: ExecutionContext,
  steps: number,
  run: () => void,
): boolean {
  const reserve = Math.max(0, machine.steps);
  const share = Math.min(steps, reserve);
  machine.steps = share;
  machine.root = root;
  // Clearing makes a new table, even of nothing.
  if (machine.readings.size > 0) machine.readings.clear();
  machine.context = context;
  try {
    run();
    if (context !== 'call' && context !== 'test') finalize(machine);
    return machine.skim === 'off' && !machine.isBroken;
  } catch (error) {
    if (!(error instanceof StepsExhausted) && !(error instanceof RangeError)) throw error;
    if (machine.exhausted.length < 20) machine.exhausted.push(`${root} (${context})`);
    return false;
  } finally {
    machine.finalizers = [];
    const left = Math.max(0, machine.steps);
    machine.steps = machine.skim === 'off' ? reserve - (share - left) : reserve - share;
    if (machine.skim === 'following') machine.skimReserve += left;
    machine.skim = 'off';
    machine.isBroken = false;
    machine.frames = [];
    machine.guards = [];
    machine.layers = [];
    machine.activations = [];
    machine.journal = undefined;
    machine.uncertainty = 0;
    machine.depth = 0;
  }
}

/** The end of the objects that came to be. */
function finalize(machine: Machine): void {
  const { finalizers } = machine;
  machine.finalizers = [];
  for (const { callee, site } of finalizers) machine.call(callee, [], NO_KEYWORDS, site);
}

/** An instance made with unknown arguments, once for each class. */
export function symbolicInstance(machine: Machine, of: ClassValue): InstanceValue {
  const known = machine.instances.get(of);
  if (known !== undefined) return known;
  const placeholder: InstanceValue = { kind: 'instance', of, fields: new Map(), taint: CLEAN };
  machine.instances.set(of, placeholder);
  const init = findMember(of, '__init__');
  const site: Site = { unit: of.unit, node: of.node ?? ({ kind: 'Pass', start: 0, end: 0, line: 0 } as const) };
  const symbols = init?.kind === 'function' ? symbolicArguments(init, 1) : { args: [], keywords: NO_KEYWORDS };
  const made = instantiate(machine, of, init?.kind === 'function' ? symbols.args : [], symbols.keywords, site);
  if (made.kind === 'instance') machine.instances.set(of, made);
  return made.kind === 'instance' ? made : placeholder;
}

/** Calls a method or function as a stranger would. */
export function callAsStranger(machine: Machine, callee: FunctionValue): Value {
  const site: Site = { unit: callee.unit, node: callee.node };
  if (callee.owner !== undefined && callee.decoration !== 'static') {
    const self = callee.decoration === 'class' ? callee.owner : symbolicInstance(machine, callee.owner);
    const symbols = symbolicArguments(callee, 1);
    return machine.call({ ...callee, bound: [self] }, symbols.args, symbols.keywords, site);
  }
  const symbols = symbolicArguments(callee, callee.bound.length);
  return machine.call(callee, symbols.args, symbols.keywords, site);
}
