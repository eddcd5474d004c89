// Owns `x.name` on every kind of value. May import machine. Start at attributeOf.
import type { ClassDef } from '../ast.ts';
import { externalBases, findMember } from './functions.ts';
import { loaderOf } from './import-hooks.ts';
import { importName } from './imports.ts';
import { CONSTANTS } from './library.ts';
import { isBeingRead, type Machine, NO_KEYWORDS, originTaint, spend } from './machine.ts';
import { sourceOf } from './models.ts';
import { canonicalName } from './names.ts';
import { addressBytes, uuidBytes } from './packed-bytes.ts';
import { namedPart } from './path-objects.ts';
import { CLEAN, LABEL, unite } from './taint.ts';
import {
  boundedName,
  type ClassValue,
  type FunctionValue,
  type InstanceValue,
  joinAll,
  list,
  type ModuleValue,
  NONE,
  type RefValue,
  ref,
  type Site,
  str,
  taintOf,
  tuple,
  UNKNOWN,
  unknown,
  type Value,
} from './value.ts';

/** Frames that a program walks over, or that an exception came through, hold the names of others. */
function isOwnFrame(value: Value): boolean {
  return (
    value.kind !== 'ref' ||
    !/^(?:inspect\.(?:stack|trace|getouterframes|getinnerframes)|sys\.exc_info|traceback|\?)/.test(value.name)
  );
}

/** `value.name`. Reads properties and `__getattr__`. */
export function attributeOf(machine: Machine, value: Value, name: string, site: Site): Value {
  spend(machine, 1);
  if (name === '__dict__')
    return { kind: 'namespace', of: value, scope: value.kind === 'module' ? value.scope : undefined };
  if ((name === 'f_globals' || name === 'f_locals') && isOwnFrame(value))
    return {
      kind: 'namespace',
      of: undefined,
      scope: name === 'f_globals' ? machine.currentScope?.module : machine.currentScope,
    };
  if (name === '__getattribute__' || name === '__getattr__')
    return value.kind === 'instance'
      ? instanceAttribute(machine, value, name, site)
      : { kind: 'bound', receiver: value, name: '__getattribute__' };
  switch (value.kind) {
    case 'ref':
      return refAttribute(value, name, site);
    case 'module':
      return moduleAttribute(machine, value, name, site);
    case 'instance':
      return instanceAttribute(machine, value, name, site);
    case 'class':
      return classAttribute(machine, value, name, site);
    case 'function':
      return functionAttribute(machine, value, name);
    case 'union': {
      const each: Value[] = [];
      for (const option of value.options) each.push(attributeOf(machine, option, name, site));
      return joinAll(each);
    }
    case 'none':
      return UNKNOWN;
    default:
      if (name === '__class__') return ref(value.kind);
      // What an enumeration keeps its members' values in; no builtin has it.
      return name === 'value' ? value : { kind: 'bound', receiver: value, name };
  }
}

interface KnownAttribute {
  readonly full: string;
  readonly constant: Value | undefined;
  readonly label: ReturnType<typeof sourceOf>;
}

/** By owner's name and attribute: names are put together once. */
const known = new Map<string, Map<string, KnownAttribute>>();
const KNOWN_LIMIT = 5_000;

function knownAttribute(owner: string, name: string): KnownAttribute {
  let attributes = known.get(owner);
  if (attributes === undefined) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    attributes = new Map();
    known.set(owner, attributes);
  }
  let attribute = attributes.get(name);
  if (attribute === undefined) {
    const full = boundedName(canonicalName(`${owner}.${name}`));
    attribute = { full, constant: CONSTANTS.get(full), label: sourceOf(full) };
    if (attributes.size < KNOWN_LIMIT) attributes.set(name, attribute);
  }
  return attribute;
}

/** Whether a reference is an object of an exception's class. */
export function isException(name: string): boolean {
  return /(?:Error|Exception|Exit|Interrupt|Warning|Iteration)\(\)$/.test(name);
}

