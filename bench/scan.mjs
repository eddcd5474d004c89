// npm run bench:scan [-- FOLDER] [--limit 100] [--guarddog VENV] [--json FILE]
// Scans every wheel and sdist of a folder in one scan child, one after another, and prints what a scan costs: megabytes of
// Python a second and core (opening, checking and judging included), time of a file (p50, p95, p99, most), memory, and how
// the time divides among the parts of the analysis. Without a folder it takes the packages of Python's own standard library
// (python3 has to be there), packed as wheels; with a limit, so many of the files, evenly. GuardDog gets a sample of the same files, one command for each.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { scanFile } from '../dist/scan/child-scan.js';
import { openFileSource } from '../dist/scan/child-source.js';
import { ScanProcess } from '../dist/scan/scan-process.js';
import { packWheel } from './support/pack.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, guarddog: { type: 'string' }, json: { type: 'string' } },
});
const DISTRIBUTION = /\.(?:whl|egg|zip|tgz|tar\.(?:gz|bz2|xz))$/u;
const GUARDDOG_FILES = 10;
const PROFILED_FILES = 120;
const LIMITS = { deadlineMs: 600_000, memoryBytes: 4 * 2 ** 30 };

const scratch = mkdtempSync(join(tmpdir(), 'cordon-bench-scan-'));

/** Packages of the standard library as wheels: real Python that is on every machine with a Python. */
function packStandardLibrary() {
  const python = ['-c', 'import os; print(os.path.dirname(os.__file__))'];
  const library = execFileSync('python3', python).toString().trim();
  const isPackage = (entry) => entry.isDirectory() && entry.name !== 'site-packages' && entry.name !== '__pycache__';
  for (const { name } of readdirSync(library, { withFileTypes: true }).filter(isPackage)) {
    const files = readdirSync(join(library, name), { recursive: true }).filter((path) => path.endsWith('.py'));
    if (files.length === 0) continue;
    const contents = files.map((path) => [`${name}/${path}`, readFileSync(join(library, name, path))]);
    writeFileSync(
      join(scratch, `${name.replaceAll('-', '_')}-1.0-py3-none-any.whl`),
      packWheel(name, '1.0', Object.fromEntries(contents)),
    );
  }
  return scratch;
}

/** CPU seconds that the threads of a process have used. */
function cpuSeconds(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'latin1').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

