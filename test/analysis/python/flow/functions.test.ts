import { describe, expect, test } from 'vitest';
import type { Program } from '../../../../src/analysis/python/flow/machine.ts';
import { createMachine } from '../../../../src/analysis/python/flow/reading.ts';
import type { Value } from '../../../../src/analysis/python/flow/value.ts';
import { parsePython } from '../../../../src/analysis/python/parser.ts';

const program: Program = {
  findModule: () => undefined,
  findScript: () => undefined,
  findText: () => undefined,
  findBytes: () => undefined,
  parseText: () => undefined,
  decode: () => undefined,
};

const STEPS = 1_000_000;

/** Reads a module: what a name holds at its end, and the steps that it took. */
function read(...lines: readonly string[]): { named: (name: string) => Value | undefined; steps: number } {
  const text = `${lines.join('\n')}\n`;
  const machine = createMachine(program);
  machine.steps = STEPS;
  const unit = { path: 'a.py', module: 'a', text, isPackage: false };
  const { scope } = machine.load({ unit, module: parsePython(text).module });
  return { named: (name) => scope.names.get(name), steps: STEPS - machine.steps };
}

const known = (value: Value | undefined): unknown =>
  value !== undefined && 'value' in value ? value.value : undefined;

describe('a function that calls itself with what is not known, by name', () => {
  test('is read like one that is called with it by place, and not twice as often at each level', () => {
    const { steps } = read(
      'def check(name, type):',
      '    if unknown(type):',
      '        check(name=name, type=one(type))',
      '        check(name=name, type=two(type))',
      '    if other(type):',
      '        check(name=name, type=three(type))',
      '        check(name=name, type=four(type))',
      'check(name=unknown(), type=unknown())',
    );

    expect(steps).toBeLessThan(5_000);
  });

  test('is computed as deep as it goes when everything is known', () => {
    const { named } = read(
      'def depth(left, made):',
      '    return made if left == 0 else depth(left=left - 1, made=made + "a")',
      'text = depth(left=40, made="")',
    );

    expect(known(named('text'))).toBe('a'.repeat(40));
  });
});
