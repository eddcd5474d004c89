// npm run bench [-- --peers FOLDER] [--real --uv FILE] [--seconds N] [--rounds N] [--json FILE]
// Cordon beside nginx's proxy_cache (and devpi, proxpi when --peers names a virtual environment that holds them), all in
// one run, in turn, in front of the same upstream. Each body is checked byte for byte, each load run for its status codes.
// What another server does not get through is reported and left out; what Cordon does not get through ends the run.
// Quote the ratios: absolute figures belong to the machine.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { findProgram, peakMemory, startCordon, startDevpi, startNginx, startProxpi } from './support/contestants.mjs';
import { realInstall } from './support/real-install.mjs';
import { makeWheel, startUpstream } from './support/upstream.mjs';

const { values: options } = parseArgs({
  options: {
    peers: { type: 'string' },
    real: { type: 'boolean' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
    uv: { type: 'string', default: 'uv' },
  },
});
const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const percentile = (list, share) =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

const wrk = findProgram('wrk');
if (wrk === undefined) {
  console.error('npm run bench needs wrk (Debian: apt-get install wrk nginx-light).');
  process.exit(2);
}

function fetchOnce(url, headers = {}, agent = undefined) {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** Requests and bytes a second; throws when any answer was not 2xx or 3xx, or a socket failed. */
async function load(url, headers, connections) {
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${options.seconds}s`,
    '--timeout',
    '30s',
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    url,
  ];
  // execFile without blocking: the upstream lives in this process.
  const { execFile } = await import('node:child_process');
  const text = await new Promise((resolve, reject) =>
    execFile(wrk, args, (error, stdout) => (error ? reject(error) : resolve(stdout))),
  );
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${url}: ${text}`);
  const unit = { B: 1 / 1e6, KB: 1 / 1e3, MB: 1, GB: 1e3 };
  const [, size, suffix] = /Transfer\/sec:\s+([\d.]+)(\w+)/.exec(text);
  return { requests: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), megabytes: Number(size) * unit[suffix] };
}

async function findFileUrl(peer, project, filename) {
  const page = await fetchOnce(`${peer.url}${peer.simple}/${project}/`, { accept: `${JSON_TYPE}, text/html;q=0.1` });
  const text = page.body.toString();
  if ((page.headers['content-type'] ?? '').includes('json')) {
    const file = JSON.parse(text).files.find((entry) => entry.filename === filename);
    return new URL(file.url.split('#')[0], `${peer.url}${peer.simple}/${project}/`).href;
  }
  const link = [...text.matchAll(/href="([^"]+)"/g)].map((match) => match[1]).find((href) => href.includes(filename));
  return new URL(link.replaceAll('&amp;', '&').split('#')[0], `${peer.url}${peer.simple}/${project}/`).href;
}

