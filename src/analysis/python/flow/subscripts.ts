// Owns `x[i]` and `x[i] = v` on every kind of value. May import machine. Start at getItem.
import { anyEntry } from './containers.ts';
import { findMember } from './functions.ts';
import { importName } from './imports.ts';
import { isBeingRead, type Machine, NO_KEYWORDS, originTaint, write } from './machine.ts';
import { isSecretName, variableLabel } from './models.ts';
import { canonicalName } from './names.ts';
import { slice, subscript } from './operators.ts';
import { callProtocol } from './protocols.ts';
import { CLEAN, LABEL, type Taint, unite, without } from './taint.ts';
import {
  absorb,
  type DictValue,
  dict,
  type InstanceValue,
  join,
  joinAll,
  keyOf,
  ref,
  type Site,
  taintOf,
  unknown,
  type Value,
  withTaint,
} from './value.ts';

/** What makes the entries of a `defaultdict` that are not there yet. */
const factories = new WeakMap<DictValue, Value>();

/** `defaultdict(factory)`. */
export function dictWith(factory: Value | undefined): DictValue {
  const made = dict(new Map(), true);
  if (factory !== undefined && factory.kind !== 'none') factories.set(made, factory);
  return made;
}

/** Fields of a record, in order: a named tuple's are its elements. */
function elementOfRecord({ fields }: InstanceValue, index: Value): Value | undefined {
  if (index.kind !== 'int') return undefined;
  return [...fields.values()].at(Number(index.value));
}

/** `value[index]`. */
export function getItem(machine: Machine, value: Value, index: Value, site: Site): Value {
  const place = index.kind === 'instance' ? callProtocol(machine, index, ['__index__'], site) : undefined;
  if (place !== undefined) return getItem(machine, value, place, site);
  switch (value.kind) {
    case 'union': {
      const each: Value[] = [];
      for (const option of value.options) each.push(getItem(machine, option, index, site));
      return joinAll(each);
    }
    case 'namespace':
      return namespaceItem(machine, value, index, site);
    case 'ref':
      if (index.kind === 'union') return joinAll(index.options.map((o) => refItem(machine, value, o, site)));
      return refItem(machine, value, index, site);
    case 'instance': {
      const method = machine.attribute(value, '__getitem__', site);
      const missing = findMember(value.of, '__missing__');
      if (method.kind !== 'function' && missing?.kind === 'function')
        return machine.call({ ...missing, bound: [value] }, [index], NO_KEYWORDS, site);
      if (method.kind === 'function') return machine.call(method, [index], NO_KEYWORDS, site);
      const kept = index.kind === 'str' ? value.fields.get(`[${index.value}]`) : undefined;
      return kept ?? elementOfRecord(value, index) ?? unknown(taintOf(value));
    }
    case 'class': {
      const hook = findMember(value, '__class_getitem__');
      if (hook?.kind === 'function') machine.call({ ...hook, bound: [value] }, [index], NO_KEYWORDS, site);
      return value;
    }
    case 'function':
      return value;
    case 'module':
      return value;
    default: {
      if (index.kind === 'union') {
        const each: Value[] = [];
        for (const option of index.options) each.push(getItem(machine, value, option, site));
        return joinAll(each);
      }
      const known = subscript(value, index);
      if (known !== undefined) return known;
      const factory = value.kind === 'dict' ? factories.get(value) : undefined;
      if (factory !== undefined) {
        const made = machine.call(factory, [], NO_KEYWORDS, site);
        setItem(machine, value, index, made);
        return made;
      }
      if (value.kind === 'dict') return value.entries.size === 0 ? unknown(value.taint) : anyEntry(value);
      if (value.kind === 'sequence' && value.elements.length > 0) {
        const some = joinAll(value.elements.slice(0, 4));
        return withTaint(some, value.taint);
      }
      return unknown(taintOf(value));
    }
  }
}

function namespaceItem(machine: Machine, value: Value & { kind: 'namespace' }, index: Value, site: Site): Value {
  if (index.kind !== 'str') return unknown(taintOf(index));
  if (value.scope !== undefined) {
    const known = value.scope.names.get(index.value);
    if (known !== undefined) return known;
    return index.value === '__builtins__' ? ref('builtins') : ref(`?${index.value}`);
  }
  return value.of === undefined ? unknown(CLEAN) : machine.attribute(value.of, index.value, site);
}

function refItem(machine: Machine, value: Value & { kind: 'ref' }, index: Value, site: Site): Value {
  if (value.name === 'sys.modules' && index.kind === 'str' && index.value === '__main__')
    return machine.loaded.get(site.unit.path) ?? ref('__main__');
  if (value.name === 'sys.modules' && index.kind === 'str') return importName(machine, index.value, site.unit);
  if (/^(?:__)?builtins(?:__)?$/.test(value.name) && index.kind === 'str') return ref(canonicalName(index.value));
  // `function.__globals__['sys']` of whatever function: modules that each program has.
  if (value.name.endsWith('.__globals__') && index.kind === 'str' && /^(?:sys|os|__builtins__)$/.test(index.value))
    return ref(canonicalName(index.value));
  if (value.name === 'os.environ') return environmentVariable(machine, index, site);
  if (value.name === 'sys.argv') return ref('sys.argv[]', taintOf(value));
  // `local['curl']`: the program of that name.
  if (value.name === 'plumbum.local' && index.kind === 'str' && /^\w+$/.test(index.value))
    return ref(`sh.${index.value}`);
  const stored = index.kind === 'str' ? value.fields?.get(`[${index.value}]`) : undefined;
  if (stored !== undefined) return stored;
  return ref(`${value.name}[]`, entryTaint(value, index, site), value.call);
}

