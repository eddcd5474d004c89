import { describe, expect, test } from 'vitest';
import { DEFAULT_PARSE_LIMITS, type Expr, MAX_NESTING, type Stmt } from '../../../src/analysis/python/ast.ts';
import { parsePython } from '../../../src/analysis/python/parser.ts';
import { walk } from '../../../src/analysis/python/walk.ts';
import { show } from './show.ts';

function parse(text: string): readonly Stmt[] {
  const { module, errors, exhausted } = parsePython(text);
  expect(errors).toEqual([]);
  expect(exhausted).toBe(false);
  return module.body;
}

function expression(text: string): Expr {
  const [statement] = parse(text);
  if (statement?.kind !== 'Expr') throw new Error(`no expression: ${text}`);
  return statement.value;
}

function callees(text: string): string[] {
  const found: string[] = [];
  walk(parsePython(text).module, (node) => {
    if (node.kind === 'Call') found.push(text.slice(node.func.start, node.func.end));
    return true;
  });
  return found;
}

describe('expressions have the shape CPython gives them', () => {
  test.each([
    ['a + b * c', 'BinOp(left=a, op=Add, right=BinOp(left=b, op=Mult, right=c))'],
    ['a - b - c', 'BinOp(left=BinOp(left=a, op=Sub, right=b), op=Sub, right=c)'],
    ['-a ** -b', 'UnaryOp(op=USub, operand=BinOp(left=a, op=Pow, right=UnaryOp(op=USub, operand=b)))'],
    ['a ** b ** c', 'BinOp(left=a, op=Pow, right=BinOp(left=b, op=Pow, right=c))'],
    ['not a == b', 'UnaryOp(op=Not, operand=Compare(left=a, ops=[Eq], comparators=[b]))'],
    ['a < b is not c not in d', 'Compare(left=a, ops=[Lt, IsNot, NotIn], comparators=[b, c, d])'],
    ['a or b and c or d', 'BoolOp(op=Or, values=[a, BoolOp(op=And, values=[b, c]), d])'],
    [
      'a | b ^ c & d << e',
      'BinOp(left=a, op=BitOr, right=BinOp(left=b, op=BitXor, right=BinOp(left=c, op=BitAnd, right=BinOp(left=d, op=LShift, right=e))))',
    ],
    ['a if b else c if d else e', 'IfExp(test=b, body=a, orelse=IfExp(test=d, body=c, orelse=e))'],
    ['lambda a, *b, c=1, **d: a', 'Lambda(args=arguments(args=[Arg], vararg=Arg), body=a)'],
    [
      'f(a, *b, k=c, **d)',
      'Call(func=f, args=[a, Starred(value=b)], keywords=[keyword(arg=k, value=c), keyword(value=d)])',
    ],
    [
      'f(x for x in y)',
      'Call(func=f, args=[GeneratorExp(elt=x, generators=[comprehension(target=x, iter=y, is_async=0)])])',
    ],
    [
      'a.b[1:2, ::3](c)',
      'Call(func=Subscript(value=Attribute(value=a, attr=b), slice=Tuple(elts=[Slice(lower=1, upper=2), Slice(step=3)])), args=[c])',
    ],
    ['a[*b]', 'Subscript(value=a, slice=Tuple(elts=[Starred(value=b)]))'],
    ['{**a, 1: 2}', 'Dict(keys=[None, 1], values=[a, 2])'],
    [
      '{a for a in b if c if d}',
      'SetComp(elt=a, generators=[comprehension(target=a, iter=b, ifs=[c, d], is_async=0)])',
    ],
    ['[y := f(x), y]', 'List(elts=[NamedExpr(target=y, value=Call(func=f, args=[x])), y])'],
    ['(yield x)', 'Yield(value=x)'],
    ['()', 'Tuple()'],
    ['await f()', 'Await(value=Call(func=f))'],
    ['"a" "b"', '"ab"'],
    ['b"a\\x00" b"b"', "b'a\0b'"],
    ['None, True, ..., 1.5, 0x_ff', 'Tuple(elts=[None, true, ..., 1.5, 255])'],
  ])('%s', (text, expected) => {
    const shown = show(expression(text)).replace(/arguments\(.*?\), body/, 'arguments(args=[Arg], vararg=Arg), body');

    expect(shown).toBe(expected);
  });

  test('integers beyond 2^53 are bigints and shorter ones numbers', () => {
    expect(expression('9007199254740991')).toMatchObject({ type: 'int', value: 9007199254740991 });
    expect(expression('0xffffffffffffffffffff')).toMatchObject({ type: 'int', value: 0xffffffffffffffffffffn });
    expect(expression('2j')).toMatchObject({ type: 'complex', value: 2 });
    expect(expression('1.0')).toMatchObject({ type: 'float', value: 1 });
  });

  test('positions cover the source of a node without its parentheses', () => {
    const text = 'x = (\n  (os).system("a")\n)';
    const [assign] = parse(text);
    if (assign?.kind !== 'Assign') throw new Error('no assignment');

    expect(text.slice(assign.value.start, assign.value.end)).toBe('(os).system("a")');
    expect(assign.value.line).toBe(2);
    expect(text.slice(assign.start, assign.end)).toBe(text);
  });
});

