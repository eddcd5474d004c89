// Owns Python's builtins on text and bytes. Start at TEXTS.
import { decodeText, encodeText } from './codecs.ts';
import { byteText, type PureFunction, textOfArg } from './elements.ts';
import { fieldText, represent } from './format.ts';
import { numberOf } from './operators.ts';
import { makeTranslation, textMethod } from './text-methods.ts';
import { bytes, int, list, MAX_PIECEWISE, str, template, type Value } from './value.ts';

function toStr(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value | undefined {
  const [value] = args;
  if (value === undefined) return str('');
  if (value.kind === 'str' || value.kind === 'template') return value;
  if (value.kind === 'bytes') {
    const codec = args[1] ?? keywords.get('encoding');
    return codec === undefined ? str(`b'${value.value}'`) : decodeText(value, textOfArg(codec));
  }
  if (value.kind === 'sequence' && value.type === 'bytearray') {
    const text = byteText(value);
    return text === undefined ? undefined : decodeText(bytes(text), textOfArg(args[1]) ?? 'utf-8');
  }
  if (value.kind === 'int' || value.kind === 'bool' || value.kind === 'none') return template([fieldText(value, '')]);
  return template([value]);
}

function toBytes(args: readonly Value[]): Value | undefined {
  const [value, codec] = args;
  if (value === undefined) return bytes('');
  if (value.kind === 'bytes') return value;
  if (value.kind === 'str') return encodeText(value.value, textOfArg(codec) ?? 'utf-8');
  const n = numberOf(value);
  if (n !== undefined) return Number(n) < 1_000_000 ? bytes('\0'.repeat(Math.max(0, Number(n)))) : undefined;
  if (value.kind === 'sequence') {
    const text = byteText(value);
    return text === undefined ? undefined : bytes(text);
  }
  return undefined;
}

function toByteArray(args: readonly Value[]): Value | undefined {
  const made = toBytes(args);
  if (made?.kind !== 'bytes') return undefined;
  return list(
    Array.from(made.value, (c) => int(c.charCodeAt(0))),
    false,
    'bytearray',
  );
}

/** Common leading white space removed, as `textwrap.dedent`. */
export function dedent(text: string): string {
  const lines = text.split('\n');
  let margin: string | undefined;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    if (margin === undefined || margin.startsWith(indent)) margin = indent;
    else if (!indent.startsWith(margin)) {
      let n = 0;
      while (n < indent.length && indent[n] === margin[n]) n++;
      margin = margin.slice(0, n);
    }
  }
  const cut = margin ?? '';
  return cut === '' ? text : lines.map((l) => (l.startsWith(cut) ? l.slice(cut.length) : l.trimStart())).join('\n');
}

/** By canonical name. */
export const TEXTS: readonly (readonly [string, PureFunction])[] = [
  [
    'chr',
    (args) =>
      args[0]?.kind === 'int' && Number(args[0].value) >= 0 && Number(args[0].value) <= 0x10ffff
        ? str(String.fromCodePoint(Number(args[0].value)))
        : undefined,
  ],
  [
    'ord',
    (args) => {
      const text = textOfArg(args[0]);
      return text === undefined || text === ''
        ? undefined
        : int(args[0]?.kind === 'str' ? text.codePointAt(0)! : text.charCodeAt(0));
    },
  ],
  ['str', toStr],
  ['repr', (args) => (args[0] === undefined ? undefined : template([represent(args[0])]))],
  ['ascii', (args) => (args[0] === undefined ? undefined : represent(args[0]))],
  ['bytes', toBytes],
  ['bytearray', toByteArray],
  ['memoryview', (args) => args[0]],
  ['bytes.fromhex', (args) => textMethod(bytes(''), 'fromhex', args, new Map())],
  [
    'bytearray.fromhex',
    (args) => {
      const made = textMethod(bytes(''), 'fromhex', args, new Map());
      return made === undefined ? undefined : toByteArray([made]);
    },
  ],
  ['str.maketrans', makeTranslation],
  ['bytes.maketrans', makeTranslation],
  ['string.maketrans', makeTranslation],
  ['format', (args) => (args[0] === undefined ? undefined : template([fieldText(args[0], textOfArg(args[1]) ?? '')]))],
  [
    'html.unescape',
    (args) =>
      args[0]?.kind === 'str' && args[0].value.length <= MAX_PIECEWISE
        ? str(
            args[0].value
              .replaceAll(/&#[xX]([\da-fA-F]{1,6});/g, (_, n: string) =>
                String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(n, 16))),
              )
              .replaceAll(/&#(\d+);/g, (_, n: string) => String.fromCodePoint(Math.min(0x10ffff, Number(n))))
              .replaceAll('&amp;', '&'),
          )
        : undefined,
  ],
  ['textwrap.dedent', (args) => (args[0]?.kind === 'str' ? str(dedent(args[0].value)) : undefined)],
  ['inspect.cleandoc', (args) => (args[0]?.kind === 'str' ? str(dedent(args[0].value)) : undefined)],
  ['sys.intern', (args) => args[0]],
  [
    'codecs.encode',
    (args) => (args[0]?.kind === 'str' ? encodeText(args[0].value, textOfArg(args[1]) ?? 'utf-8') : undefined),
  ],
  [
    're.sub',
    (args) => {
      // Only patterns that are plain text: no regular expression of a stranger is ever run.
      const [pattern, to, text] = args.map((a) => textOfArg(a));
      if (
        pattern === undefined ||
        to === undefined ||
        text === undefined ||
        text.length > MAX_PIECEWISE ||
        /[\\^$.|?*+()[\]{}]/.test(pattern) ||
        pattern === ''
      )
        return undefined;
      return str(text.replaceAll(pattern, () => to));
    },
  ],
];
