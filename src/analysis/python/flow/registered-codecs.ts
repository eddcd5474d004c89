// Owns codecs that the archive registers, and what decoding by their names runs. May import machine. Start at decodeRegistered.
import { elementsOf } from './elements.ts';
import { type Machine, NO_KEYWORDS } from './machine.ts';
import { optionsOf, type Site, str, type Value } from './value.ts';

const MAX_SEARCHES = 10;

/** Whether a call outside registers a codec, or decodes by one. */
export function isCodecCall(name: string): boolean {
  return name === 'codecs.register' || /(?:^codecs|\))\.(?:de|en)code$/.test(name);
}

/** `codecs.register(search)`, `codecs.decode(data, name)`, `response.read().decode(name)`. */
export function codecCall(
  machine: Machine,
  name: string,
  callee: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  const [first, second] = args;
  if (name === 'codecs.register') registerCodec(machine, first);
  else if (!name.startsWith('codecs'))
    return decodeRegistered(machine, callee, name.slice(-6), first ?? keywords.get('encoding'), site);
  else if (first !== undefined) return decodeRegistered(machine, first, name.slice(-6), second, site);
  return undefined;
}

function registerCodec({ codecSearches }: Machine, search: Value | undefined): void {
  if (search?.kind === 'function' && codecSearches.length < MAX_SEARCHES) codecSearches.push(search);
}

/** The function that a `CodecInfo`, or the tuple of older Pythons, decodes with. */
function decoderOf(found: Value, kind: 'encode' | 'decode'): Value | undefined {
  const at = kind === 'encode' ? 0 : 1;
  if (found.kind === 'ref' && found.call !== undefined && /CodecInfo\(\)$/.test(found.name))
    return found.call.keywords.get(kind) ?? found.call.args[at];
  return elementsOf(found)?.[at];
}

/** `data.decode(name)` where only a codec of the archive can be meant; undefined when there is none. */
export function decodeRegistered(
  machine: Machine,
  receiver: Value,
  method: string,
  name: Value | undefined,
  site: Site,
): Value | undefined {
  const { codecSearches } = machine;
  if (codecSearches.length === 0 || name?.kind !== 'str' || (method !== 'decode' && method !== 'encode'))
    return undefined;
  if (/^(?:utf|ascii|latin|iso|cp\d|mbcs|raw_unicode|unicode_escape|idna|punycode|us-ascii)/i.test(name.value))
    return undefined;
  for (const search of codecSearches)
    for (const found of optionsOf(machine.call(search, [str(name.value)], NO_KEYWORDS, site))) {
      const decoder = decoderOf(found, method);
      if (decoder?.kind !== 'function') continue;
      const result = machine.call(decoder, [receiver], NO_KEYWORDS, site);
      return elementsOf(result)?.[0] ?? result;
    }
  return undefined;
}