function peakMebibytes(pid) {
  return Number(/^VmHWM:\s*(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
}

const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

async function scanAll(files) {
  const child = new ScanProcess(fileURLToPath(new URL('../dist/scan/child.js', import.meta.url)), LIMITS);
  const results = [];
  try {
    for (const [index, path] of files.entries()) {
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
      const job = { id: index + 1, path, filename: basename(path), sha256, ruleset: 'bench' };
      const before = index === 0 ? 0 : cpuSeconds(child.pid);
      const answer = await child.scan(job);
      if (answer.kind === 'failed') throw new Error(`${path}: ${answer.message}`);
      const { elapsedMs, summary } = answer.report;
      results.push({ path, elapsedMs, cpuSeconds: cpuSeconds(child.pid) - before, pythonBytes: summary.pythonBytes });
    }
    return { results, peakMebibytes: peakMebibytes(child.pid) };
  } finally {
    child.kill();
  }
}

function summarise(title, results) {
  const times = results.map((result) => result.elapsedMs);
  const cpuTimes = results.map((result) => result.cpuSeconds * 1_000);
  const bytes = results.reduce((sum, result) => sum + result.pythonBytes, 0);
  const cpu = results.reduce((sum, result) => sum + result.cpuSeconds, 0);
  const figures = {
    files: results.length,
    pythonMegabytes: bytes / 1e6,
    megabytesPerCpuSecond: bytes / 1e6 / cpu,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    p99Ms: quantile(times, 0.99),
    mostMs: quantile(times, 1),
    cpuSeconds: cpu,
    p50CpuMs: quantile(cpuTimes, 0.5),
    p99CpuMs: quantile(cpuTimes, 0.99),
  };
  const { files, pythonMegabytes, megabytesPerCpuSecond, p50Ms, p95Ms, p99Ms, mostMs, p50CpuMs, p99CpuMs } = figures;
  console.log(
    `${title}: ${files} files, ${pythonMegabytes.toFixed(1)} MB of Python, ${megabytesPerCpuSecond.toFixed(1)} MB a CPU second, p50 ${p50Ms.toFixed(0)} ms, p95 ${p95Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, most ${mostMs.toFixed(0)} ms (CPU: p50 ${p50CpuMs.toFixed(0)} ms, p99 ${p99CpuMs.toFixed(0)} ms)`,
  );
  return figures;
}

/** A part of the analysis by the module a sample was taken in. */
const PARTS = [
  ['opening, digests', /analysis\/archive\//u],
  ['parsing Python', /analysis\/python\/[^/]*$/u],
  ['following the program', /analysis\/python\/flow\//u],
  ['decoding', /analysis\/python\/decoders\//u],
  ['evidence', /analysis\/evidence\//u],
  ['detectors', /analysis\/detectors\//u],
  ['scripts and binaries', /analysis\/(?:script|binary)\//u],
];

const partOf = (url) => PARTS.find(([, pattern]) => pattern.test(url))?.[0];

/** Every so many of the files, evenly. */
const sampleOf = (files, count) =>
  files.filter(
    (_, index) => Math.floor((index * count) / files.length) !== Math.floor(((index - 1) * count) / files.length),
  );

/** How the time of scans divides among the parts: samples of V8's profiler, each counted for the innermost part. */
async function divide(files) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  for (const path of files) {
    const source = openFileSource(path);
    await scanFile(source, { id: 0, path, filename: basename(path), sha256: '', ruleset: 'bench' });
    source.close();
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const names = new Map();
  const nameOf = (id) => {
    const { functionName, url } = frames.get(id);
    if (functionName === '(garbage collector)') return 'collecting garbage';
    if (functionName === '(idle)') return 'idle';
    const parent = parents.get(id);
    return partOf(url) ?? (parent === undefined ? 'the rest' : (names.get(parent) ?? nameOf(parent)));
  };
  for (const { id } of profile.nodes) names.set(id, nameOf(id));
  const shares = new Map();
  profile.samples.forEach((id, index) => {
    const name = names.get(id);
    if (name !== 'idle') shares.set(name, (shares.get(name) ?? 0) + profile.timeDeltas[index]);
  });
  const whole = [...shares.values()].reduce((sum, time) => sum + time, 0);
  return Object.fromEntries([...shares].toSorted((a, b) => b[1] - a[1]).map(([name, time]) => [name, time / whole]));
}

/** CPU seconds of a command and its children, by the shell's own count. Throws when it did not succeed. */
function cpuOfCommand(command, args) {
  const script = '"$0" "$@" >/dev/null 2>&1; status=$?; times; exit $status';
  const { status, stdout } = spawnSync('bash', ['-c', script, command, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`);
  const times = [...stdout.split('\n')[1].matchAll(/(\d+)m([\d.]+)s/gu)];
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** GuardDog's command line on a sample of the wheels; its start-up is in the figure, as it is in its use. */
function timeGuarddog(command, results) {
  const sample = sampleOf(results, GUARDDOG_FILES);
  const startedAt = performance.now();
  const cpuSeconds = sample.reduce(
    (sum, { path }) => sum + cpuOfCommand(command, ['pypi', 'scan', path, '--output-format', 'json']),
    0,
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const bytes = sample.reduce((sum, result) => sum + result.pythonBytes, 0);
  const oursCpu = sample.reduce((sum, result) => sum + result.cpuSeconds, 0);
  const ours = sample.reduce((sum, result) => sum + result.elapsedMs, 0) / 1_000;
  console.log(
    `the same ${sample.length} files: GuardDog ${cpuSeconds.toFixed(1)} CPU s (${seconds.toFixed(1)} s), ${(bytes / 1e6 / cpuSeconds).toFixed(2)} MB a CPU second; Cordon ${oursCpu.toFixed(1)} CPU s (${ours.toFixed(1)} s), ${(bytes / 1e6 / oursCpu).toFixed(1)} MB a CPU second`,
  );
  return {
    files: sample.length,
    seconds,
    cpuSeconds,
    pythonBytes: bytes,
    cordonSeconds: ours,
    cordonCpuSeconds: oursCpu,
  };
}

try {
  const folder = positionals[0] ?? packStandardLibrary();
  const all = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => DISTRIBUTION.test(path) && statSync(path).isFile())
    .toSorted();
  const files = options.limit === undefined ? all : sampleOf(all, Math.min(all.length, Number(options.limit)));
  if (files.length === 0) throw new Error(`${folder} holds no distribution files`);
  const { results, peakMebibytes: peak } = await scanAll(files);
  const groups = [
    ['wheels', results.filter(({ path }) => path.endsWith('.whl'))],
    ['sdists', results.filter(({ path }) => !path.endsWith('.whl'))],
  ].filter(([, group]) => group.length > 0);
  const figures = Object.fromEntries(groups.map(([title, group]) => [title, summarise(title, group)]));
  console.log(`largest memory of the child: ${peak.toFixed(0)} MiB`);
  for (const { path, elapsedMs } of results.toSorted((a, b) => b.elapsedMs - a.elapsedMs).slice(0, 5)) {
    console.log(`  slow: ${basename(path)} ${elapsedMs.toFixed(0)} ms`);
  }
  const shares = await divide(sampleOf(files, PROFILED_FILES));
  const parts = Object.entries(shares).map(([name, share]) => `${name} ${(share * 100).toFixed(0)} %`);
  console.log(`share of the time: ${parts.join(', ')}`);
  const guarddog =
    options.guarddog === undefined ? undefined : timeGuarddog(join(options.guarddog, 'bin', 'guarddog'), results);
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify({ ...figures, peakMebibytes: peak, shares, guarddog }, undefined, 2)}\n`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true });
}
