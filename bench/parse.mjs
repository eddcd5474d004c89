// How fast Python source is read: `node bench/parse.mjs DIR [every-nth]` parses the .py members of the wheels and sdists
// in DIR (sub-folders too) with the built parser and prints MB of source a CPU second. Needs `npm run build`.
// Members are read in memory by the few lines below, so that the figure is the parser's alone.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { parsePython } from '../dist/analysis/python/parser.js';
import { decodeSource } from '../dist/analysis/python/source.js';

function* zipMembers(archive) {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    if (name.endsWith('.py')) yield [name, archive.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed)];
    at += 46 + nameLength + extraLength + commentLength;
  }
}

function* tarMembers(archive) {
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136).replaceAll('\0', ''), 8);
    const name = archive.toString('utf8', at, archive.indexOf(0, at));
    if (name.endsWith('.py')) yield [name, archive.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function membersOf(path) {
  const bytes = readFileSync(path);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return [...zipMembers(bytes)];
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return [...tarMembers(gunzipSync(bytes))];
  return [];
}

function* filesIn(directory) {
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

const [directory, nth = '1'] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: node bench/parse.mjs DIR [every-nth]\n');
  process.exit(2);
}

const sums = { files: 0, bytes: 0, cpu: 0, broken: 0, python2: 0, exhausted: 0, slowest: 0, slowestName: '' };
let archives = 0;
for (const path of filesIn(directory)) {
  if (archives++ % Number(nth) !== 0) continue;
  let members = [];
  try {
    members = membersOf(path);
  } catch (error) {
    process.stderr.write(`${path}: ${error.message}\n`);
  }
  for (const [name, bytes] of members) {
    const before = process.cpuUsage();
    const { module, errors, isPython2, exhausted } = parsePython(decodeSource(bytes).text);
    const { user, system } = process.cpuUsage(before);
    sums.files += module.kind === 'Module' ? 1 : 0;
    sums.bytes += bytes.length;
    sums.cpu += user + system;
    sums.broken += errors.length > 0 ? 1 : 0;
    sums.python2 += isPython2 ? 1 : 0;
    sums.exhausted += exhausted ? 1 : 0;
    if (user + system > sums.slowest) Object.assign(sums, { slowest: user + system, slowestName: `${path}!${name}` });
  }
}
const rate = (sums.bytes / sums.cpu).toFixed(1);
process.stdout.write(
  `${sums.files} files, ${(sums.bytes / 1e6).toFixed(1)} MB, ${(sums.cpu / 1e6).toFixed(2)} CPU s: ${rate} MB/s\n` +
    `with errors ${sums.broken}, Python 2 ${sums.python2}, exhausted ${sums.exhausted}\n` +
    `slowest ${(sums.slowest / 1000).toFixed(0)} ms: ${sums.slowestName}\n`,
);