/** Status, location and digest of an answer; the body is hashed as it comes, 100 clients would not fit in memory. */
function fetchDigest(url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const hash = createHash('sha256');
      response.on('data', (chunk) => hash.update(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, sha256: hash.digest('hex') }),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

async function fetchFile(url, expected, agent) {
  for (let attempt = 0; attempt < 20; attempt++) {
    let answer = await fetchDigest(url, agent);
    while (answer.status === 307 || answer.status === 302)
      answer = await fetchDigest(new URL(answer.headers.location, url).href, agent);
    if (answer.status === 200 && answer.sha256 === expected) return;
    if (answer.status === 200) throw new Error(`${url}: wrong bytes`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${url}: never served`);
}

/** Checks a page of 2,500 files; its ETag, or '' where there is none. */
async function checkPage(peer, url, headers) {
  const page = await fetchOnce(url, headers);
  const plain = page.headers['content-encoding'] === 'gzip' ? gunzipSync(page.body) : page.body;
  const listed = (
    plain.toString().match(/bench_page-0\.\d+-py3-none-any\.whl"/g) ??
    plain.toString().match(/bench_page-0\.\d+-py3-none-any\.whl</g) ??
    []
  ).length;
  if (page.status !== 200 || listed < 2500) throw new Error(`${peer.name}: page ${page.status} lists ${listed} files`);
  return page.headers.etag ?? '';
}

/** What another server did not get through: said in the table and in the JSON. */
const failures = [];

/** One step of one server; undefined when it failed and is not Cordon. */
async function attempt(peer, step, run) {
  try {
    return await run();
  } catch (error) {
    if (peer.name === 'cordon') throw error;
    const message = String(error.message).trim().replace(/\s+/g, ' ').slice(0, 200);
    failures.push({ peer: peer.name, step, message });
    console.log(`${peer.name} did not get through "${step}": ${message}`);
    return undefined;
  }
}

const results = [];
function report(name, unit, figures, better) {
  const row = { name, unit, figures };
  const cordon = figures.cordon;
  row.ratios = Object.fromEntries(
    Object.entries(figures)
      .filter(([peer]) => peer !== 'cordon')
      .map(([peer, figure]) => [peer, better === 'more' ? cordon / figure : figure / cordon]),
  );
  results.push(row);
  const shown = Object.entries(figures)
    .map(([peer, figure]) => `${peer} ${figure.toFixed(figure < 10 ? 2 : 0)}`)
    .join('  ');
  const ratios = Object.entries(row.ratios)
    .map(([peer, ratio]) => `${ratio.toFixed(2)} x ${peer}`)
    .join('  ');
  console.log(`${name.padEnd(44)} ${unit.padEnd(7)} ${shown.padEnd(60)} ${ratios}`);
}

async function measureLoad(name, peers, urlOf, headersOf, connections, unit) {
  const rounds = Object.fromEntries(peers.map((peer) => [peer.name, []]));
  const failed = new Set();
  for (let round = 0; round < Number(options.rounds); round++)
    for (const peer of peers) {
      if (failed.has(peer)) continue;
      const run = await attempt(peer, name, async () => load(urlOf(peer), headersOf(peer), connections));
      if (run === undefined) failed.add(peer);
      else rounds[peer.name].push(run[unit]);
    }
  const whole = peers.filter((peer) => !failed.has(peer)).map((peer) => [peer.name, median(rounds[peer.name])]);
  report(name, unit === 'requests' ? 'req/s' : 'MB/s', Object.fromEntries(whole), 'more');
}

async function measureLatency(name, peers, urlOf) {
  const figures = { p50: {}, p95: {} };
  for (const peer of peers) {
    const times = await attempt(peer, name, () => timeRequests(urlOf(peer)));
    if (times === undefined) continue;
    figures.p50[peer.name] = percentile(times, 0.5);
    figures.p95[peer.name] = percentile(times, 0.95);
  }
  report(`${name}, p50`, 'ms', figures.p50, 'less');
  report(`${name}, p95`, 'ms', figures.p95, 'less');
}

/** 2,000 requests on one connection after 200 to warm up, ms each. */
async function timeRequests(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  try {
    for (let count = 0; count < 2200; count++) {
      const startedAt = performance.now();
      const answer = await fetchOnce(url, {}, agent);
      if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
      if (count >= 200) times.push(performance.now() - startedAt);
    }
    return times;
  } finally {
    agent.destroy();
  }
}

/** A server that has not answered a hundred clients by then does not survive them. */
const HERD_MS = 90_000;

const countGets = (upstream, filename) =>
  [...upstream.counts].filter(([path]) => path.endsWith(filename)).reduce((sum, [, count]) => sum + count, 0);

async function measureHerd(url, wheel, upstream) {
  const before = countGets(upstream, wheel.filename);
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const startedAt = performance.now();
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${HERD_MS / 1000} s`)), HERD_MS);
  });
  const clients = Array.from({ length: 100 }, () => fetchFile(url, sha256(wheel.bytes), agent));
  for (const client of clients) client.catch(() => undefined); // those that are cut off after the first failure
  try {
    await Promise.race([Promise.all(clients), late]);
  } finally {
    clearTimeout(timer);
    agent.destroy();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, upstreamGets: countGets(upstream, wheel.filename) - before };
}

const runStartedAt = performance.now();
const upstream = await startUpstream();
const small = makeWheel('bench-small', '1.0', 200_000);
const large = makeWheel('bench-large', '1.0', 50_000_000);
const tiny = makeWheel('bench-tiny', '1.0', 2_000);
upstream.addProject('bench-page', [], 2500);
for (const wheel of [small, large, tiny])
  upstream.addProject(wheel.filename.split('-')[0].replaceAll('_', '-'), [wheel]);
const herds = {};
const herdWheels = Object.fromEntries(
  ['cordon', 'nginx', 'devpi', 'proxpi'].map((peer) => [peer, makeWheel(`bench-herd-${peer}`, '1.0', 50_000_000)]),
);
for (const [peer, wheel] of Object.entries(herdWheels)) upstream.addProject(`bench-herd-${peer}`, [wheel]);

