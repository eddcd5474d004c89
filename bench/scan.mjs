// npm run bench:scan [-- FOLDER] [--limit 100] [--guarddog COMMAND] [--json FILE]
// Scans every wheel and sdist of a folder in one scan child, one after another, and prints what a scan costs: megabytes of
// Python a second and core, time of a file (p50, p99), memory. Without a folder it takes the packages of Python's own
// standard library (python3 has to be there), packed as wheels. GuardDog, when named, gets the same files (the first 30).
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ScanProcess } from '../dist/scan/scan-process.js';
import { packWheel } from './support/pack.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, guarddog: { type: 'string' }, json: { type: 'string' } },
});
const DISTRIBUTION = /\.(?:whl|egg|zip|tgz|tar\.(?:gz|bz2|xz))$/u;
const GUARDDOG_FILES = 30;
const CLOCK_TICKS = 100; // of /proc/<pid>/stat, on every Linux that Node runs on
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

/** CPU seconds that a process has used. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
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
  const bytes = results.reduce((sum, result) => sum + result.pythonBytes, 0);
  const cpu = results.reduce((sum, result) => sum + result.cpuSeconds, 0);
  const figures = {
    files: results.length,
    pythonMegabytes: bytes / 1e6,
    megabytesPerCpuSecond: bytes / 1e6 / cpu,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    mostMs: quantile(times, 1),
  };
  const { files, pythonMegabytes, megabytesPerCpuSecond, p50Ms, p99Ms, mostMs } = figures;
  console.log(
    `${title}: ${files} files, ${pythonMegabytes.toFixed(1)} MB of Python, ${megabytesPerCpuSecond.toFixed(1)} MB a CPU second, p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, most ${mostMs.toFixed(0)} ms`,
  );
  return figures;
}

/** GuardDog's command line on the same files; its start-up is in the figure, as it is in its use. */
function timeGuarddog(command, results) {
  const sample = results.slice(0, GUARDDOG_FILES);
  const startedAt = performance.now();
  for (const { path } of sample)
    spawnSync(command, ['pypi', 'scan', path, '--output-format', 'json'], { stdio: 'ignore' });
  const seconds = (performance.now() - startedAt) / 1_000;
  const bytes = sample.reduce((sum, result) => sum + result.pythonBytes, 0);
  const ours = sample.reduce((sum, result) => sum + result.elapsedMs, 0) / 1_000;
  console.log(
    `GuardDog, the first ${sample.length}: ${(bytes / 1e6 / seconds).toFixed(2)} MB a second, ${seconds.toFixed(1)} s; Cordon ${ours.toFixed(1)} s`,
  );
  return { files: sample.length, seconds, megabytesPerSecond: bytes / 1e6 / seconds, cordonSeconds: ours };
}

try {
  const folder = positionals[0] ?? packStandardLibrary();
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => DISTRIBUTION.test(path) && statSync(path).isFile())
    .toSorted()
    .slice(0, options.limit === undefined ? undefined : Number(options.limit));
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
  const guarddog = options.guarddog === undefined ? undefined : timeGuarddog(options.guarddog, results);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ ...figures, peakMebibytes: peak, guarddog }, undefined, 2)}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
