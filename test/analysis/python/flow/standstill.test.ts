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

describe('a loop whose condition is known to hold', () => {
  test('ends soon when its rounds change nothing, and what follows is read', () => {
    const { named, steps } = read(
      'lines = ["", "text"]',
      'while lines and not lines[0].strip():',
      '    del lines[0]',
      'after = 7',
    );

    expect(steps).toBeLessThan(2_000);
    expect(known(named('after'))).toBe(7);
  });

  test('ends soon in a function that goes from a wrapped function to the same one', () => {
    const { steps } = read(
      'def bare(f):',
      '    while getattr(f, "__wrapped__", None) is not None:',
      '        f = f.__wrapped__',
      '    return f',
      'def one():',
      '    pass',
      'bare(one)',
    );

    expect(steps).toBeLessThan(2_000);
  });

  test('goes on for as long as a name counts its rounds', () => {
    const { named } = read(
      'out, i, done = "", 0, False',
      'data = [72, 105] * 300',
      'while not done:',
      '    out += chr(data[i] ^ 1)',
      '    i += 1',
      '    if i == len(data):',
      '        done = True',
    );

    expect(known(named('out'))).toBe('Ih'.repeat(300));
  });

  test('goes on for as long as the field of an object within an object counts them', () => {
    const { named } = read(
      'class Cursor:',
      '    def __init__(self):',
      '        self.at = 0',
      'class Reader:',
      '    def __init__(self):',
      '        self.cursor = Cursor()',
      '        self.done = False',
      '    def step(self):',
      '        self.cursor.at = self.cursor.at + 1',
      '        if self.cursor.at == 50:',
      '            self.done = True',
      'def run(reader):',
      '    while not reader.done:',
      '        reader.step()',
      '    return reader.cursor.at',
      'count = run(Reader())',
    );

    expect(known(named('count'))).toBe(50);
  });

  test('goes on for as long as a list gets longer', () => {
    const { named } = read('got = []', 'while len(got) != 300:', '    got.append(1)', 'count = len(got)');

    expect(known(named('count'))).toBe(300);
  });

  test('goes on for as long as an element of a list changes', () => {
    const { named } = read('at = [0, 5]', 'while at[0] < 300:', '    at[0] += 1', 'count = at[0]');

    expect(known(named('count'))).toBe(300);
  });
});