/** What a visitor of a page typed or signed in with, and what a request was made with that somebody else asked for. */
const SHOWN =
  /^(?:flask|quart|bottle|sanic)\.request\.(?:form|forms|values|json|args|cookies|headers|authorization)$|\.request\.headers$/;
const SIGNS_IN = /^(?:(?:proxy-)?authorization|cookie|set-cookie|x-api-key|x-auth-token)$/i;

/** `request.POST['password']`: what a caller keeps under a name that speaks of a secret. */
export function entryTaint(value: Value & { kind: 'ref' }, key: Value | undefined, site: Site): Taint {
  if (key?.kind !== 'str') return value.taint;
  const isShown = SHOWN.test(value.name) && (SIGNS_IN.test(key.value) || isSecretName(key.value));
  if (isShown) return unite(originTaint(LABEL.secretParameter, site, `entry ${key.value.slice(0, 60)}`), value.taint);
  if ((value.taint.bits & LABEL.parameter) === 0) return value.taint;
  // What a web server is told by whoever asks: `environ['HTTP_X_ORDER']`.
  if (/^HTTP_[A-Z_]+$/.test(key.value)) return originTaint(LABEL.network, site, `header ${key.value.slice(0, 60)}`);
  if (!isSecretName(key.value)) return value.taint;
  return unite(originTaint(LABEL.secretParameter, site, `entry ${key.value.slice(0, 60)}`), value.taint);
}

/** `os.environ[name]`, `os.getenv(name)`. */
export function environmentVariable(machine: Machine, name: Value, site: Site): Value {
  const text = name.kind === 'str' ? name.value : '';
  const label = text === '' ? LABEL.variable : variableLabel(text);
  const taint = unite(
    originTaint(label, site, `environment variable ${text}`),
    without(taintOf(name), LABEL.environment),
  );
  const given = machine.variables.get(text);
  const variable = ref('os.environ[]', taint, {
    name: 'os.environ[]',
    args: [name],
    keywords: NO_KEYWORDS,
    receiver: undefined,
    site,
    absorbed: CLEAN,
  });
  return given === undefined ? variable : join(given, variable);
}

/** `value[lower:upper:step]`. */
export function getSlice(
  value: Value,
  lower: Value | undefined,
  upper: Value | undefined,
  step: Value | undefined,
  site: Site,
): Value {
  const known = slice(value, lower, upper, step);
  if (known !== undefined) {
    const isBackwards = step?.kind === 'int' && Number(step.value) < 0 && known.kind !== 'sequence';
    return isBackwards ? withTaint(known, originTaint(LABEL.decoded, site, 'read backwards')) : known;
  }
  if (value.kind === 'ref') return ref(`${value.name}[]`, value.taint, value.call);
  if (value.kind === 'union') return joinAll(value.options.map((o) => getSlice(o, lower, upper, step, site)));
  if (value.kind === 'sequence') return { ...value, elements: [...value.elements], isOpen: true };
  return unknown(taintOf(value));
}

/** Entries under keys that are not known. */
const MAX_UNNAMED = 40;

/** `owner[key] = value`. */
export function setItem(machine: Machine, owner: Value, key: Value, value: Value): void {
  switch (owner.kind) {
    case 'dict': {
      const name = keyOf(key);
      if (name !== undefined) write(machine, owner.entries, name, value);
      else {
        // A key that is no constant still keeps its value.
        if (owner.entries.size < MAX_UNNAMED) write(machine, owner.entries, `?${owner.entries.size}`, value);
        owner.isOpen = true;
        owner.taint = unite(owner.taint, unite(taintOf(value), taintOf(key)));
      }
      return;
    }
    case 'sequence': {
      const at = key.kind === 'int' ? Number(key.value) : undefined;
      if (at !== undefined && at >= -owner.elements.length && at < owner.elements.length)
        owner.elements[at < 0 ? at + owner.elements.length : at] = value;
      else {
        owner.isOpen = true;
        owner.taint = unite(owner.taint, taintOf(value));
      }
      return;
    }
    case 'namespace':
      if (key.kind === 'str' && owner.scope !== undefined) write(machine, owner.scope.names, key.value, value);
      else if (key.kind === 'str' && owner.of?.kind === 'instance') write(machine, owner.of.fields, key.value, value);
      return;
    case 'ref':
      if (key.kind === 'str' && owner.name !== '?') {
        owner.fields ??= new Map();
        write(machine, owner.fields, `[${key.value}]`, value);
        absorb(owner, owner.name, value);
      }
      return;
    case 'instance': {
      const set = findMember(owner.of, '__setitem__');
      if (set?.kind === 'function' && !isBeingRead(machine, set))
        machine.call({ ...set, bound: [owner] }, [key, value], NO_KEYWORDS, { unit: set.unit, node: set.node });
      else if (key.kind === 'str') write(machine, owner.fields, `[${key.value}]`, value);
      owner.taint = unite(owner.taint, taintOf(value));
      return;
    }
    case 'union':
      for (const option of owner.options) setItem(machine, option, key, value);
      return;
    default:
      return;
  }
}
