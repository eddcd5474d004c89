// Owns the methods of str and bytes on known text, as Python defines them. May import value and format. Start at textMethod.
import { decodeText, encodeText } from './codecs.ts';
import { formatText } from './format.ts';
import {
  type BytesValue,
  bool,
  bytes,
  dict,
  int,
  list,
  MAX_PIECEWISE,
  MAX_TEXT,
  namesIn,
  type StrValue,
  str,
  tuple,
  type Value,
  valueOfKey,
} from './value.ts';

type Text = StrValue | BytesValue;
type Method = (self: Text, args: readonly Value[], keywords: ReadonlyMap<string, Value>) => Value | undefined;

/** Result of a method of known text; undefined when it cannot be told. Taint is the caller's to add. */
export function textMethod(
  self: Text,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name]!(self, args, keywords) : undefined;
}

function like(self: Text, value: string): Value | undefined {
  if (value.length > MAX_TEXT) return undefined;
  return self.kind === 'str' ? str(value) : bytes(value);
}

/** Whether a text is longer than is followed once each `from` in it is a `to`. */
function growsTooLarge(text: string, from: string, to: string): boolean {
  const growth = to.length - from.length;
  if (growth <= 0 || from === '') return false;
  let length = text.length;
  for (let at = text.indexOf(from); at >= 0 && length <= MAX_TEXT; at = text.indexOf(from, at + from.length))
    length += growth;
  return length > MAX_TEXT;
}

function textArg(args: readonly Value[], index: number): string | undefined {
  const arg = args[index];
  return arg !== undefined && (arg.kind === 'str' || arg.kind === 'bytes') ? arg.value : undefined;
}

function intArg(args: readonly Value[], index: number, missing: number): number | undefined {
  const arg = args[index];
  if (arg === undefined || arg.kind === 'none') return missing;
  return arg.kind === 'int' && typeof arg.value === 'number' ? arg.value : undefined;
}

/** Characters as Python counts them. */
export function characters(text: string): readonly string[] | string {
  return /[\ud800-\udbff][\udc00-\udfff]/.test(text) ? Array.from(text) : text;
}

function strip(text: string, set: string | undefined, left: boolean, right: boolean): string {
  const isStripped = set === undefined ? (c: string): boolean => /\s/.test(c) : (c: string): boolean => set.includes(c);
  let start = 0;
  let end = text.length;
  if (left) while (start < end && isStripped(text[start]!)) start++;
  if (right) while (end > start && isStripped(text[end - 1]!)) end--;
  return text.slice(start, end);
}

function split(
  self: Text,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  fromRight: boolean,
): Value | undefined {
  const separator = args[0] ?? keywords.get('sep');
  const limit = intArg([args[1] ?? keywords.get('maxsplit') ?? int(-1)], 0, -1);
  if (limit === undefined || self.value.length > MAX_PIECEWISE) return undefined;
  let parts: string[];
  if (separator === undefined || separator.kind === 'none') {
    const trimmed = self.value.trim();
    parts = trimmed === '' ? [] : trimmed.split(/\s+/);
    if (limit >= 0 && parts.length > limit + 1) return undefined;
  } else if ((separator.kind === 'str' || separator.kind === 'bytes') && separator.value !== '') {
    parts = self.value.split(separator.value);
    if (limit >= 0 && parts.length > limit + 1)
      parts = fromRight
        ? [parts.slice(0, parts.length - limit).join(separator.value), ...parts.slice(parts.length - limit)]
        : [...parts.slice(0, limit), parts.slice(limit).join(separator.value)];
  } else return undefined;
  return list(parts.map((p) => like(self, p)!));
}

function partition(self: Text, args: readonly Value[], fromRight: boolean): Value | undefined {
  const separator = textArg(args, 0);
  if (separator === undefined || separator === '') return undefined;
  const at = fromRight ? self.value.lastIndexOf(separator) : self.value.indexOf(separator);
  if (at < 0)
    return tuple(fromRight ? [like(self, '')!, like(self, '')!, self] : [self, like(self, '')!, like(self, '')!]);
  return tuple([
    like(self, self.value.slice(0, at))!,
    like(self, separator)!,
    like(self, self.value.slice(at + separator.length))!,
  ]);
}

function translate(self: Text, args: readonly Value[]): Value | undefined {
  const table = args[0];
  if (table === undefined) return undefined;
  if (self.kind === 'bytes') {
    const removed = textArg(args, 1) ?? '';
    if (table.kind !== 'bytes' && table.kind !== 'none') return undefined;
    let out = '';
    for (const c of self.value)
      if (!removed.includes(c)) out += table.kind === 'none' ? c : (table.value[c.charCodeAt(0)] ?? c);
    return bytes(out);
  }
  if (table.kind !== 'dict' || table.isOpen) return undefined;
  let out = '';
  for (const c of self.value) {
    const to = table.entries.get(`i${c.codePointAt(0)}`);
    if (to === undefined) out += c;
    else if (to.kind === 'str') out += to.value;
    else if (to.kind === 'int') out += String.fromCodePoint(Number(to.value));
    else if (to.kind !== 'none') return undefined;
  }
  return str(out);
}