/** An attribute of something outside the archive. */
export function refAttribute(value: RefValue, name: string, site: Site): Value {
  const set = value.fields?.get(name);
  if (set !== undefined) return set;
  if (name === '__call__') return value;
  if (name === 'args' && value.call !== undefined && isException(value.name)) return tuple([...value.call.args]);
  const loader = loaderOf(value, name);
  if (loader !== undefined) return loader;
  if (name === '__str__' || name === '__repr__')
    return { kind: 'bound', receiver: str(reprOf(value.name)), name: '__str__' };
  if (value.name === 'pathlib.Path()' && name === 'parent') return parentPath(value, site);
  if (value.name === 'pathlib.Path()' && name === 'parents') return parentPaths(value, site);
  const part = value.name === 'pathlib.Path()' ? namedPart(value, name) : undefined;
  if (part !== undefined) return part;
  const { full, constant, label } = knownAttribute(value.name, name);
  if (constant !== undefined) return constant;
  if ((value.name === 'platform.uname()' || value.name === 'os.uname()') && !/^node(?:name)?$/.test(name))
    return ref(full, originTaint(LABEL.weakHost, site, full), value.call);
  if (name === 'packed' && /^ipaddress\.(?:ip_address|IPv[46]Address)\(\)$/.test(value.name)) {
    const given = value.call?.args[0];
    const known = given?.kind === 'str' ? addressBytes(given.value) : undefined;
    if (known !== undefined) return known;
  }
  if (value.name === 'uuid.UUID()' && (name === 'bytes' || name === 'bytes_le')) {
    const given = value.call?.args[0];
    const known = given?.kind === 'str' ? uuidBytes(given.value, name === 'bytes_le') : undefined;
    if (known !== undefined) return known;
  }
  // What type something has says nothing of what is in it.
  const own = name === '__class__' ? CLEAN : value.taint;
  const taint = label === undefined ? own : unite(originTaint(label, site, full), own);
  return ref(full, taint, value.call);
}

/** What `str()` of a builtin says: obfuscators pick letters out of it. */
export function reprOf(name: string): string {
  if (name === 'copyright') return 'Copyright (c) 2001-2023 Python Software Foundation.\nAll Rights Reserved.';
  if (name === 'credits') return '    Thanks to CWI, CNRI, BeOpen.com, Zope Corporation and a cast of thousands';
  if (
    /^(?:int|str|list|dict|set|tuple|bytes|float|bool|object|type|range|map|zip|filter|complex|frozenset|bytearray|enumerate|reversed|slice|property|super)$/.test(
      name,
    )
  )
    return `<class '${name}'>`;
  return `<built-in function ${name}>`;
}

function parentPath(value: RefValue, site: Site): RefValue {
  const call = {
    name: 'os.path.dirname',
    args: [value],
    keywords: NO_KEYWORDS,
    receiver: undefined,
    site,
    absorbed: CLEAN,
  };
  return ref('pathlib.Path()', value.taint, call);
}

/** Levels of `.parents` that are told apart; nobody counts further up by hand. */
const MAX_PARENTS = 8;

/** `.parents`: the folder, the one above it, and so on (`parents[1]` is `.parent.parent`). */
function parentPaths(value: RefValue, site: Site): Value {
  const folders: Value[] = [];
  for (let at = value; folders.length < MAX_PARENTS; ) {
    at = parentPath(at, site);
    folders.push(at);
  }
  return tuple(folders, true);
}

function moduleAttribute(machine: Machine, value: ModuleValue, name: string, site: Site): Value {
  const known = value.scope.names.get(name);
  if (known !== undefined) return known;
  const { unit } = value;
  if (name === '__name__') return str(unit.module);
  if (name === '__file__') return ref('__file__');
  if (unit.module !== '' && machine.program.findModule(`${unit.module}.${name}`, unit) !== undefined)
    return importName(machine, `${unit.module}.${name}`, unit);
  const dynamic = value.scope.names.get('__getattr__');
  if (dynamic?.kind === 'function') return machine.call(dynamic, [str(name)], NO_KEYWORDS, site);
  return ref(`${unit.module === '' ? '?' : unit.module}.${name}`);
}

/** What a class of another project keeps for its service. */
const INHERITED = /^_?(?:api_?key|api_?secret|secret(?:_?key)?|access_?token|auth_?token|private_?key|password)$/i;
/** Bases that take their fields from the class itself, or that anybody builds upon. */
const OWN_FIELDS =
  /^(?:pydantic\w*|typing|abc|enum|dataclasses|collections|attrs?|requests|httpx|aiohttp|threading|object|django|sqlmodel|marshmallow|sqlalchemy|unittest|\?)\b|(?:Exception|Error|Mixin|BaseModel|BaseSettings)$/;

