// Owns turning parsed expressions into assignment targets. Imports ast.ts (types). Start at setContext.
import type { Expr, ExprContext } from './ast.ts';

interface Contextual {
  ctx: ExprContext;
}

/** Turns a parsed expression into a target; what cannot be one stays as it is (CPython would refuse it). */
export function setContext(node: Expr, ctx: ExprContext): void {
  const { kind } = node;
  if (kind === 'Name' || kind === 'Attribute' || kind === 'Subscript') {
    (node as Contextual).ctx = ctx;
  } else if (kind === 'Starred') {
    (node as Contextual).ctx = ctx;
    setContext(node.value, ctx);
  } else if (kind === 'Tuple' || kind === 'List') {
    (node as Contextual).ctx = ctx;
    for (const element of node.elts) setContext(element, ctx);
  }
}
