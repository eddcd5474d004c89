import type { Node } from '../../../src/analysis/python/ast.ts';

const HIDDEN = new Set(['start', 'end', 'line', 'ctx']);

/** Writes a syntax tree as CPython's `ast.dump` does, without positions and contexts. */
export function show(node: unknown): string {
  if (node === undefined || node === null) return 'None';
  if (Array.isArray(node)) return `[${node.map(show).join(', ')}]`;
  if (typeof node !== 'object') return typeof node === 'string' ? node : JSON.stringify(node);
  if (node instanceof Uint8Array) return `b'${Buffer.from(node).toString('latin1')}'`;
  const { kind, ...rest } = node as Node;
  const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => !HIDDEN.has(name)));
  if (kind === 'Constant') {
    const { type, value } = fields;
    return type === 'str' ? JSON.stringify(value) : type === 'ellipsis' ? '...' : show(value);
  }
  if (kind === 'Name') return show(fields['id']);
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}=${show(value)}`);
  return `${kind}(${shown.join(', ')})`;
}
