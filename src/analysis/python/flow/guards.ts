// Owns what conditions say of who gets past them: an answer at a prompt, a start as a program, a command of the author's. Start at guardOf.
import type { Call, Expr, Stmt } from '../ast.ts';
import type { Guard, Machine } from './machine.ts';
import { isInstallCommand, isPrefixOfInstall } from './models.ts';
import { lookUp, type Scope } from './scope.ts';
import { LABEL } from './taint.ts';
import { taintOf } from './value.ts';

/** The guard that a body stands behind, as a finding shows it. `kind`: what kind of statement asks. */
export function guardOf(machine: Machine, kind: Guard['kind'], node: Expr | Stmt, scope: Scope): Guard {
  const text = scope.unit.text.slice(node.start, Math.min(node.end, node.start + 160));
  const mayAnswer = kind === 'if' && (machine.hasAsked || text.includes('input'));
  return mayAnswer && isAnswer(text, scope) ? { kind, node, text, isAnswer: true } : { kind, node, text };
}

const MAX_NAMES = 12;

/** Whether a condition looks at what a person typed: at a prompt itself, or at a name that holds its answer. */
function isAnswer(test: string, scope: Scope): boolean {
  let seen = 0;
  for (const [name] of test.matchAll(/[A-Za-z_]\w*/g)) {
    const value = lookUp(scope, name);
    if (value !== undefined && value.kind !== 'module' && (taintOf(value).bits & LABEL.input) !== 0) return true;
    if ((name === 'input' || name === 'raw_input') && value === undefined) return true;
    if (++seen >= MAX_NAMES) break;
  }
  return false;
}

/** Whether a condition is `__name__ == '__main__'`, either way round. */
export function isMainTest(test: Expr): boolean {
  if (test.kind !== 'Compare' || test.comparators.length !== 1 || test.ops[0] !== 'Eq') return false;
  const sides = [test.left, test.comparators[0]!];
  return (
    sides.some((s) => s.kind === 'Name' && s.id === '__name__') &&
    sides.some((s) => s.kind === 'Constant' && s.type === 'str' && s.value === '__main__')
  );
}

/**
 * A test of the command line that only somebody passes who starts the program: `'--report' in sys.argv` where a module is
 * imported, `sys.argv[-1] == 'publish'` in setup.py, to which installers hand options and commands of their own.
 */
export function isStartedTest(machine: Machine, test: Expr, scope: Scope): boolean {
  const isInstall = machine.context === 'install';
  if (isInstall && test.kind === 'Call') return isCommandPrefix(machine, test, scope);
  if ((!isInstall && machine.context !== 'import') || test.kind !== 'Compare' || test.ops.length !== 1) return false;
  const [op] = test.ops;
  const [right] = test.comparators;
  const [word, place] = op === 'In' ? [test.left, right] : [right, test.left];
  if (word?.kind !== 'Constant' || word.type !== 'str' || place === undefined) return false;
  const isCommand = /^[a-z]\w+$/.test(word.value) && !isInstallCommand(word.value) && word.value !== 'clean';
  if (isInstall ? !isCommand : !/^--[a-z][\w-]+$/.test(word.value)) return false;
  return op === 'In'
    ? isArguments(machine, place, scope)
    : op === 'Eq' && isInstall && isCommandPlace(machine, place, scope);
}

/** `sys.argv[-1].startswith('publish')`: no command of an installer begins so. */
function isCommandPrefix(machine: Machine, { func, args, keywords }: Call, scope: Scope): boolean {
  const [word] = args;
  if (func.kind !== 'Attribute' || func.attr !== 'startswith' || args.length !== 1 || keywords.length > 0) return false;
  if (word?.kind !== 'Constant' || word.type !== 'str' || !/^[a-z]\w+$/.test(word.value)) return false;
  return !isPrefixOfInstall(word.value) && isCommandPlace(machine, func.value, scope);
}

function isArguments(machine: Machine, node: Expr, scope: Scope): boolean {
  const value = node.kind === 'Attribute' ? machine.evaluate(node, scope) : undefined;
  return value?.kind === 'ref' && value.name === 'sys.argv';
}

/** `sys.argv[1]`, `sys.argv[-1]`. */
function isCommandPlace(machine: Machine, node: Expr, scope: Scope): boolean {
  return node.kind === 'Subscript' && isArguments(machine, node.value, scope) && isOne(node.slice);
}

/** `1` and `-1`: where the command stands. */
function isOne(node: Expr): boolean {
  const index = node.kind === 'UnaryOp' && node.op === 'USub' ? node.operand : node;
  return index.kind === 'Constant' && index.type === 'int' && Number(index.value) === 1;
}
