// Owns which requests a value was received from, and who chose their addresses. May import python and hosts. Start at receivedFrom.
import { isClientMethod, sinkOf, sourceOf } from '../python/flow/models.ts';
import { LABEL } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { type ExternalCall, optionsOf, taintOf, type Value } from '../python/flow/value.ts';
import { hostKind, hostOf } from './hosts.ts';

const MAX_DEPTH = 24;
const MAX_CALLS = 12;

/** Data of whoever calls the program or configures it. */
const CONFIGURED =
  LABEL.parameter | LABEL.secretParameter | LABEL.variable | LABEL.secretVariable | LABEL.file | LABEL.input;
/** Data that the author of an archive can decide after all. */
const ARRANGED = LABEL.decoded | LABEL.network | LABEL.process | LABEL.ownFile;

/**
 * Whether an address is the caller's or the user's choice: it came as a parameter or out of the configuration, and no
 * host of it stands in the code.
 */
export function isChosenAddress(address: Value): boolean {
  // A host and a port.
  const [host] = address.kind === 'sequence' ? address.elements : [];
  if (host !== undefined) return isChosenAddress(host);
  const { bits } = taintOf(address);
  if ((bits & CONFIGURED) === 0 || (bits & ARRANGED) !== 0) return false;
  return optionsOf(address).every((option) => {
    const text = textOf(option);
    // A bare number, as sockets are told it, names a machine just as an address does.
    if (hostKind(text) === 'raw-address') return false;
    return (
      !/[\w-]\.[a-z]{2,}/i.test(text.replaceAll(/‹[^›]*›|%\w+%/g, '')) && hostKind(hostOf(text) ?? '') === 'unknown'
    );
  });
}

/** The requests whose answer a value is, or was put together from; not those that merely had a part in asking. */
export function receivedFrom(value: Value): ExternalCall[] {
  const found = new Set<ExternalCall>();
  collect(value, found, 0);
  return [...found];
}

function collect(value: Value, found: Set<ExternalCall>, depth: number): void {
  if (depth > MAX_DEPTH || found.size >= MAX_CALLS || (taintOf(value).bits & LABEL.network) === 0) return;
  switch (value.kind) {
    case 'union':
      for (const option of value.options) collect(option, found, depth + 1);
      return;
    case 'template':
      for (const part of value.parts) if (typeof part !== 'string') collect(part, found, depth + 1);
      return;
    case 'sequence':
      for (const element of value.elements.slice(0, 50)) collect(element, found, depth + 1);
      return;
    case 'dict':
      for (const entry of [...value.entries.values()].slice(0, 50)) collect(entry, found, depth + 1);
      return;
    case 'ref':
      if (value.call !== undefined) collectCall(value.call, found, depth);
      return;
    default:
      return;
  }
}

/** Functions that are told what to look for before they are told where. */
const INPUT_AT: readonly (readonly [RegExp, number])[] = [
  [/^re\.subn?$/, 2],
  [/^re\.\w+$/, 1],
];

function collectCall(call: ExternalCall, found: Set<ExternalCall>, depth: number): void {
  if (isRequest(call)) {
    found.add(call);
    return;
  }
  if (call.receiver !== undefined) collect(call.receiver, found, depth + 1);
  // What a decoder or a conversion is handed comes first; credentials of a client do not.
  const first = call.args[INPUT_AT.find(([pattern]) => pattern.test(call.name))?.[1] ?? 0];
  if (first !== undefined) collect(first, found, depth + 1);
}

function isRequest({ name, args, keywords }: ExternalCall): boolean {
  if (sinkOf(name) === 'network' || sourceOf(`${name}()`) === LABEL.network) return true;
  const url = keywords.get('url') ?? args[0];
  return isClientMethod(name) && url !== undefined && /^\w+:\/\//.test(textOf(url));
}
