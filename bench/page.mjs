// node bench/page.mjs [--files N] [--rounds N] [--dist FOLDER]
// How long the event loop stands still while a project page is judged, modelled, written and compressed for the first time,
// through the real application over a store in memory. Needs a build. Exits 1 when a pause is longer than the limit.
// A row shows its best round: what the code blocks, it blocks in each; what another process takes, it seldom takes twice.
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    dist: { type: 'string', default: resolve(import.meta.dirname, '..', 'dist') },
    rounds: { type: 'string', default: '5' },
    limit: { type: 'string', default: '50' },
  },
});
const fileCount = Number(options.files);
const limitMs = Number(options.limit);
const load = (path) => import(pathToFileURL(resolve(options.dist, path)).href);
const { createApp } = await load('http/app.js');
const { openMemoryStore } = await load('storage/memory/memory-store.js');

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const clock = { now: () => Date.now() };
const store = openMemoryStore({ clock });
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: console.warn, error: console.error };
const metrics = new Proxy({}, { get: () => nothing });

function makeFile(index) {
  const version = `${Math.floor(index / 20)}.${index % 20}.0`;
  const filename = `big_project-${version}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`;
  const url = `https://files.pythonhosted.org/packages/aa/bb/${sha256(filename).slice(0, 60)}/${filename}`;
  return {
    key: sha256(`pypi\n${url}`),
    upstream: 'pypi',
    project: 'big-project',
    version,
    file: {
      filename,
      url,
      hashes: { sha256: sha256(url) },
      requiresPython: '>=3.9',
      coreMetadata: { sha256: sha256(version) },
      yanked: false,
      sizeBytes: 1_000_000 + index,
      uploadTime: '2025-01-02T03:04:05.678901Z',
      provenance: null,
      extra: {},
    },
    path: url.slice('https://files.pythonhosted.org/'.length),
    sha256: sha256(url),
    firstSeenAt: 0,
  };
}

const files = Array.from({ length: fileCount }, (_, index) => makeFile(index));
let revision = 0;
const facts = () => ({
  upstream: 'pypi',
  page: {
    name: 'big-project',
    apiVersion: '1.4',
    versions: [...new Set(files.map(({ version }) => version))],
    files: files.map(({ file }) => file),
    lastSerial: 1,
    extra: {},
    metaExtra: {},
  },
  project: { upstream: 'pypi', project: 'big-project', firstSeenAt: 0 },
  files,
  removed: [],
  revision: String(revision),
  isStale: false,
});
// Every tenth file is refused, so that nothing is passed through untouched.
const decide = (_file, index) =>
  index % 10 === 0
    ? { verdict: { kind: 'refuse', reason: 'malware', detail: 'runs a downloaded program when it is imported' } }
    : { verdict: { kind: 'allow', reason: 'clean', detail: 'nothing was found' } };

let current = facts();
const app = createApp({
  index: {
    findProject: async () => current,
    findFile: async () => undefined,
    findUpstreams: () => ['pypi'],
    forget: nothing,
  },
  judge: {
    judgeFile: async (file) => decide(file, 1),
    judgeProject: async (_project, judged) => judged.map(decide),
    revision: async () => '1',
  },
  intake: { findPhase: nothing, speculate: nothing },
  store,
  blobs: {},
  findSource: nothing,
  clock,
  log,
  metrics,
  settings: {
    holdMs: 1,
    hops: 0,
    lastHoldMs: 1,
    pageWaitMs: 0,
    youngMs: 0,
    jsonFreshMs: 1,
    privateUpstreams: [],
    pathPrefix: '',
    trustedProxies: [],
    allowedHosts: [],
    cacheBytes: 256 * 1024 * 1024,
    maxHolds: 1,
    maxHoldsPerClient: 1,
    pageWaitBudgetMs: 0,
    listFolder: mkdtempSync(join(tmpdir(), 'cordon-page-')),
    listFreshMs: 1,
    listUpstreams: [],
    maxRequests: 1000,
    maxRequestsPerClient: 1000,
  },
});
const server = app.listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const { port } = server.address();

/** The client lives in a worker: parsing its megabytes must not count as a pause of the server. */
const client = new Worker(
  `const { parentPort } = require('node:worker_threads');
   const { get } = require('node:http');
   parentPort.on('message', ({ port, headers }) => {
     get({ host: '127.0.0.1', port, path: '/simple/big-project/', headers, agent: false }, (answer) => {
       let bytes = 0;
       answer.on('data', (chunk) => { bytes += chunk.length; });
       answer.on('end', () => parentPort.postMessage({ status: answer.statusCode, bytes, coding: answer.headers['content-encoding'] ?? 'identity' }));
     });
   });`,
  { eval: true },
);
const ask = (headers) =>
  new Promise((done) => {
    client.once('message', done);
    client.postMessage({ port, headers });
  });

const types = { JSON: 'application/vnd.pypi.simple.v1+json', HTML: 'text/html' };
const codings = ['identity', 'gzip', 'br'];
let longestPause = 0;
console.log(`${fileCount} files; longest pause of the event loop and time to the last byte, ms`);
await ask({ accept: types.HTML, 'accept-encoding': 'identity' }); // warms up the code, not the caches below

async function measure(headers) {
  revision++;
  current = facts();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await new Promise((done) => setTimeout(done, 50));
  delay.enable();
  await new Promise((done) => setTimeout(done, 20));
  delay.reset();
  const start = performance.now();
  const answer = await ask(headers);
  const cold = performance.now() - start;
  delay.disable();
  const warmStart = performance.now();
  await ask(headers);
  return { ...answer, pause: delay.max / 1e6, cold, warm: performance.now() - warmStart };
}

for (const [name, accept] of Object.entries(types)) {
  for (const coding of codings) {
    const rounds = [];
    while (rounds.length < Number(options.rounds)) rounds.push(await measure({ accept, 'accept-encoding': coding }));
    const best = (key) => Math.min(...rounds.map((round) => round[key]));
    longestPause = Math.max(longestPause, best('pause'));
    const { status, bytes } = rounds[0];
    const size = `${(bytes / 1e6).toFixed(2)} MB`;
    console.log(
      `${name} ${coding.padEnd(8)} ${String(status)} ${size.padStart(9)}  pause ${best('pause').toFixed(1).padStart(6)}  first ${best('cold').toFixed(0).padStart(4)}  again ${best('warm').toFixed(0).padStart(4)}`,
    );
  }
}
await client.terminate();
server.close();
server.closeAllConnections();
console.log(`longest pause ${longestPause.toFixed(1)} ms, limit ${limitMs} ms`);
process.exitCode = longestPause > limitMs ? 1 : 0;