describe('strings', () => {
  test.each([
    ["'\\x41\\u0042\\U00000043\\104\\n\\\n!'", 'ABCD\n!'],
    ["'\\q\\N{LATIN SMALL LETTER E}\\N{no such}'", '\\qe\ufffd'],
    ["r'\\x41'", '\\x41'],
    ["'''a\r\nb\rc'''", 'a\nb\nc'],
    ["'\\ud83d\\ude00'", '\ud83d\ude00'],
    ["'\\U0001f600'", '\u{1f600}'],
    ["u'a' R'\\\\'", 'a\\\\'],
  ])('%j', (text, value) => {
    expect(expression(text)).toMatchObject({ type: 'str', value });
  });

  test('f-strings nest quotes, fields and format specifications', () => {
    expect(show(expression('f"{a["k"]!r:>{w}} {{x}}" "y"'))).toBe(
      'JoinedStr(values=[FormattedValue(value=Subscript(value=a, slice="k"), conversion=114, ' +
        'format_spec=JoinedStr(values=[">", FormattedValue(value=w, conversion=-1)])), " {x}y"])',
    );
    expect(show(expression("f'{x = }'"))).toBe('JoinedStr(values=["x = ", FormattedValue(value=x, conversion=114)])');
    expect(show(expression('f"""{\n a }"""'))).toBe('JoinedStr(values=[FormattedValue(value=a, conversion=-1)])');
  });

  test('code inside a t-string is seen', () => {
    expect(callees('t"{eval(y)!s}"')).toEqual(['eval']);
    expect(show(expression('t"a{b}"'))).toBe('TemplateStr(values=["a", Interpolation(value=b, str=b, conversion=-1)])');
  });
});

