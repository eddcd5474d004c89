// Damages archives and Python sources in repeatable ways, aimed at what parsers trust: signatures, sizes, names, nesting.
import { gunzipSync, gzipSync } from 'node:zlib';
import { fixTarChecksum } from './pack.mjs';

/** A small generator (mulberry32): one seed, one sequence, on every machine. */
export function makeRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  const pick = (list) => list[below(list.length)];
  return { next, below, pick, chance: (share) => next() < share };
}

const BYTES = [0, 1, 0x2f, 0x5c, 0x30, 0x37, 0x7f, 0x80, 0xff];

function setByte(bytes, random, at) {
  const changed = Buffer.from(bytes);
  if (at < changed.length) changed[at] = random.chance(0.5) ? random.pick(BYTES) : random.below(256);
  return changed;
}

function cut(bytes, random) {
  const at = random.below(bytes.length);
  const length = random.pick([1, 4, 22, 512, random.below(100) + 1]);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
}

function insert(bytes, random) {
  const at = random.below(bytes.length);
  const from = random.below(bytes.length);
  const piece = random.chance(0.5)
    ? Buffer.alloc(random.pick([1, 4, 22, 512]), random.below(256))
    : bytes.subarray(from, from + 512);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

const TAILS = [
  'PK\u0005\u0006'.padEnd(22, '\0'),
  'PK\u0005\u0006\0\0\0\0',
  '<html>',
  '\u001f\u008b\u0008',
  '\0'.repeat(600),
];

function append(bytes, random) {
  return Buffer.concat([bytes, random.chance(0.2) ? bytes : Buffer.from(random.pick(TAILS), 'latin1')]);
}

function prepend(bytes, random) {
  return Buffer.concat([random.chance(0.3) ? bytes : Buffer.from('#!/bin/sh\n'), bytes]);
}

/** Positions where a format keeps what readers go by. */
function anchorsOf(bytes) {
  const anchors = [];
  for (let at = bytes.indexOf('PK'); at >= 0; at = bytes.indexOf('PK', at + 1)) anchors.push(at);
  if (anchors.length === 0) for (let at = 0; at < bytes.length; at += 512) anchors.push(at);
  return anchors;
}

function nearAnchor(bytes, random) {
  return setByte(bytes, random, random.pick(anchorsOf(bytes)) + random.below(48));
}

function swapBlocks(bytes, random) {
  const blocks = Math.floor(bytes.length / 512);
  if (blocks < 2) return bytes;
  const changed = Buffer.from(bytes);
  bytes.copy(changed, random.below(blocks) * 512, random.below(blocks) * 512, bytes.length);
  return changed;
}

const TAR_FIELDS = [0, 100, 108, 116, 124, 130, 136, 148, 156, 156, 156, 157, 257, 263, 345];
const TAR_VALUES = [0, 0x20, 0x2d, 0x2f, 0x30, 0x31, 0x32, 0x35, 0x37, 0x4b, 0x4c, 0x53, 0x67, 0x78, 0x80, 0xff];

/** Changes a field of a tar header and makes the checksum right again: the change gets past the first check. */
function tarField(bytes, random) {
  const blocks = Math.floor(bytes.length / 512);
  if (blocks === 0) return bytes;
  const changed = Buffer.from(bytes);
  const block = changed.subarray(random.below(blocks) * 512).subarray(0, 512);
  block[random.pick(TAR_FIELDS) + random.below(8)] = random.pick(TAR_VALUES);
  fixTarChecksum(block);
  return changed;
}

function truncate(bytes, random) {
  return bytes.subarray(0, random.below(bytes.length));
}

const EDITS = [
  setByteAnywhere,
  nearAnchor,
  nearAnchor,
  nearAnchor,
  cut,
  insert,
  append,
  prepend,
  swapBlocks,
  tarField,
  tarField,
  truncate,
];

function setByteAnywhere(bytes, random) {
  return setByte(bytes, random, random.below(bytes.length));
}

/** One to five changes to an archive; of a gzip file mostly to what it holds. */
export function mutateArchive(archive, random) {
  const isGzip = archive[0] === 0x1f && archive[1] === 0x8b;
  if (isGzip && random.chance(0.8)) {
    const inner = mutateArchive(gunzipSync(archive), random);
    if (random.chance(0.1)) return Buffer.concat([gzipSync(inner.subarray(0, 1024)), gzipSync(inner.subarray(1024))]);
    return gzipSync(inner, { level: 1 });
  }
  let bytes = Buffer.from(archive);
  for (let count = random.pick([1, 1, 1, 2, 3, 5]); count > 0 && bytes.length > 1; count -= 1) {
    bytes = random.pick(EDITS)(bytes, random);
  }
  return bytes;
}

const FRAGMENTS = [
  'exec(__import__("base64").b64decode("cHJpbnQoMSk="))',
  '(lambda f: f(f))(lambda f: f(f))',
  "'''",
  '"""',
  "f'{x!r:>{w}}'",
  "f'{f'{f'{1}'}'}'",
  '\\',
  '\u0000',
  '\ufeff',
  '\u202e',
  '\r',
  '\f',
  '# -*- coding: utf-16 -*-',
  '# coding: rot13',
  'ｅｖａｌ(1)',
  '0x_f',
  '1_000j',
  '0b2',
  'match x:\n  case {"a": [*_], **rest}: pass',
  'async def f(): await g()',
  'print "python 2" % x',
  'exec "code" in ns',
  'x = yield from (yield)',
  'class A(A): pass',
  'def f(f=f): return f(f)',
  'while True: x += x',
  'x = [x for x in x for x in x]',
  'x = "a" * 10**9',
  'x = b"\\x00" * (1 << 40)',
  'x = 10 ** 10 ** 10',
  'for i in range(10**12): s += chr(i % 256)',
  '[].__class__.__base__.__subclasses__()',
  'getattr(__builtins__, "ex" + "ec")("1")',
  'import a.b.c as d; from . import *; from .. import x',
];

const BRACKETS = ['(', '[', '{', 'f(', '-', 'not ', 'lambda: ', 'x if y else ', '"a" + ', '*', '@x\n', 'a.'];

function deepen(lines, random) {
  const depth = random.pick([50, 150, 1_000, 20_000]);
  lines.splice(random.below(lines.length + 1), 0, `x = ${random.pick(BRACKETS).repeat(depth)}`);
}

function indent(lines, random) {
  const depth = random.pick([20, 120, 600]);
  const tower = Array.from({ length: depth }, (_unused, level) => `${' '.repeat(level)}if x:`);
  lines.splice(random.below(lines.length + 1), 0, ...tower, `${' '.repeat(depth)}pass`);
}

function lengthen(lines, random) {
  const piece = random.pick(['A', 'aGVsbG8=', '\\x41', '\\\\', '(', '1+', '/*', 'x,', '🐍']);
  lines.splice(random.below(lines.length + 1), 0, `y = "${piece.repeat(random.pick([1_000, 50_000, 300_000]))}"`);
}

/** One to six changes to a Python source: damage, deep nesting, huge literals, odd fragments. */
export function mutateSource(text, random) {
  const lines = text.split('\n');
  for (let count = random.pick([1, 2, 3, 6]); count > 0; count -= 1) {
    const at = random.below(lines.length);
    const what = random.next();
    if (what < 0.25) lines.splice(at, 0, random.pick(FRAGMENTS));
    else if (what < 0.4) lines[at] = (lines[at] ?? '').slice(0, random.below((lines[at] ?? '').length + 1));
    else if (what < 0.5) lines.splice(at, random.below(5) + 1);
    else if (what < 0.6) lines.splice(at, 0, ...lines.slice(random.below(lines.length)).slice(0, 40));
    else if (what < 0.7) lines[at] = `${lines[at] ?? ''}${random.pick(FRAGMENTS)}`;
    else if (what < 0.8) deepen(lines, random);
    else if (what < 0.87) indent(lines, random);
    else if (what < 0.95) lengthen(lines, random);
    else
      lines[at] = (lines[at] ?? '').replaceAll(/[a-z]/gu, (letter) =>
        random.chance(0.2) ? random.pick(BRACKETS) : letter,
      );
  }
  return lines.join('\n');
}
