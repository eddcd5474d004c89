// Owns calls that leave the archive: builtins that reach code or names, decoders, sources and sinks. Start at callExternal.
// May import machine and the rest of this folder below it.
import { followCall } from './callbacks.ts';
import { emit } from './events.ts';
import { fileContent } from './files.ts';
import { iterated } from './iteration.ts';
import { LIBRARY } from './library.ts';
import { type Machine, originTaint } from './machine.ts';
import { commandLabels, isAddressService, type SinkKind, sinkOf, sourceOf } from './models.ts';
import { canonicalName } from './names.ts';
import { SPECIAL } from './specials.ts';
import { CLEAN, LABEL, type Taint, unite } from './taint.ts';
import { textOf } from './text.ts';
import { type ExternalCall, join, type RefValue, ref, type Site, taintOf, type Value, withTaint } from './value.ts';

/** Calls something that is not in the archive. */
export function callExternal(
  machine: Machine,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value {
  const name = canonicalName(callee.name);
  const special = SPECIAL.get(name);
  if (special !== undefined) {
    const value = special(machine, { callee, args, keywords, site });
    if (value !== undefined) return value;
  }
  const taint = argumentsTaint(args, keywords);
  const pure = LIBRARY.get(name);
  if (pure !== undefined) {
    const value = computed(pure, args, keywords);
    if (value !== undefined) return carries(value) ? value : withTaint(value, taint);
  }
  const decoded = decode(machine, name, callee, args, keywords, site);
  if (decoded !== undefined) return withTaint(decoded, taint);
  const read = fileContent(machine, name, callee, args, keywords, site);
  if (read !== undefined) return read;
  return callUnknown(machine, name, callee, args, keywords, site, taint);
}

/** Containers already carry what their elements do. */
function carries(value: Value): boolean {
  return value.kind === 'sequence' || value.kind === 'dict' || value.kind === 'bool';
}

function argumentsTaint(args: readonly Value[], keywords: ReadonlyMap<string, Value>): Taint {
  let taint = CLEAN;
  for (const arg of args) taint = unite(taint, taintOf(arg));
  for (const arg of keywords.values()) taint = unite(taint, taintOf(arg));
  return taint;
}

function computed(
  pure: (args: readonly Value[], keywords: ReadonlyMap<string, Value>) => Value | undefined,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): Value | undefined {
  const at = args.findIndex((a) => a.kind === 'union');
  const choice = args[at];
  if (choice?.kind !== 'union') return pure(args, keywords);
  let result: Value | undefined;
  for (const option of choice.options) {
    const value = computed(pure, args.with(at, option), keywords);
    if (value === undefined) return undefined;
    result = result === undefined ? value : join(result, value);
  }
  return result;
}

const DECODERS =
  /^(?:base64|binascii|zlib|gzip|bz2|lzma|codecs|quopri|uu|marshal|pickle|cryptography|Crypto|pyaes|nacl|zstandard|brotli|lz4|snappy|base58|base91|based58|itsdangerous|rsa|Cryptodome|pyDes|simplecrypt|ascii85|base45|base62|z85|json|blackboxprotobuf)\b/;

function decode(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
): Value | undefined {
  if (!DECODERS.test(name)) return undefined;
  const inputs = name.includes('()') && callee.call !== undefined ? [...callee.call.args, ...args] : args;
  const value = machine.program.decode(name, inputs, keywords);
  return value === undefined ? undefined : withTaint(value, originTaint(LABEL.decoded, site, name));
}

function callUnknown(
  machine: Machine,
  name: string,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  site: Site,
  taint: Taint,
): Value {
  const sink = sinkOf(name, () =>
    args
      .slice(0, 2)
      .map((a) => textOf(a).slice(0, 200))
      .join(' '),
  );
  const call: ExternalCall = {
    name,
    args,
    keywords,
    receiver: callee.call === undefined ? undefined : callee,
    site,
    notes: new Map(),
  };
  let given = resultTaint(name, sink, callee, args, keywords, taint, site);
  const label = sourceOf(`${name}()`);
  if (label !== undefined) given = unite(originTaint(label, site, `${name}()`), given);
  const result = ref(canonicalName(`${name}()`), given, call);
  if (sink !== undefined) emit(machine, { sink, name, args, keywords, receiver: callee, site });
  followCall(machine, name, callee, args, keywords, site);
  if (name === 'next' || name === 'random.choice' || name === 'secrets.choice') {
    const [from] = args;
    if (from !== undefined) return iterated(machine, from, site);
  }
  return result;
}

function resultTaint(
  name: string,
  sink: SinkKind | undefined,
  callee: RefValue,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  taint: Taint,
  at: Site,
): Taint {
  const site = { path: at.unit.path, line: at.node.line };
  switch (sink) {
    case 'network': {
      const address =
        args
          .slice(0, 2)
          .map((a) => textOf(a))
          .join(' ') + textOf(keywords.get('url') ?? { kind: 'none', taint: CLEAN });
      const bits = LABEL.network | (isAddressService(address) ? LABEL.host : 0);
      return { bits, origins: originsOf(bits, site, excerptOf(name, address)) };
    }
    case 'process': {
      const command =
        args.map((a) => textOf(a)).join(' ') + textOf(keywords.get('args') ?? { kind: 'none', taint: CLEAN });
      const bits = commandLabels(command);
      return { bits, origins: originsOf(bits, site, excerptOf(name, command)) };
    }
    case 'dns':
      return (taint.bits & LABEL.host) === 0 ? CLEAN : taint;
    default:
      break;
  }
  const inherited = unite(callee.taint, taint);
  // Lengths, tests and checks say one bit of what they look at; paths of files are not their content.
  if (NO_DATA.test(name)) return CLEAN;
  return inherited;
}

const NO_DATA =
  /^(?:len|isinstance|issubclass|hasattr|callable|id|hash|print|os\.path\.(?:exists|isfile|isdir|getsize|islink|getmtime)|pathlib\.Path\(\)\.(?:exists|is_file|is_dir|stat|mkdir)|os\.(?:mkdir|makedirs|remove|access|stat|chmod|chdir|kill)|time\.(?:sleep|time)|logging\..*|re\.compile|shutil\.which|socket\.socket|threading\..*|warnings\.warn|random\..*)$/;

function excerptOf(name: string, text: string): string {
  return `${name}(${text.slice(0, 80)})`;
}

function originsOf(bits: number, at: { path: string; line: number }, text: string): Taint['origins'] {
  const origins = [];
  for (const label of Object.values(LABEL)) if ((bits & label) !== 0) origins.push({ label, ...at, text });
  return origins;
}
