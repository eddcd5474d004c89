// Owns `%`, `str.format` and format specifications, with holes for what is not known. May import value. Start at formatText.
import { MAX_PIECEWISE, namesIn, str, template, unknown, type Value } from './value.ts';

const MAX_FIELDS = 2000;

/** `text.format(*args, **keywords)`: known parts stay known, the rest become holes. Undefined when the text is malformed. */
export function formatText(
  text: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const parts: (string | Value)[] = [];
  const pattern = /\{\{|\}\}|\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g;
  let last = 0;
  let next = 0;
  let fields = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (fields++ > MAX_FIELDS) return undefined;
    parts.push(text.slice(last, match.index));
    last = pattern.lastIndex;
    if (match[0] === '{{') parts.push('{');
    else if (match[0] === '}}') parts.push('}');
    else {
      const field = /^([^!:]*)(?:!([rsa]))?(?::([\s\S]*))?$/.exec(match[1] ?? '');
      const name = field?.[1] ?? '';
      const head = /^[^.[]*/.exec(name)?.[0] ?? '';
      const value = head === '' ? args[next++] : /^\d+$/.test(head) ? args[Number(head)] : keywords.get(head);
      if (value === undefined) return undefined;
      const chosen = head === name ? value : fieldOf(value, name.slice(head.length));
      parts.push(fieldText(/[ra]/.test(field?.[2] ?? '') ? represent(chosen) : chosen, field?.[3] ?? ''));
    }
  }
  parts.push(text.slice(last));
  return template(parts);
}

/** `repr(value)`: texts and bytes as Python writes them, so that code put together with `%r` stays code; others as they are. */
export function represent(value: Value): Value {
  if (value.kind !== 'str' && value.kind !== 'bytes') return value;
  const text = value.value;
  if (text.length > MAX_PIECEWISE) return unknown(value.taint);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(value.kind === 'str' ? ESCAPED_TEXT : ESCAPED_BYTES, (c) => {
    if (c === "'" || c === '"') return c === quote ? `\\${c}` : c;
    return SHORT_ESCAPES.get(c) ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return str(`${value.kind === 'str' ? '' : 'b'}${quote}${escaped}${quote}`, value.taint);
}

const ESCAPED_TEXT = /[\\'"\x00-\x1f\x7f]/g;
const ESCAPED_BYTES = /[\\'"\x00-\x1f\x7f-\xff]/g;
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** `{0[key]}`, `{name.attr}`: a known entry, or the whole as a hole. */
function fieldOf(value: Value, path: string): Value {
  const key = /^\[([^\]]+)\]$/.exec(path)?.[1];
  if (key === undefined) return value;
  if (value.kind === 'dict') return value.entries.get(`s${key}`) ?? value;
  if (value.kind === 'sequence' && /^\d+$/.test(key)) return value.elements[Number(key)] ?? value;
  return value;
}

/** A value put into text under a format specification such as `02x`. */
export function fieldText(value: Value, spec: string): string | Value {
  switch (value.kind) {
    case 'str':
      return spec === '' ? value : (padded(value.value, spec, '<') ?? value);
    case 'bytes':
      return value;
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'int':
    case 'float': {
      const text = numberText(value.value, spec);
      return text ?? value;
    }
    default:
      return value;
  }
}

function numberText(value: number | bigint, spec: string): string | undefined {
  const match = /^(?:(.)?([<>^=]))?([ +-])?(#)?(0)?(\d*)(,|_)?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/.exec(spec);
  if (match === null) return undefined;
  const [, fill, align, , alternate, zero, width, , precision, type] = match;
  let text: string;
  if (type === 'c') return String.fromCodePoint(Number(value));
  if (type === 'x' || type === 'X' || type === 'b' || type === 'o') {
    text = value.toString(type === 'b' ? 2 : type === 'o' ? 8 : 16);
    if (type === 'X') text = text.toUpperCase();
    if (alternate !== undefined) text = `0${type}${text}`;
  } else if (type === 'f' || type === 'F') text = Number(value).toFixed(Math.min(Number(precision ?? 6), 50));
  else text = String(value);
  const length = Math.min(Number(width === '' ? 0 : width), 10_000);
  if (align === '<') return text.padEnd(length, fill ?? ' ');
  return text.padStart(length, fill ?? (zero !== undefined ? '0' : ' '));
}

function padded(text: string, spec: string, missing: '<' | '>'): string | undefined {
  const match = /^(?:(.)?([<>^]))?(\d*)(?:\.(\d+))?s?$/.exec(spec);
  if (match === null) return undefined;
  const cut = match[4] === undefined ? text : text.slice(0, Number(match[4]));
  const width = Math.min(Number(match[3] === '' ? 0 : match[3]), 10_000);
  return (match[2] ?? missing) === '>' ? cut.padStart(width, match[1] ?? ' ') : cut.padEnd(width, match[1] ?? ' ');
}

/** `text % value`. */
export function percentText(text: string, value: Value): Value | undefined {
  const args = value.kind === 'sequence' && value.type === 'tuple' ? value.elements : [value];
  const named = namesIn(value);
  const parts: (string | Value)[] = [];
  const pattern = /%(?:\((\w+)\))?([-#0 +]*)(\d+|\*)?(?:\.(\d+))?[lh]?([diouxXeEfFgGcrsa%])/g;
  let last = 0;
  let next = 0;
  let fields = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (fields++ > MAX_FIELDS) return undefined;
    parts.push(text.slice(last, match.index));
    last = pattern.lastIndex;
    const [, key, flags = '', width = '', , type = 's'] = match;
    if (type === '%') {
      parts.push('%');
      continue;
    }
    const arg: Value | undefined = key === undefined ? args[next++] : named === undefined ? value : named.get(key);
    if (arg === undefined) {
      parts.push(value.kind === 'sequence' || value.kind === 'dict' ? value : match[0]);
      continue;
    }
    if (type === 'c' && arg.kind === 'str') parts.push(arg);
    else if (type === 'r' || type === 'a') parts.push(represent(arg));
    else
      parts.push(
        fieldText(
          arg,
          `${flags.includes('-') ? '<' : width !== '' && arg.kind === 'str' ? '>' : ''}${flags.includes('0') ? '0' : ''}${width}${type === 's' || type === 'i' || type === 'u' ? '' : type}`,
        ),
      );
  }
  parts.push(text.slice(last));
  return template(parts);
}
