// Owns the state of one reading of a program, and the events it leaves. May import value and scope. Start at Machine.
import type { ExecutionContext } from '../../report/finding.ts';
import type { Expr, Module, Node, Stmt } from '../ast.ts';
import type { SinkKind } from './models.ts';
import type { Scope } from './scope.ts';
import { type Skim, slowDown } from './skimming.ts';
import type { Stored } from './stored.ts';
import { type Label, type Taint, taintFrom } from './taint.ts';
import type {
  ClassValue,
  ExternalCall,
  FunctionValue,
  InstanceValue,
  ModuleValue,
  RefValue,
  Site,
  Unit,
  Value,
} from './value.ts';

/** A function of the archive that is being read, and where it was called. */
export interface Frame {
  readonly site: Site;
  readonly name: string;
  readonly node: Node;
}

/** Why code may not run each time: the branch or handler it stands in. */
export interface Guard {
  readonly kind: 'if' | 'except' | 'loop';
  readonly node: Node;
  /** of an `except`: the exceptions' names; of an `if`: source of the test, shortened */
  readonly text: string;
  /** the condition looks at what a person typed */
  readonly isAnswer?: boolean;
}

/** A call that does something to the world. */
export interface CallEvent {
  readonly order: number;
  readonly sink: SinkKind;
  readonly name: string;
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  readonly receiver: Value | undefined;
  readonly site: Site;
  readonly context: ExecutionContext;
  /** the root that is being read: `setup.py`, `pkg/a.py`, `pkg/a.py:send` */
  readonly root: string;
  /** outermost first */
  readonly frames: readonly Frame[];
  readonly guards: readonly Guard[];
  /** text that ran out of a value: how that text came about; outermost first */
  readonly layers: readonly Layer[];
  /** nobody looks at what it gives: it is a statement of its own */
  readonly isDiscarded: boolean;
}

/** Code that was a value before it ran. */
export interface Layer {
  readonly site: Site;
  /** what ran it: `exec`, `python -c`, `a file written and started` */
  readonly by: string;
  readonly taint: Taint;
  readonly text: string;
}

/** A file that the program wrote. */
export interface WrittenFile {
  readonly path: string;
  readonly content: Value;
  readonly event: CallEvent;
}

/** A text run by exec, eval or a command that could not be read as Python. */
export interface Opaque {
  readonly event: CallEvent;
  readonly value: Value;
  readonly why: 'unknown' | 'unparsable' | 'depth';
}

export type Completion = 'normal' | 'return' | 'break' | 'continue' | 'raise';

export interface JournalEntry {
  readonly names: Map<string, Value>;
  readonly key: string;
  readonly old: Value | undefined;
}

/** What a function call in progress collects. */
export interface Activation {
  /** of a method: its class and its first argument */
  readonly owner: ClassValue | undefined;
  readonly self: Value | undefined;
  result: Value | undefined;
  yields: Value[] | undefined;
  /** it yields in rounds that nobody counted */
  hasOpenYields: boolean;
  /** how many guards stood when it began */
  readonly guardsBefore: number;
  /** what `send` hands to a generator: the value of its `yield` */
  readonly sent: Value | undefined;
}

/** Code that no known path runs: read at the end, as if something had. */
export interface Skipped {
  readonly body: readonly Stmt[];
  readonly scope: Scope;
  readonly context: ExecutionContext;
}

/** What the machine needs to know of the archive. */
export interface Program {
  /** the member that an absolute dotted name means for an importer, parsed; undefined: not in the archive */
  findModule(name: string, importer: Unit): ParsedUnit | undefined;
  /** the member at a path relative to a unit's folder or the archive's root, parsed as Python; undefined: no such text */
  findScript(path: string, from: Unit): ParsedUnit | undefined;
  /** the text of a member at a path relative to a unit's folder or the root; undefined: none, or not text */
  findText(path: string, from: Unit): string | undefined;
  /** the bytes of a member, one character for each; undefined: none, or too large */
  findBytes(path: string, from: Unit): string | undefined;
  /** parses text that came out of the program itself; undefined when it is not Python */
  parseText(text: string, path: string): Module | undefined;
  /** decodes known bytes; undefined when the name is no decoder */
  decode(
    name: string,
    args: readonly Value[],
    keywords: ReadonlyMap<string, Value>,
    receiver: ExternalCall | undefined,
  ): Value | undefined;
}

export interface ParsedUnit {
  readonly unit: Unit;
  readonly module: Module;
}

