import type { Node } from '../../../src/analysis/python/ast.ts';

/** Writes a syntax tree as CPython's `ast.dump` does, without positions and contexts. */
export function show(node: unknown): string {
  if (node === undefined || node === null) return 'None';
  if (Array.isArray(node)) return `[${node.map(show).join(', ')}]`;
  if (typeof node !== 'object') return String(node);
  if (node instanceof Uint8Array) return `b'${Buffer.from(node).toString('latin1')}'`;
  const { kind, start, end, line, ctx, ...fields } = node as Node & { ctx?: string };
  if (kind === 'Constant') {
    const { type, value } = fields as { type: string; value: unknown };
    return type === 'str' ? JSON.stringify(value) : type === 'ellipsis' ? '...' : show(value);
  }
  if (kind === 'Name') return (fields as unknown as { id: string }).id;
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}=${show(value)}`);
  return `${kind}(${shown.join(', ')})`;
}