const peers = [await startCordon(upstream), await startNginx(upstream)].filter(Boolean);
if (peers.length === 1) console.error('nginx not found (Debian: nginx-light): Cordon is measured alone');
if (options.peers !== undefined)
  for (const [name, start] of Object.entries({ devpi: startDevpi, proxpi: startProxpi })) {
    const peer = await attempt({ name }, 'start', () => start(upstream, options.peers));
    if (peer !== undefined) peers.push(peer);
  }
try {
  console.log(
    `node ${process.version}, ${execFileSync('nproc').toString().trim()} cores, ${options.rounds} rounds of ${options.seconds} s, medians; ratio > 1: Cordon is better\n`,
  );

  for (const peer of peers) {
    const wheel = herdWheels[peer.name];
    const herd = await attempt(peer, 'cold herd', async () =>
      measureHerd(await findFileUrl(peer, `bench-herd-${peer.name}`, wheel.filename), wheel, upstream),
    );
    if (herd !== undefined) herds[peer.name] = herd;
  }
  report(
    'cold herd, 100 clients x 50 MB, time',
    's',
    Object.fromEntries(Object.entries(herds).map(([peer, herd]) => [peer, herd.seconds])),
    'less',
  );
  report(
    'cold herd, upstream GETs',
    'GETs',
    Object.fromEntries(Object.entries(herds).map(([peer, herd]) => [peer, herd.upstreamGets])),
    'less',
  );
  const memory = peakMemory(peers[0].pid);
  console.log(
    `cordon's peak memory after the herd: server ${memory.server} MB, scan children ${memory.children.join(', ')} MB`,
  );

  const pageUrl = (peer) => `${peer.url}${peer.simple}/bench-page/`;
  const pageHeaders = { accept: JSON_TYPE, 'accept-encoding': 'gzip' };
  const etags = {};
  const listing = [];
  for (const peer of peers) {
    const etag = await attempt(peer, 'project page', async () => checkPage(peer, pageUrl(peer), pageHeaders));
    if (etag === undefined) continue;
    listing.push(peer);
    if (etag !== '') etags[peer.name] = etag;
  }
  await measureLoad('warm project page, 2,500 files, gzip', listing, pageUrl, () => pageHeaders, 20, 'requests');
  await measureLoad(
    'warm project page, 304',
    listing.filter((peer) => etags[peer.name]),
    pageUrl,
    (peer) => ({ ...pageHeaders, 'if-none-match': etags[peer.name] }),
    20,
    'requests',
  );

  const urls = new Map();
  const serving = [];
  const checkFiles = async (peer) => {
    for (const wheel of [small, large, tiny]) {
      const project = wheel.filename.split('-')[0].replaceAll('_', '-');
      const url = urls.get(`${peer.name} ${wheel.filename}`) ?? (await findFileUrl(peer, project, wheel.filename));
      await fetchFile(url, sha256(wheel.bytes));
      urls.set(`${peer.name} ${wheel.filename}`, url);
    }
    return true;
  };
  for (const peer of peers) if (await attempt(peer, 'files', () => checkFiles(peer))) serving.push(peer);
  await measureLoad(
    'warm 200 KB file',
    serving,
    (peer) => urls.get(`${peer.name} ${small.filename}`),
    () => ({}),
    20,
    'requests',
  );
  await measureLoad(
    'warm 50 MB file',
    serving,
    (peer) => urls.get(`${peer.name} ${large.filename}`),
    () => ({}),
    8,
    'megabytes',
  );
  await measureLatency('known file (2 KB), one after another', serving, (peer) =>
    urls.get(`${peer.name} ${tiny.filename}`),
  );
  for (const peer of serving) await attempt(peer, 'files after the load', () => checkFiles(peer));

  await Promise.all(
    Array.from({ length: 100 }, () => fetchFile(urls.get(`cordon ${large.filename}`), sha256(large.bytes))),
  );
  const peak = peakMemory(peers[0].pid);
  console.log(
    `cordon's peak memory over the whole run, 100 clients pulling 50 MB included: server ${peak.server} MB, scan children ${peak.children.join(', ')} MB`,
  );
  const real = options.real ? await realInstall(options.uv, Number(options.rounds)) : [];
  results.push(...real);
  if (options.json !== undefined) {
    const document = { node: process.version, rounds: options.rounds, results, herds, peak, failures };
    writeFileSync(options.json, `${JSON.stringify(document, null, 2)}\n`);
  }
  console.log(`\n${((performance.now() - runStartedAt) / 60_000).toFixed(1)} minutes`);
} finally {
  for (const peer of peers) await peer.close();
  await upstream.close();
}