describe('statements', () => {
  test.each([
    ['a = b, *c = d', 'Assign(targets=[a, Tuple(elts=[b, Starred(value=c)])], value=d)'],
    ['a: int = 1', 'AnnAssign(target=a, annotation=int, value=1, simple=1)'],
    ['(a): int', 'AnnAssign(target=a, annotation=int, simple=0)'],
    ['a **= 2', 'AugAssign(target=a, op=Pow, value=2)'],
    ['import a.b as c, d', 'Import(names=[alias(name=a.b, asname=c), alias(name=d)])'],
    [
      'from ...a.b import (c as d, e,)',
      'ImportFrom(module=a.b, names=[alias(name=c, asname=d), alias(name=e)], level=3)',
    ],
    ['from . import *', 'ImportFrom(names=[alias(name=*)], level=1)'],
    ['del (a, b), c', 'Delete(targets=[Tuple(elts=[a, b]), c])'],
    ['raise a from b', 'Raise(exc=a, cause=b)'],
    ['assert a, b', 'Assert(test=a, msg=b)'],
    ['global a, b', 'Global(names=[a, b])'],
    [
      'type X[T: int, *Ts, **P] = T',
      'TypeAlias(name=X, type_params=[TypeVar(name=T, bound=int), TypeVarTuple(name=Ts), ParamSpec(name=P)], value=T)',
    ],
    [
      'if a: b\nelif c: d\nelse: e',
      'If(test=a, body=[Expr(value=b)], orelse=[If(test=c, body=[Expr(value=d)], orelse=[Expr(value=e)])])',
    ],
    ['for a, b in c: pass\nelse: pass', 'For(target=Tuple(elts=[a, b]), iter=c, body=[Pass()], orelse=[Pass()])'],
    ['while (a := b): break', 'While(test=NamedExpr(target=a, value=b), body=[Break()])'],
    [
      'with (a as b, c): pass',
      'With(items=[withitem(context_expr=a, optional_vars=b), withitem(context_expr=c)], body=[Pass()])',
    ],
    [
      'with (a, b) as c: pass',
      'With(items=[withitem(context_expr=Tuple(elts=[a, b]), optional_vars=c)], body=[Pass()])',
    ],
    ['with (yield): pass', 'With(items=[withitem(context_expr=Yield())], body=[Pass()])'],
    [
      'try: a\nexcept* E as e: b\nfinally: c',
      'TryStar(body=[Expr(value=a)], handlers=[ExceptHandler(type=E, name=e, body=[Expr(value=b)])], finalbody=[Expr(value=c)])',
    ],
    ['async def f(): return 1', 'AsyncFunctionDef(name=f, args=arguments(), body=[Return(value=1)])'],
    [
      '@a.b(c)\nclass A[T](B, metaclass=M): pass',
      'ClassDef(name=A, bases=[B], keywords=[keyword(arg=metaclass, value=M)], body=[Pass()], decorator_list=[Call(func=Attribute(value=a, attr=b), args=[c])], type_params=[TypeVar(name=T)])',
    ],
    [
      'def f(a, /, b: int = 1, *, c) -> int: pass',
      'FunctionDef(name=f, args=arguments(posonlyargs=[arg(arg=a)], args=[arg(arg=b, annotation=int)], kwonlyargs=[arg(arg=c)], kw_defaults=[None], defaults=[1]), body=[Pass()], returns=int)',
    ],
    [
      'match x:\n case [1, *_] | {"a": b, **r} if c: pass\n case P(d, e=-1) as f: pass',
      'Match(subject=x, cases=[match_case(pattern=MatchOr(patterns=[MatchSequence(patterns=[MatchValue(value=1), MatchStar()]), MatchMapping(keys=["a"], patterns=[MatchAs(name=b)], rest=r)]), guard=c, body=[Pass()]), match_case(pattern=MatchAs(pattern=MatchClass(cls=P, patterns=[MatchAs(name=d)], kwd_attrs=[e], kwd_patterns=[MatchValue(value=UnaryOp(op=USub, operand=1))]), name=f), body=[Pass()])])',
    ],
    [
      'match[x](y); case = type',
      'Expr(value=Call(func=Subscript(value=match, slice=x), args=[y])), Assign(targets=[case], value=type)',
    ],
  ])('%s', (text, expected) => {
    expect(parse(text).map(show).join(', ')).toBe(expected);
  });
});

describe('Python 2', () => {
  test.each([
    ['print "a", x', 'Expr(value=Call(func=print, args=["a", x]))'],
    ['print >>f, x', 'Expr(value=Call(func=print, args=[x], keywords=[keyword(arg=file, value=f)]))'],
    [
      'print [c for c in s]',
      'Expr(value=Call(func=print, args=[ListComp(elt=c, generators=[comprehension(target=c, iter=s, is_async=0)])]))',
    ],
    ['exec code in g, l', 'Expr(value=Call(func=exec, args=[code, g, l]))'],
    ['raise E, "x", tb', 'Raise(exc=Call(func=E, args=["x", tb]))'],
    [
      'try: a\nexcept (A, B), e: b',
      'Try(body=[Expr(value=a)], handlers=[ExceptHandler(type=Tuple(elts=[A, B]), name=e, body=[Expr(value=b)])])',
    ],
    [
      'x = `y` <> 0777L + 10l',
      'Assign(targets=[x], value=Compare(left=Call(func=repr, args=[y]), ops=[NotEq], comparators=[BinOp(left=511, op=Add, right=10)]))',
    ],
    ["ur'a'", 'Expr(value="a")'],
    [
      'def f(a, (b, c)): pass',
      'FunctionDef(name=f, args=arguments(args=[arg(arg=a), arg(arg=.1)]), body=[Assign(targets=[Tuple(elts=[b, c])], value=.1), Pass()])',
    ],
  ])('%s', (text, expected) => {
    expect(parse(text).map(show).join(', ')).toBe(expected);
    expect(parsePython(text).isPython2).toBe(true);
  });

  test('print and exec as functions, and except with two classes, are Python 3', () => {
    const text = 'print("a")\nexec("b")\nprint\ntry: a\nexcept A, B: b\nasync = print -1';

    expect(parsePython(text)).toMatchObject({ isPython2: false, errors: [] });
  });
});

