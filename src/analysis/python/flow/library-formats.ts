// Owns paths, addresses, JSON and digests of Python's library. Start at FORMATS.
import { createHash } from 'node:crypto';
import { type PureFunction, textOfArg } from './elements.ts';
import { bool, bytes, dict, float, int, list, NONE, str, template, tuple, type Value } from './value.ts';

function quote(text: string): string {
  return encodeURIComponent(text);
}

function unquote(args: readonly Value[]): Value | undefined {
  const text = textOfArg(args[0]);
  if (text === undefined) return undefined;
  try {
    return str(decodeURIComponent(text));
  } catch {
    return undefined;
  }
}

/** A path joined of parts, an absolute part starting anew; holes stay holes. */
function joinPathText(args: readonly Value[]): Value | undefined {
  const parts: (string | Value)[] = [];
  for (const arg of args) {
    if (arg.kind === 'str' && /^(?:\/|[A-Za-z]:[\\/])/.test(arg.value)) parts.length = 0;
    const last = parts.at(-1);
    const lastText = typeof last === 'string' ? last : last?.kind === 'str' ? last.value : undefined;
    if (parts.length > 0 && !(lastText?.endsWith('/') ?? false) && lastText !== '') parts.push('/');
    parts.push(arg);
  }
  return template(parts);
}

function pathPart(pick: (text: string, slash: number) => string): PureFunction {
  return (args) => {
    const text = textOfArg(args[0]);
    return text === undefined ? undefined : str(pick(text, Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\'))));
  };
}

function digest(algorithm: string): PureFunction {
  return (args) => {
    const text = textOfArg(args[0]);
    if (text === undefined || text.length > 1_000_000) return undefined;
    return bytes(createHash(algorithm).update(text, 'latin1').digest().toString('latin1'));
  };
}

function fromJson(value: unknown, depth = 0): Value {
  if (value === null || depth > 50) return NONE;
  if (typeof value === 'string') return str(value);
  if (typeof value === 'number') return Number.isInteger(value) ? int(value) : float(value);
  if (typeof value === 'boolean') return bool(value);
  if (Array.isArray(value)) return list(value.map((v) => fromJson(v, depth + 1)));
  const entries = new Map<string, Value>();
  for (const [k, v] of Object.entries(value as Record<string, unknown>)) entries.set(`s${k}`, fromJson(v, depth + 1));
  return dict(entries);
}

function jsonLoads(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  // A hook sees, and changes, what comes out.
  if (keywords.size > 0) return undefined;
  const text = textOfArg(args[0]);
  if (text === undefined) return undefined;
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** By canonical name. */
export const FORMATS: readonly (readonly [string, PureFunction])[] = [
  ['os.path.join', joinPathText],
  ['os.path.basename', pathPart((text, slash) => text.slice(slash + 1))],
  ['os.path.dirname', pathPart((text, slash) => text.slice(0, Math.max(0, slash)))],
  ['os.path.normpath', (args) => (args[0]?.kind === 'str' ? args[0] : undefined)],
  [
    'os.path.abspath',
    (args) => (args[0]?.kind === 'str' && /^[/~%]|^[A-Z]:/.test(args[0].value) ? args[0] : undefined),
  ],
  ['os.fspath', (args) => args[0]],
  ['os.fsencode', (args) => args[0]],
  [
    'os.path.splitext',
    (args) => {
      const text = textOfArg(args[0]);
      if (text === undefined) return undefined;
      const at = text.lastIndexOf('.');
      return at <= Math.max(text.lastIndexOf('/'), 0)
        ? tuple([str(text), str('')])
        : tuple([str(text.slice(0, at)), str(text.slice(at))]);
    },
  ],
  ['urllib.parse.quote', (args) => (args[0]?.kind === 'str' ? str(quote(args[0].value)) : undefined)],
  ['urllib.parse.quote_plus', (args) => (args[0]?.kind === 'str' ? str(quote(args[0].value)) : undefined)],
  ['urllib.parse.unquote', unquote],
  ['urllib.parse.unquote_plus', unquote],
  [
    'urllib.parse.urljoin',
    (args) => {
      const [base, path] = args;
      if (base === undefined || path === undefined) return undefined;
      if (path.kind === 'str' && path.value.includes('://')) return path;
      return template([base, '/', path]);
    },
  ],
  ['json.loads', jsonLoads],
  ['hashlib.sha256', digest('sha256')],
  ['hashlib.md5', digest('md5')],
  ['hashlib.sha1', digest('sha1')],
  ['hashlib.sha512', digest('sha512')],
  ['hashlib.sha3_512', digest('sha3-512')],
  ['hashlib.sha3_256', digest('sha3-256')],
  ['copy.copy', (args) => args[0]],
  ['copy.deepcopy', (args) => args[0]],
  ['typing.cast', (args) => args[1]],
];