/** `str.maketrans` and `bytes.maketrans`. */
export function makeTranslation(args: readonly Value[]): Value | undefined {
  const [from, to, removed] = args;
  if (from?.kind === 'dict') {
    const entries = new Map<string, Value>();
    for (const [key, value] of from.entries) {
      const known = valueOfKey(key);
      entries.set(known.kind === 'str' ? `i${known.value.codePointAt(0)}` : key, value);
    }
    return { ...dict(entries, from.isOpen) };
  }
  if (from?.kind === 'bytes' && to?.kind === 'bytes') {
    const table = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));
    for (let i = 0; i < from.value.length; i++) table[from.value.charCodeAt(i)] = to.value[i] ?? '';
    return bytes(table.join(''));
  }
  if (from?.kind !== 'str' || to?.kind !== 'str') return undefined;
  const entries = new Map<string, Value>();
  const left = Array.from(from.value);
  const right = Array.from(to.value);
  left.forEach((c, i) => {
    entries.set(`i${c.codePointAt(0)}`, int(right[i]?.codePointAt(0) ?? 0));
  });
  if (removed?.kind === 'str') for (const c of removed.value) entries.set(`i${c.codePointAt(0)}`, str(''));
  return dict(entries);
}

function joinText(self: Text, args: readonly Value[]): Value | undefined {
  const parts = args[0];
  if (parts === undefined) return undefined;
  if (parts.kind === 'str') return like(self, Array.from(parts.value).join(self.value));
  if (parts.kind === 'dict' && !parts.isOpen) {
    return like(self, [...parts.entries.keys()].map((k) => k.slice(1)).join(self.value));
  }
  if (parts.kind !== 'sequence' || parts.isOpen) return undefined;
  const texts: string[] = [];
  let length = 0;
  for (const element of parts.elements) {
    if (element.kind !== 'str' && element.kind !== 'bytes') return undefined;
    texts.push(element.value);
    length += element.value.length + self.value.length;
    if (length > MAX_TEXT) return undefined;
  }
  return like(self, texts.join(self.value));
}

function predicate(test: (text: string) => boolean): Method {
  return (self) => bool(self.value !== '' && test(self.value));
}

function find(self: Text, args: readonly Value[], last: boolean): Value | undefined {
  const needle = textArg(args, 0);
  const start = intArg(args, 1, 0);
  if (needle === undefined || start === undefined || start < 0 || args.length > 2) return undefined;
  const points = characters(self.value);
  // Letters beyond the first plane count once.
  if (self.kind === 'str' && typeof points !== 'string' && !last && characters(needle).length === 1)
    return int(points.indexOf(needle, start));
  const at = last ? self.value.lastIndexOf(needle) : self.value.indexOf(needle, start);
  return int(at < start ? -1 : at);
}

function affix(self: Text, args: readonly Value[], test: (text: string, part: string) => boolean): Value | undefined {
  const [part] = args;
  if (part === undefined || args.length > 1) return undefined;
  const parts = part.kind === 'sequence' ? part.elements : [part];
  if (!parts.every((p) => p.kind === 'str' || p.kind === 'bytes')) return undefined;
  return bool(parts.some((p) => test(self.value, p.value)));
}

function pad(
  self: Text,
  args: readonly Value[],
  make: (text: string, width: number, fill: string) => string,
): Value | undefined {
  const width = intArg(args, 0, 0);
  if (width === undefined || width > 100_000) return undefined;
  return like(self, make(self.value, width, textArg(args, 1) ?? ' '));
}

