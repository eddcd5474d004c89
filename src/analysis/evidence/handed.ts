// Owns which parameters of a caller, and what else, go into values. May import python. Start at parametersIn, originsIn.
import { LABEL, type Origin } from '../python/flow/taint.ts';
import { isConnection, isKeyUse } from '../python/flow/uses.ts';
import { type ExternalCall, taintOf, type Value } from '../python/flow/value.ts';

const MAX_VALUES = 300;
const MAX_DEPTH = 8;
const MAX_PARTS = 50;
/** Where a credential belongs in a request: what stands there says nothing. */
const OWN_PLACE = /^(?:headers|auth|cookies|timeout|verify|cert)$/;

/** What a value is put together of; a call and an object are no mere sums of theirs. */
function partsOf(value: Value): readonly Value[] | undefined {
  switch (value.kind) {
    case 'template':
      return value.parts.filter((part) => typeof part !== 'string');
    case 'sequence':
      return value.elements.slice(0, MAX_PARTS);
    case 'dict':
      return [...value.entries.values()].slice(0, MAX_PARTS);
    case 'union':
      return value.options;
    default:
      return undefined;
  }
}

/** Goes through values as deep as it is told to, within bounds. */
function walk(values: readonly Value[], partsToVisit: (value: Value) => readonly Value[]): void {
  let seen = 0;
  const visit = (value: Value, depth: number): void => {
    if (depth > MAX_DEPTH || seen++ > MAX_VALUES) return;
    for (const part of partsToVisit(value)) visit(part, depth + 1);
  };
  for (const value of values) visit(value, 0);
}

function inputsOf({ receiver, args }: ExternalCall): Value[] {
  return receiver === undefined ? [...args] : [receiver, ...args];
}

/** Names of the parameters whose values are somewhere in these, headers left out. */
export function parametersIn(values: readonly Value[]): ReadonlySet<string> {
  const names = new Set<string>();
  walk(values, (value) => {
    switch (value.kind) {
      case 'ref': {
        const name = /^\?([A-Za-z_]\w*)$/.exec(value.name)?.[1];
        if (name !== undefined && (value.taint.bits & LABEL.parameter) !== 0) names.add(name);
        if (value.call === undefined) return [];
        const named = [...value.call.keywords].filter(([key]) => !OWN_PLACE.test(key));
        return [...inputsOf(value.call), ...named.map(([, arg]) => arg)];
      }
      case 'instance':
        return [...value.fields.values()].slice(0, MAX_PARTS);
      case 'bound':
        return [value.receiver];
      default:
        return partsOf(value) ?? [];
    }
  });
  return names;
}

/** Of what comes out of these nobody gets back what went in. */
const ONE_WAY =
  /sign|hmac|hash|digest|sha\d|md5|blake|address|public|pubkey|verify|len$|bool$|derive|\.check\(\)$|is_valid\w*\(\)$/i;

/** What a store of data gives is not the address that opens it. */
function isFromStore(name: string): boolean {
  const end = name.indexOf('()');
  return end > 0 && isConnection(name.slice(0, end));
}

/** Functions of these give what they were handed, in another form; keys and texts of them do. */
const FORMS =
  /^(?:\?|base64|binascii|json|str|bytes|bytearray|codecs|zlib|gzip|io|re|urllib|struct|pickle|dict|list|tuple|set|pathlib|os|hashlib|hmac|nacl|cryptography|Crypto(?:dome)?|ecdsa|eth_account|eth_keys|solders|bip_utils|mnemonic|collections|copy|string|textwrap|secrets|uuid|getpass|flask|quart|requests|httpx|aiohttp)\b/;

/** What a method of another project's object gives is not what the object was made with. */
function isOfClient({ receiver }: ExternalCall): boolean {
  const made = receiver?.kind === 'ref' ? receiver.call : undefined;
  return made !== undefined && !FORMS.test(made.name) && !isKeyUse(made.name);
}

/**
 * Where the data of values comes from, as far as it is still in them: signatures and hashes are not what was signed.
 * @param isStrict what a client of another project answers does not bear what the client was made with
 */
export function originsIn(values: readonly Value[], isStrict = false): readonly Origin[] {
  const origins = new Set<Origin>();
  walk(values, (value) => {
    if (value.kind === 'instance') return [];
    if (value.kind === 'ref') {
      if (ONE_WAY.test(value.name) || isKeyUse(value.name) || isFromStore(value.name)) return [];
      const { call } = value;
      // What a person was asked for is more than the question, and an entry more than what holds it.
      for (const origin of value.taint.origins)
        if (origin.label === LABEL.input || origin.text.startsWith('entry ')) origins.add(origin);
      const isOpaque = call === undefined || value.name.startsWith('?') || call.receiver?.kind === 'instance';
      if (!isOpaque) {
        const inputs = isStrict && isOfClient(call) ? call.args : inputsOf(call);
        return [...inputs, ...call.keywords.values()];
      }
    }
    const parts = partsOf(value);
    if (parts === undefined) for (const origin of taintOf(value).origins) origins.add(origin);
    return parts ?? [];
  });
  return [...origins];
}

/** Of these it is known that nobody put them in: clocks, dice, versions. */
const STAMPS = /^(?:time|datetime|uuid|random|secrets|platform|sys|os|socket|locale|importlib\.metadata)\b|\.__\w+__$/;

/** Whether anything is in values of which nobody can say where it comes from: what a queue gave, an element of who knows what. */
export function holdsUnknown(values: readonly Value[]): boolean {
  let isFound = false;
  walk(values, (value) => {
    if (isFound) return [];
    if (value.kind !== 'ref') return partsOf(value) ?? [];
    const inputs = value.call === undefined ? [] : [...value.call.args, ...value.call.keywords.values()];
    if (inputs.length === 0) isFound = value.taint.bits === 0 && !STAMPS.test(value.name);
    return inputs;
  });
  return isFound;
}

/** Whether data with a label is in values, and everywhere in them as what calls of these names gave. */
export function isAllFrom(values: readonly Value[], label: number, names: RegExp): boolean {
  // What lies beyond the bounds of the walk may be anything.
  const state = { isFound: false, isOpen: false, left: values.length };
  walk(values, (value) => {
    state.left--;
    const size = value.kind === 'dict' ? value.entries.size : value.kind === 'sequence' ? value.elements.length : 0;
    state.isOpen ||= size > MAX_PARTS;
    if ((taintOf(value).bits & label) === 0) return [];
    if (value.kind === 'ref' && names.test(value.name)) {
      state.isFound = true;
      return [];
    }
    const call = value.kind === 'ref' ? value.call : undefined;
    const inner = call === undefined ? partsOf(value) : [...inputsOf(call), ...call.keywords.values()];
    const holding = (inner ?? []).filter((part) => (taintOf(part).bits & label) !== 0);
    state.isOpen ||= holding.length === 0;
    state.left += holding.length;
    return holding;
  });
  return state.isFound && !state.isOpen && state.left === 0;
}
