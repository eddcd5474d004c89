// Owns which parameters of a caller go into values. May import python. Start at parametersIn.
import { LABEL, type Origin } from '../python/flow/taint.ts';
import { isKeyUse } from '../python/flow/uses.ts';
import { taintOf, type Value } from '../python/flow/value.ts';

const MAX_VALUES = 300;
const MAX_DEPTH = 8;
/** Where a credential belongs in a request: what stands there says nothing. */
const OWN_PLACE = /^(?:headers|auth|cookies|timeout|verify|cert)$/;

/** Names of the parameters whose values are somewhere in these, headers left out. */
export function parametersIn(values: readonly Value[]): ReadonlySet<string> {
  const names = new Set<string>();
  let seen = 0;
  const walk = (value: Value | undefined, depth: number): void => {
    if (value === undefined || depth > MAX_DEPTH || seen++ > MAX_VALUES) return;
    switch (value.kind) {
      case 'ref': {
        const name = /^\?([A-Za-z_]\w*)$/.exec(value.name)?.[1];
        if (name !== undefined && (value.taint.bits & LABEL.parameter) !== 0) names.add(name);
        const { call } = value;
        if (call === undefined) return;
        walk(call.receiver, depth + 1);
        for (const arg of call.args) walk(arg, depth + 1);
        for (const [key, arg] of call.keywords) if (!OWN_PLACE.test(key)) walk(arg, depth + 1);
        return;
      }
      case 'template':
        for (const part of value.parts) if (typeof part !== 'string') walk(part, depth + 1);
        return;
      case 'sequence':
        for (const element of value.elements.slice(0, 50)) walk(element, depth + 1);
        return;
      case 'dict':
        for (const entry of [...value.entries.values()].slice(0, 50)) walk(entry, depth + 1);
        return;
      case 'union':
        for (const option of value.options) walk(option, depth + 1);
        return;
      case 'instance':
        for (const field of [...value.fields.values()].slice(0, 50)) walk(field, depth + 1);
        return;
      case 'bound':
        walk(value.receiver, depth + 1);
        return;
      default:
        return;
    }
  };
  for (const value of values) walk(value, 0);
  return names;
}

/** Of what comes out of these nobody gets back what went in. */
const ONE_WAY = /sign|hmac|hash|digest|sha\d|md5|blake|address|public|pubkey|verify|len$|bool$|derive/i;

/** Where the data of values comes from, as far as it is still in them: signatures and hashes are not what was signed. */
export function originsIn(values: readonly Value[]): readonly Origin[] {
  const origins = new Set<Origin>();
  let seen = 0;
  const walk = (value: Value | undefined, depth: number): void => {
    if (value === undefined || depth > MAX_DEPTH || seen++ > MAX_VALUES) return;
    switch (value.kind) {
      case 'ref': {
        const { call } = value;
        if (ONE_WAY.test(value.name) || isKeyUse(value.name)) return;
        if (call === undefined || value.name.startsWith('?')) break;
        if (call.receiver?.kind === 'instance') break;
        walk(call.receiver, depth + 1);
        for (const arg of [...call.args, ...call.keywords.values()]) walk(arg, depth + 1);
        return;
      }
      case 'template':
        for (const part of value.parts) if (typeof part !== 'string') walk(part, depth + 1);
        return;
      case 'sequence':
        for (const element of value.elements.slice(0, 50)) walk(element, depth + 1);
        return;
      case 'dict':
        for (const entry of [...value.entries.values()].slice(0, 50)) walk(entry, depth + 1);
        return;
      case 'union':
        for (const option of value.options) walk(option, depth + 1);
        return;
      case 'instance':
        return;
      default:
        break;
    }
    for (const origin of taintOf(value).origins) origins.add(origin);
  };
  for (const value of values) walk(value, 0);
  return [...origins];
}
