import { describe, expect, test } from 'vitest';
import type { Program } from '../../../../src/analysis/python/flow/machine.ts';
import { createMachine } from '../../../../src/analysis/python/flow/reading.ts';
import { optionsOf, type Value } from '../../../../src/analysis/python/flow/value.ts';
import { parsePython } from '../../../../src/analysis/python/parser.ts';

const program: Program = {
  findModule: () => undefined,
  findScript: () => undefined,
  findText: () => undefined,
  findBytes: () => undefined,
  parseText: () => undefined,
  decode: () => undefined,
};

/** What the names of a module may be once it was read. */
function namesOf(text: string): (name: string) => unknown[] {
  const machine = createMachine(program);
  machine.steps = 100_000;
  const unit = { path: 'a.py', module: 'a', text, isPackage: false };
  const { scope } = machine.load({ unit, module: parsePython(text).module });
  return (name) => optionsOf(scope.names.get(name) ?? { kind: 'none', taint: { bits: 0, origins: [] } }).map(shown);
}

function shown(value: Value): unknown {
  return 'value' in value ? value.value : value.kind;
}

describe('branches on conditions that are not known', () => {
  test('a name that one of them sets is what it was or what it is set to', () => {
    const names = namesOf('a = 1\nif unknown():\n    a = 2\n    b = 3\n');

    expect(names('a').toSorted()).toEqual([1, 2]);
    expect(names('b')).toEqual([3]);
  });

  test('a name that all of them set is no longer what it was', () => {
    const names = namesOf('a = 1\nif unknown():\n    a = 2\nelif other():\n    a = 3\nelse:\n    a = 4\n');

    expect(names('a').toSorted()).toEqual([2, 3, 4]);
  });

  test('a name that only some of them set may be what it was', () => {
    const names = namesOf('a = b = 1\nif unknown():\n    a = 2\n    a = 5\nelse:\n    b = 3\n');

    expect(names('a').toSorted()).toEqual([1, 5]);
    expect(names('b').toSorted()).toEqual([1, 3]);
  });

  test('what a branch sets before it leaves the function does not live on in it', () => {
    const names = namesOf(
      'def f():\n    a = 1\n    if unknown():\n        a = 2\n        return 9\n    else:\n        pass\n    return a\nr = f()\n',
    );

    expect(names('r').toSorted()).toEqual([1, 9]);
  });

  test('what it does to the module before it leaves does', () => {
    const names = namesOf(
      'a = 1\ndef f():\n    global a\n    if unknown():\n        a = 2\n        return\n    else:\n        pass\nf()\n',
    );

    expect(names('a').toSorted()).toEqual([1, 2]);
  });

  test('many names of one branch are joined like few', () => {
    const lines = Array.from({ length: 40 }, (_, i) => i);
    const before = lines.map((i) => `v${String(i)} = 0`).join('\n');
    const block = (by: number): string => lines.map((i) => `    v${String(i)} = ${String(i + by)}`).join('\n');

    const alone = namesOf(`${before}\nif unknown():\n${block(1)}\n`);
    const both = namesOf(`${before}\nif unknown():\n${block(1)}\nelse:\n${block(100)}\n`);

    for (const i of lines) {
      expect(alone(`v${String(i)}`).toSorted()).toEqual([0, i + 1].toSorted());
      expect(both(`v${String(i)}`).toSorted()).toEqual([i + 1, i + 100].toSorted());
    }
  });

  test('a branch inside a branch is undone with it where the other one is read', () => {
    const names = namesOf(
      'a = 1\nif unknown():\n    if other():\n        a = 2\n    b = a\nelse:\n    b = a\n    c = a\n',
    );

    expect(names('c')).toEqual([1]);
    expect(names('b').toSorted()).toEqual([1, 2]);
  });
});

describe('a function that yields', () => {
  test('gives all that it yields, whatever stands around it', () => {
    const names = namesOf(
      'def before():\n    return 1\ndef f():\n    yield 1\n    yield 2\ndef after():\n    return 3\na, b = f()\nc = before()\nd = after()\n',
    );

    expect([names('a'), names('b'), names('c'), names('d')]).toEqual([[1], [2], [1], [3]]);
  });
});
