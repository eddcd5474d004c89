// Owns which paths were found by a walk over a folder. May import python. Start at walkedFrom.
import { textOf } from '../python/flow/text.ts';
import type { Value } from '../python/flow/value.ts';

const WALKS = /^(?:os\.(?:walk|listdir|scandir)|glob\.i?glob|pathlib\.Path\(\)\.(?:r?glob|iterdir))\b/;

/** The place that a path was found in by a walk or a pattern; undefined: it was found in none. */
export function walkedFrom(value: Value, depth = 0): string | undefined {
  if (depth > 8) return undefined;
  switch (value.kind) {
    case 'ref': {
      const { call } = value;
      if (call === undefined) return undefined;
      if (WALKS.test(call.name)) return textOf(call.receiver ?? call.args[0] ?? value);
      for (const part of call.receiver === undefined ? call.args : [call.receiver, ...call.args]) {
        const found = walkedFrom(part, depth + 1);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    case 'template':
      for (const part of value.parts) {
        const found = typeof part === 'string' ? undefined : walkedFrom(part, depth + 1);
        if (found !== undefined) return found;
      }
      return undefined;
    case 'union':
      return value.options.map((o) => walkedFrom(o, depth + 1)).find((f) => f !== undefined);
    default:
      return undefined;
  }
}
