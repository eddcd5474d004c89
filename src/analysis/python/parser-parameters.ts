// Owns the parameter lists of functions and lambdas, Python 2's tuple parameters among them, and type parameters.
// May import parser-expressions.ts, tokens.ts, ast.ts, lists.ts. Start at parseParameters.
import type { Arg, Arguments, Assign, Expr, TypeParam } from './ast.ts';
import { trimmed } from './lists.ts';
import { ExpressionParser } from './parser-expressions.ts';
import { setContext } from './targets.ts';
import { COLON, COMMA, DSTAR, EQUAL, LPAR, LSQB, RSQB, SLASH, STAR } from './tokens.ts';

const NO_TYPES: readonly TypeParam[] = [];

/** Parameters as they come in. */
class ParameterList {
  posonlyargs: Arg[] = [];
  args: Arg[] = [];
  vararg: Arg | undefined;
  readonly kwonlyargs: Arg[] = [];
  readonly kw_defaults: (Expr | undefined)[] = [];
  kwarg: Arg | undefined;
  readonly defaults: Expr[] = [];
  isKeywordOnly = false;
  readonly unpacked: Assign[] = [];

  add(arg: Arg, fallback: Expr | undefined): void {
    if (this.isKeywordOnly) {
      this.kwonlyargs.push(arg);
      this.kw_defaults.push(fallback);
      return;
    }
    this.args.push(arg);
    if (fallback !== undefined) this.defaults.push(fallback);
  }
}

export abstract class ParameterParser extends ExpressionParser {
  /** `(b, c) = .1` for each of Python 2's tuple parameters of the list read last. */
  protected unpacked: Assign[] = [];

  protected override parseParameters(end: number, isAnnotated: boolean): Arguments {
    const { start, line } = this;
    const list = new ParameterList();
    while (this.kind !== end) {
      this.parseParameter(list, isAnnotated);
      if (this.kind !== COMMA) break;
      this.advance();
    }
    if (this.kind !== end) this.fail();
    this.unpacked = list.unpacked;
    return {
      kind: 'arguments',
      start,
      end: Math.max(start, this.lastEnd),
      line,
      posonlyargs: trimmed(list.posonlyargs),
      args: trimmed(list.args),
      vararg: list.vararg,
      kwonlyargs: trimmed(list.kwonlyargs),
      kw_defaults: trimmed(list.kw_defaults),
      kwarg: list.kwarg,
      defaults: trimmed(list.defaults),
    };
  }

  private parseParameter(list: ParameterList, isAnnotated: boolean): void {
    switch (this.kind) {
      case SLASH:
        this.advance();
        list.posonlyargs = list.args;
        list.args = [];
        return;
      case STAR:
        this.advance();
        list.isKeywordOnly = true;
        if (this.kind !== COMMA) list.vararg = this.parseAnnotatedName(isAnnotated);
        return;
      case DSTAR:
        this.advance();
        list.kwarg = this.parseAnnotatedName(isAnnotated);
        return;
      case LPAR:
        list.add(this.parseTupleParameter(list), this.parseDefault());
        return;
      default:
        list.add(this.parseAnnotatedName(isAnnotated), this.parseDefault());
    }
  }

  private parseDefault(): Expr | undefined {
    if (this.kind !== EQUAL) return undefined;
    this.advance();
    return this.parseExpression();
  }

  private parseTupleParameter(list: ParameterList): Arg {
    const { start, line } = this;
    this.isPython2 = true;
    const target = this.parsePrimary();
    setContext(target, 'Store');
    const end = this.lastEnd;
    const arg = `.${list.args.length}`;
    const value: Expr = { kind: 'Name', start, end, line, id: arg, ctx: 'Load' };
    list.unpacked.push({ kind: 'Assign', start, end, line, targets: [target], value });
    return { kind: 'arg', start, end, line, arg, annotation: undefined };
  }

  /** `[T: bound = default, *Ts, **P]` where it stands; else nothing. */
  protected parseTypeParameters(): readonly TypeParam[] {
    if (this.kind !== LSQB) return NO_TYPES;
    this.enter();
    this.advance();
    const types: TypeParam[] = [];
    while (this.kind !== RSQB) {
      types.push(this.parseTypeParameter());
      if (this.kind !== COMMA) break;
      this.advance();
    }
    this.expect(RSQB);
    this.depth--;
    return types;
  }

  private parseTypeParameter(): TypeParam {
    const { start, line, kind } = this;
    if (kind === STAR || kind === DSTAR) this.advance();
    const name = this.expectName();
    let bound: Expr | undefined;
    if (this.kind === COLON && kind !== STAR && kind !== DSTAR) {
      this.advance();
      bound = this.parseExpression();
    }
    let default_value: Expr | undefined;
    if (this.kind === EQUAL) {
      this.advance();
      default_value = kind === STAR ? this.parseStarOrExpression() : this.parseExpression();
    }
    const end = this.lastEnd;
    if (kind === STAR) return { kind: 'TypeVarTuple', start, end, line, name, default_value };
    if (kind === DSTAR) return { kind: 'ParamSpec', start, end, line, name, default_value };
    return { kind: 'TypeVar', start, end, line, name, bound, default_value };
  }
}