describe('layout', () => {
  test('a BOM, form feeds, tabs, continuations and every line end are read as Python reads them', () => {
    const text = '\ufeff\fif a:\r\n\tb(1,\r\n2)\r\tc \\\n (d)\nelse:\r  e()';

    expect(callees(text)).toEqual(['b', 'c', 'e']);
    expect(parsePython(text).errors).toEqual([]);
  });

  test('fullwidth and mathematical letters are the names Python reads, and are reported', () => {
    const { module, respelled } = parsePython('\uff45\uff56\uff41\uff4c(x)\n\u{1d5c2}');

    expect(module.body.map(show)).toEqual(['Expr(value=Call(func=eval, args=[x]))', 'Expr(value=i)']);
    expect(respelled.map(({ read, line }) => `${line} ${read}`)).toEqual(['1 eval', '2 i']);
  });

  test('code pushed out of sight by blanks is reported', () => {
    const { gaps } = parsePython(`import os;${' '.repeat(150)}exec(x)\na = 1${' '.repeat(200)}# far\n`);

    expect(gaps).toEqual([{ line: 1, width: 150 }]);
  });
});

describe('broken text', () => {
  test.each([
    ['a stray character', 'a()\nb() $ c()\nd()', ['a', 'b', 'c', 'd']],
    ['a bracket left open', 'a()\nfoo((\nb()\ndef f(): c()\n', ['a', 'b', 'c']],
    ['a bracket closed twice', 'a())\nb()', ['a', 'b']],
    ['a triple quote left open', 'a()\nx = """\nb()\ndef f():\n  c()\n', ['a', 'b', 'c']],
    ['a string left open', 'a("x)\nb()', ['b']],
    ['a broken header', 'def f(a b):\n  c()\n\nd()', ['c', 'd']],
    ['an else without an if', 'a()\nelse:\n  b()\nc()', ['a', 'b', 'c']],
    ['a broken branch', 'if a():\n  b()\nelif c( d():\n  e()\nf()', ['a', 'b', 'd', 'e', 'f']],
    ['an unexpected indent', 'a()\n    b()\nc()', ['a', 'b', 'c']],
    ['an argument that is none', 'a(b(1), c(2) d(3))\ne()', ['b', 'c', 'd', 'e']],
    ['a lone decorator', '@a()\nb()', ['a', 'b']],
    ['a broken f-string', 'a(f"{b(}")\nc()', ['c']],
  ])('%s costs as little as possible', (_what, text, expected) => {
    expect(callees(text)).toEqual(expected);
    expect(parsePython(text).errors.length).toBeGreaterThan(0);
  });

  test('strings of a broken line are kept', () => {
    expect(parsePython('f(g, "aHR0cA==" "b" $)').module.body.map(show)).toContain('Expr(value="aHR0cA==b")');
  });

  test('a statement that is whole stands, whatever follows it on its line', () => {
    expect(parsePython('x = f() $ g()').module.body.map(show)).toEqual([
      'Assign(targets=[x], value=Call(func=f))',
      'Expr(value=Call(func=g))',
    ]);
  });

  test('an error names its line', () => {
    expect(parsePython('a\nb c\n').errors).toEqual([{ line: 2, message: 'invalid syntax' }]);
  });
});