function instanceAttribute(machine: Machine, value: InstanceValue, name: string, site: Site): Value {
  const hook = findMember(value.of, '__getattribute__');
  if (hook?.kind === 'function' && !isBeingRead(machine, hook)) {
    const given = machine.call({ ...hook, bound: [value] }, [str(name)], NO_KEYWORDS, site);
    if (given.kind !== 'none' && given !== UNKNOWN) return given;
  }
  const field = value.fields.get(name);
  if (field !== undefined) return field;
  if (name === '__class__') return value.of;
  const given = name === 'args' ? value.fields.get('arg0') : undefined;
  if (given !== undefined) return tuple([given]);
  const member = findMember(value.of, name);
  if (member !== undefined) return bind(machine, member, value, value.of, site);
  const dynamic = findMember(value.of, '__getattr__');
  if (dynamic?.kind === 'function') return machine.call({ ...dynamic, bound: [value] }, [str(name)], NO_KEYWORDS, site);
  if (name === '_replace' || name === '_asdict') return { kind: 'bound', receiver: value, name };
  const base = externalBases(value.of).at(0);
  if (base === undefined || base === 'object') return unknown(value.taint);
  const isSecret = INHERITED.test(name) && !OWN_FIELDS.test(base);
  const taint = isSecret
    ? unite(value.taint, originTaint(LABEL.secretParameter, site, `inherited ${name}`))
    : value.taint;
  const made = { name: base, args: [], keywords: NO_KEYWORDS, receiver: value, site, absorbed: CLEAN };
  return ref(canonicalName(`${base}().${name}`), taint, made);
}

function bind(machine: Machine, member: Value, self: Value, of: ClassValue, site: Site): Value {
  const get = member.kind === 'instance' ? findMember(member.of, '__get__') : undefined;
  if (get?.kind === 'function') return machine.call({ ...get, bound: [member] }, [self, of], NO_KEYWORDS, site);
  if (member.kind !== 'function') return member;
  if (member.decoration === 'static') return member;
  const bound: FunctionValue = { ...member, bound: [member.decoration === 'class' ? of : self, ...member.bound] };
  return member.decoration === 'property' ? machine.call(bound, [], NO_KEYWORDS, site) : bound;
}

function classAttribute(machine: Machine, value: ClassValue, name: string, site: Site): Value {
  const member = findMember(value, name);
  if (member !== undefined) {
    if (member.kind === 'instance') return bind(machine, member, NONE, value, site);
    if (member.kind === 'function' && member.decoration === 'class')
      return { ...member, bound: [value, ...member.bound] };
    return member;
  }
  if (name === '__name__' || name === '__qualname__') return str(value.name);
  if (name === '__doc__' && value.node !== undefined) return docOf(value.node.body);
  const meta = machine.metaclasses.get(value);
  if (meta !== undefined) {
    const own = findMember(meta, name);
    if (own !== undefined) return own.kind === 'function' ? { ...own, bound: [value, ...own.bound] } : own;
    const dynamic = findMember(meta, '__getattr__');
    if (dynamic?.kind === 'function')
      return machine.call({ ...dynamic, bound: [value] }, [str(name)], NO_KEYWORDS, site);
  }
  if (name === '__subclasses__') return subclassesOf(machine, value);
  const base = externalBases(value).at(0);
  return base === undefined ? unknown(taintOf(value)) : ref(canonicalName(`${base}.${name}`));
}

/** `cls.__subclasses__`: called, it gives the classes that were made of it. */
function subclassesOf(machine: Machine, value: ClassValue): Value {
  return { kind: 'bound', receiver: list(machine.classes.filter((made) => made.bases.includes(value))), name: 'copy' };
}

function functionAttribute(machine: Machine, value: FunctionValue, name: string): Value {
  switch (name) {
    case '__call__':
    case '__code__':
    case '__func__':
    case '__wrapped__':
      return value;
    case '__name__':
    case '__qualname__':
      return str(value.name);
    case '__globals__':
      return { kind: 'namespace', of: undefined, scope: value.scope.module };
    case '__self__':
      return value.bound[0] ?? NONE;
    case '__doc__':
      return value.node.kind === 'Lambda' ? NONE : docOf(value.node.body);
    default:
      return machine.functionFields.get(value.node)?.get(name) ?? ref(`?${value.name}.${name}`);
  }
}

/** Code may be kept in a docstring. */
function docOf([first]: ClassDef['body']): Value {
  return first?.kind === 'Expr' && first.value.kind === 'Constant' && first.value.type === 'str'
    ? str(first.value.value)
    : NONE;
}