/** One reading of one archive. */
export interface Machine {
  readonly program: Program;
  readonly events: CallEvent[];
  readonly opaque: Opaque[];
  readonly written: WrittenFile[];
  /** guarded data that calls outside put into files, by path */
  readonly spilled: Map<string, Stored>;
  readonly functions: FunctionValue[];
  readonly classes: ClassValue[];
  readonly skipped: Skipped[];
  /** parameters that became a private key outside, and that a client outside logs in with */
  readonly keyUses: Set<string>;
  readonly credentialUses: Set<string>;
  /** parameters that messages are signed with (HMAC) */
  readonly signingUses: Set<string>;
  /** parameters that are the address of a store of data, with what opens it */
  readonly connectionUses: Set<string>;
  /** parameters that stand in a header by which one signs in */
  readonly signIns: Set<string>;
  /** calls of `setup()` */
  readonly setups: {
    readonly keywords: ReadonlyMap<string, Value>;
    readonly site: Site;
    readonly context: ExecutionContext;
  }[];
  readonly loaded: Map<string, ModuleValue>;
  /** regular expressions that the program uses, as far as they are known */
  readonly patterns: { readonly text: string; readonly site: Site }[];
  /** functions handed to `codecs.register`, in order */
  readonly codecSearches: FunctionValue[];
  /** statements that a timer was given and that were read, their numbers aside */
  readonly measured: Set<string>;
  /** units that read the clipboard, by path */
  readonly clipboardReaders: Set<string>;
  /** handlers of `logging` that hand on what is logged, by the name of their logger */
  readonly logHandlers: { readonly logger: string; readonly handler: RefValue | InstanceValue }[];
  readonly instances: Map<ClassValue, InstanceValue>;
  /** text that became code, for the reader and for scanning again */
  readonly layerTexts: { readonly path: string; readonly text: string; readonly layer: Layer }[];
  /** classes of the archive that made a class of it */
  readonly metaclasses: Map<ClassValue, ClassValue>;
  /** folders that the program put on `sys.path`, as it names them */
  readonly searchFolders: Set<string>;
  /** variables of the environment that the program set */
  readonly variables: Map<string, Value>;
  /** how often something was taken out of a queue before anything was put into it */
  emptyTakes: number;
  /** attributes that the program set on functions */
  readonly functionFields: Map<Node, Map<string, Value>>;
  /** names that the program put among the builtins */
  readonly builtins: Map<string, Value>;
  /** what was raised and may be caught */
  raised: Value | undefined;
  /** `__del__` of objects of this root: Python calls them when nobody needs the object any more */
  finalizers: { readonly callee: FunctionValue; readonly site: Site }[];
  /** calls whose result is thrown away */
  readonly discarded: WeakSet<Node>;
  /** nodes of functions already read in some context */
  readonly visited: Set<Node>;
  readonly eventCounts: Map<string, number>;
  /** how often each function was entered in this root */
  readonly readings: Map<Node, number>;
  /** whether a function leads to something worth reading; the archive's answer */
  isInteresting: (unit: Unit, node: Node) => boolean;
  /** every call is followed: code that runs by itself, or a small archive */
  isEager: boolean;
  steps: number;
  /** a statement of the root ended in the middle, beyond what the engine of JavaScript holds */
  isBroken: boolean;
  /** see `skimming.ts` */
  skim: Skim;
  /** steps for skimming that are left, of all roots together */
  skimReserve: number;
  depth: number;
  context: ExecutionContext;
  root: string;
  frames: Frame[];
  guards: Guard[];
  layers: Layer[];
  activations: Activation[];
  journal: JournalEntry[] | undefined;
  /** the scope of the call being made: what `exec`, `globals()` and `locals()` see */
  currentScope: Scope | undefined;
  /** how deep in branches whose condition is unknown */
  uncertainty: number;
  /** somebody was asked to type something */
  hasAsked: boolean;
  /** branches taken on unknown conditions so far */
  branchCount: number;
  exhausted: string[];
  layerCount: number;
  evaluate(node: Expr, scope: Scope): Value;
  execute(body: readonly Stmt[], scope: Scope): Completion;
  call(callee: Value, args: readonly Value[], keywords: ReadonlyMap<string, Value>, site: Site): Value;
  attribute(value: Value, name: string, site: Site): Value;
  assign(target: Expr, value: Value, scope: Scope): void;
  /** reads text as code of the archive */
  runText(
    text: string,
    by: string,
    taint: Taint,
    scope: Scope | undefined,
    site: Site,
    mode: 'exec' | 'eval',
  ): Value | undefined;
  load(parsed: ParsedUnit): ModuleValue;
}

/** Takes steps off the root's; begins to skim when they are used up. Throws StepsExhausted when even that has no steps left. */
export function spend(machine: Machine, steps: number): void {
  machine.steps -= steps;
  if (machine.steps < 0) slowDown(machine);
}

/** Code that runs without anybody asking for it. */
export function isUnasked(context: ExecutionContext): boolean {
  return context === 'start-up' || context === 'install' || context === 'import';
}

/** Whether a function is being read already: what calls it again is itself, or something that it has called. */
export function isBeingRead({ frames }: Machine, { node }: FunctionValue): boolean {
  return frames.some((frame) => frame.node === node);
}

/** Sets a name, remembering what it was while a branch is open. */
export function write(machine: Machine, names: Map<string, Value>, key: string, value: Value): void {
  machine.journal?.push({ names, key, old: names.get(key) });
  names.set(key, value);
}

/** Sets a name of a scope; one that came to be inside the open branch needs no journal. */
export function writeName(machine: Machine, scope: Scope, key: string, value: Value): void {
  if (scope.born > 0 && scope.born >= machine.uncertainty) scope.names.set(key, value);
  else write(machine, scope.names, key, value);
}

/** Where a label comes from. */
export function originTaint(label: Label, site: Site, text: string): Taint {
  return taintFrom(label, site.unit.path, site.node.line, text);
}

export const NO_KEYWORDS: ReadonlyMap<string, Value> = new Map();