describe('hostile text', () => {
  const many = 200_000;
  test.each([
    ['open parentheses', '('.repeat(many)],
    ['nested pairs', `${'('.repeat(many)}${')'.repeat(many)}`],
    ['open brackets on lines', 'f(\n'.repeat(many)],
    ['minus signs', `x = ${'-'.repeat(many)}1`],
    ['nots', `x = ${'not '.repeat(many)}1`],
    ['lambdas', `x = ${'lambda:'.repeat(many)}1`],
    ['powers', `x = ${'1**'.repeat(many)}1`],
    ['conditionals', `x = ${'1 if 1 else '.repeat(many)}1`],
    ['nested f-strings', 'f"{'.repeat(many)],
    ['nested patterns', `match x:\n case ${'['.repeat(many)}`],
    ['indentation', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}if a:`).join('\n')],
    ['errors', '$\n'.repeat(many)],
  ])('%s exhaust the parser and do not throw', (_what, text) => {
    expect(parsePython(text).exhausted).toBe(true);
  });

  test.each([
    ['attributes', `a${'.a'.repeat(many)}`, many],
    ['calls', `a${'()'.repeat(many)}`, many],
    ['sums', `a${'+a'.repeat(many)}`, many],
    ['elifs', `if a: pass\n${'elif a: pass\n'.repeat(many)}`, many],
  ])('long spines of %s are kept and can be walked', (_what, text, least) => {
    const { module, exhausted } = parsePython(text);
    let count = 0;
    walk(module, () => {
      count++;
      return true;
    });

    expect(exhausted).toBe(false);
    expect(count).toBeGreaterThan(least);
  });

  test('what CPython still nests is read', () => {
    const deep = 180;

    expect(parsePython(`x = ${'('.repeat(deep)}a${')'.repeat(deep)}`)).toMatchObject({ errors: [], exhausted: false });
    expect(MAX_NESTING).toBeGreaterThan(200);
  });

  test('unclosed triple quotes and brackets are not read again and again', () => {
    const started = performance.now();
    parsePython('x = """\ny = (\n'.repeat(50_000));
    parsePython(`${'f(\n'.repeat(150)}${'a b\n'.repeat(50_000)}`);

    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('a literal of millions of characters is one constant', () => {
    const [statement] = parse(`x = "${'A'.repeat(5_000_000)}"`);

    expect(statement?.kind === 'Assign' && statement.value.kind === 'Constant' ? statement.value.type : '').toBe('str');
  });

  test('the token limit cuts a giant line and says so', () => {
    const text = `a()\nx = [${'1,'.repeat(5000)}]\nb()`;

    expect(parsePython(text, { ...DEFAULT_PARSE_LIMITS, maxTokens: 1000 }).exhausted).toBe(true);
  });

  test('colliding names cost no more than others', () => {
    // 'Aa' and 'BB' have the same hash under 31, and so have all words of them
    const words = Array.from({ length: 1 << 13 }, (_, bits) =>
      Array.from({ length: 13 }, (_bit, i) => (((bits >> i) & 1) === 1 ? 'Aa' : 'BB')).join(''),
    );
    const { module } = parsePython(words.join('\n'));

    expect(module.body.map((statement) => (statement.kind === 'Expr' ? show(statement.value) : ''))).toEqual(words);
  });

  test('mutations of real code never throw, and nodes stay inside the text', () => {
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      return Math.floor(((seed >>> 0) / 2 ** 32) * below);
    };
    const parts = [
      '"',
      "'''",
      '(',
      ')',
      '{',
      '}',
      '\\',
      '\n',
      '    ',
      'f"{',
      ':',
      '=',
      'lambda ',
      'def ',
      '`',
      '\0',
      '\u00e9',
    ];
    const base =
      'import os\n\n\ndef f(a, *b):\n    """Doc."""\n    if a[1:] == f"{b!r:>{3}}":\n        return [x for x in b]\n';
    for (let round = 0; round < 3000; round++) {
      let text = base;
      for (let change = 0; change < 4; change++) {
        const at = random(text.length);
        text = text.slice(0, at) + (parts[random(parts.length)] ?? '') + text.slice(at + random(3));
      }
      walk(parsePython(text).module, (node) => {
        if (node.start < 0 || node.end > text.length || node.start > node.end) throw new Error(`${node.kind}: ${text}`);
        return true;
      });
    }
  });
});
