// Owns drawing files from pypi.org at random: the newest wheel and the newest sdist of projects that no rule was written for.
// Start at draw. usage: node bench/draw.mjs --seed 7 --count 1500 [--match 'telegram|discord'] [--max-bytes 3000000] FOLDER
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const AT_ONCE = 12;
const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json';

async function draw() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '500' },
      match: { type: 'string', default: '' },
      'max-bytes': { type: 'string', default: '3000000' },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) {
    console.error('usage: node bench/draw.mjs --seed 7 --count 1500 [--match PATTERN] [--max-bytes N] FOLDER');
    process.exit(2);
  }
  mkdirSync(folder, { recursive: true });
  const match = new RegExp(values.match, 'i');
  const names = (await listProjects()).filter((name) => match.test(name));
  const drawn = sample(names, values.seed, Number(values.count));
  const counts = { wheel: 0, sdist: 0, without: 0, failed: 0 };
  const queue = drawn.values();
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue, folder, Number(values['max-bytes']), counts)));
  console.log(`${drawn.length} of ${names.length} projects: ${counts.wheel} wheels, ${counts.sdist} sdists`);
  console.log(`${counts.without} without a file that is small enough, ${counts.failed} not fetched`);
}

/** Normalised names of every project; mirrors of pypi.org may know the root list as HTML alone. */
async function listProjects() {
  const response = await get('https://pypi.org/simple/', `${SIMPLE_JSON}, text/html;q=0.1`);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const names = isJson
    ? JSON.parse(text).projects.map(({ name }) => name)
    : [...text.matchAll(/<a href="(?:\/simple\/)?([^"/]+)\/"/g)].map(([, name]) => name);
  return names.map((name) => name.toLowerCase().replaceAll(/[-_.]+/g, '-'));
}

/** The first names in the order of the digest of seed and name: the same for everybody, whatever else was registered since. */
function sample(names, seed, count) {
  const order = (name) => createHash('sha256').update(`${seed}\0${name}`).digest('hex');
  return names
    .map((name) => [order(name), name])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, count)
    .map(([, name]) => name);
}

async function work(queue, folder, maxBytes, counts) {
  for (const name of queue) {
    try {
      const { urls } = await getJson(`https://pypi.org/pypi/${encodeURIComponent(name)}/json`, 'application/json');
      const newest = ['bdist_wheel', 'sdist'].map((type) =>
        urls.find(({ packagetype, size }) => packagetype === type && size <= maxBytes),
      );
      if (newest.every((file) => file === undefined)) counts.without += 1;
      for (const file of newest) if (file !== undefined) await save(file, folder, counts);
    } catch {
      counts.failed += 1;
    }
  }
}

async function save({ url, filename, packagetype, digests }, folder, counts) {
  const path = join(folder, filename.replaceAll(/[\\/]/g, '_'));
  if (!existsSync(path)) {
    const bytes = Buffer.from(await (await get(url, '*/*')).arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== digests.sha256)
      throw new Error(`${filename}: other bytes`);
    writeFileSync(path, bytes);
  }
  counts[packagetype === 'sdist' ? 'sdist' : 'wheel'] += 1;
}

async function getJson(url, accept) {
  return (await get(url, accept)).json();
}

async function get(url, accept) {
  const response = await fetch(url, { headers: { accept }, signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}

await draw();