const METHODS: Readonly<Record<string, Method>> = {
  join: (self, args) => joinText(self, args),
  split: (self, args, keywords) => split(self, args, keywords, false),
  rsplit: (self, args, keywords) => split(self, args, keywords, true),
  splitlines: (self) =>
    self.value.length > MAX_PIECEWISE
      ? undefined
      : list(
          self.value
            .replace(/\n$/, '')
            .split(/\r\n|\r|\n/)
            .map((l) => like(self, l)!),
        ),
  partition: (self, args) => partition(self, args, false),
  rpartition: (self, args) => partition(self, args, true),
  replace: (self, args) => {
    const from = textArg(args, 0);
    const to = textArg(args, 1);
    if (from === undefined || to === undefined) return undefined;
    const limit = intArg(args, 2, -1);
    if (limit === undefined) return undefined;
    if (limit < 0) {
      if (from === '' && self.value.length > 10_000) return undefined;
      if (growsTooLarge(self.value, from, to)) return undefined;
      return like(
        self,
        self.value.replaceAll(from, () => to),
      );
    }
    let text = self.value;
    let at = 0;
    for (let i = 0; i < limit && i < 10_000; i++) {
      at = text.indexOf(from, at);
      if (at < 0) break;
      text = text.slice(0, at) + to + text.slice(at + from.length);
      at += to.length;
    }
    return like(self, text);
  },
  strip: (self, args) => like(self, strip(self.value, textArg(args, 0), true, true)),
  lstrip: (self, args) => like(self, strip(self.value, textArg(args, 0), true, false)),
  rstrip: (self, args) => like(self, strip(self.value, textArg(args, 0), false, true)),
  removeprefix: (self, args) => {
    const part = textArg(args, 0);
    return part === undefined
      ? undefined
      : self.value.startsWith(part)
        ? like(self, self.value.slice(part.length))
        : self;
  },
  removesuffix: (self, args) => {
    const part = textArg(args, 0);
    if (part === undefined) return undefined;
    return part !== '' && self.value.endsWith(part) ? like(self, self.value.slice(0, -part.length)) : self;
  },
  lower: (self) => like(self, self.value.toLowerCase()),
  upper: (self) => like(self, self.value.toUpperCase()),
  casefold: (self) => like(self, self.value.toLowerCase()),
  capitalize: (self) => like(self, self.value.slice(0, 1).toUpperCase() + self.value.slice(1).toLowerCase()),
  title: (self) =>
    self.value.length > MAX_PIECEWISE
      ? undefined
      : like(
          self,
          self.value.toLowerCase().replaceAll(/[a-z]+/g, (w) => w.slice(0, 1).toUpperCase() + w.slice(1)),
        ),
  swapcase: (self) => {
    if (self.value.length > MAX_PIECEWISE) return undefined;
    const swapped = Array.from(self.value, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()));
    return like(self, swapped.join(''));
  },
  zfill: (self, args) => pad(self, args, (text, width) => text.padStart(width, '0')),
  ljust: (self, args) => pad(self, args, (text, width, fill) => text.padEnd(width, fill)),
  rjust: (self, args) => pad(self, args, (text, width, fill) => text.padStart(width, fill)),
  center: (self, args) =>
    pad(self, args, (text, width, fill) =>
      text.padStart(text.length + ((width - text.length) >> 1), fill).padEnd(width, fill),
    ),
  encode: (self, args, keywords) =>
    encodeText(self.value, textArg([args[0] ?? keywords.get('encoding') ?? str('utf-8')], 0)),
  decode: (self, args, keywords) => decodeText(self, textArg([args[0] ?? keywords.get('encoding') ?? str('utf-8')], 0)),
  format: (self, args, keywords) => formatText(self.value, args, keywords),
  format_map: (self, args) => {
    const named = args[0] === undefined ? undefined : namesIn(args[0]);
    return named === undefined ? undefined : formatText(self.value, [], named);
  },
  translate: (self, args) => translate(self, args),
  maketrans: (_self, args) => makeTranslation(args),
  find: (self, args) => find(self, args, false),
  index: (self, args) => find(self, args, false),
  rfind: (self, args) => find(self, args, true),
  rindex: (self, args) => find(self, args, true),
  count: (self, args) => {
    const needle = textArg(args, 0);
    return needle === undefined || needle === '' || self.value.length > MAX_PIECEWISE
      ? undefined
      : int(self.value.split(needle).length - 1);
  },
  startswith: (self, args) => affix(self, args, (text, part) => text.startsWith(part)),
  endswith: (self, args) => affix(self, args, (text, part) => text.endsWith(part)),
  isdigit: predicate((t) => /^\d+$/.test(t)),
  isdecimal: predicate((t) => /^\d+$/.test(t)),
  isnumeric: predicate((t) => /^\d+$/.test(t)),
  isalpha: predicate((t) => /^\p{L}+$/u.test(t)),
  isalnum: predicate((t) => /^[\p{L}\d]+$/u.test(t)),
  isupper: predicate((t) => t === t.toUpperCase() && t !== t.toLowerCase()),
  islower: predicate((t) => t === t.toLowerCase() && t !== t.toUpperCase()),
  isspace: predicate((t) => /^\s+$/.test(t)),
  isascii: (self) => bool(/^[\0-\x7f]*$/.test(self.value)),
  hex: (self) => (self.kind === 'bytes' ? str(Buffer.from(self.value, 'latin1').toString('hex')) : undefined),
  fromhex: (_self, args) => {
    const text = textArg(args, 0)?.replaceAll(/\s/g, '');
    return text === undefined ? undefined : bytes(Buffer.from(text, 'hex').toString('latin1'));
  },
  tobytes: (self) => self,
  digest: (self) => self,
  hexdigest: (self) => (self.kind === 'bytes' ? str(Buffer.from(self.value, 'latin1').toString('hex')) : undefined),
  expandtabs: (self) => like(self, self.value.replaceAll('\t', '        ')),
  __len__: (self) => int(characters(self.value).length),
  __str__: (self) => self,
  __add__: (self, args) => {
    const other = textArg(args, 0);
    return other === undefined ? undefined : like(self, self.value + other);
  },
  __contains__: (self, args) => {
    const other = textArg(args, 0);
    return other === undefined ? undefined : bool(self.value.includes(other));
  },
};
