// Owns the list of all projects: fetched as a stream, kept compressed on disk in both views. May import ports and pypi.
// Start at createProjectList. It is a list to look at and never says whether a project exists.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip, constants as zlibConstants } from 'node:zlib';
import { z } from 'zod';
import { CordonError, isCordonError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ProjectName } from '../pypi/model.ts';
import { htmlListWriter, jsonListWriter, type ListedProject, parseProjectList } from '../pypi/project-list.ts';
import { findRoutes, type UpstreamRoute } from './routing.ts';
import { createSingleFlight } from './single-flight.ts';

/** 40 MB over a slow line */
const DEADLINE_MS = 300_000;
const MANIFEST = 'project-list.json';
const manifestSchema = z.object({
  generation: z.string().regex(/^[0-9a-f]{16}$/),
  fetchedAt: z.number(),
  count: z.int(),
  json: z.object({ etag: z.string(), sizeBytes: z.int() }),
  html: z.object({ etag: z.string(), sizeBytes: z.int() }),
});
type Manifest = z.infer<typeof manifestSchema>;

export type ListFormat = 'json' | 'html';

/** One view of the list, ready to send. */
export interface OpenedList {
  /** strong, of the uncompressed view, without quotes */
  readonly etag: string;
  /** of the gzip-coded body */
  readonly gzipBytes: number;
  readonly fetchedAt: number;
  /** projects in the list */
  readonly count: number;
  /** the gzip-coded body; opened at the call */
  openGzip(): Readable;
}

export interface ProjectList {
  /**
   * The list as last fetched. An old one is given at once while a new one is being fetched; the very first is waited for.
   * Throws NOT_FOUND when no upstream has a list, UPSTREAM_DOWN or UPSTREAM_SLOW when none could be fetched yet.
   */
  open(format: ListFormat): Promise<OpenedList>;
}

export interface ProjectListDeps {
  /** folder of its own */
  readonly folder: string;
  readonly routes: readonly UpstreamRoute[];
  readonly privateNames: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** a list older than this is fetched again when somebody asks */
  readonly maxAgeMs: number;
}

const WRITERS = { json: jsonListWriter, html: htmlListWriter } as const;

/** Writes one view, compressed, while its digest is taken. */
function createSink(path: string, format: ListFormat) {
  const gzip = createGzip({ level: zlibConstants.Z_BEST_SPEED });
  const file = createWriteStream(path, { mode: 0o600 });
  const hash = createHash('sha256');
  const done = finished(gzip.pipe(file));
  done.catch(() => undefined);
  file.on('error', (error) => gzip.destroy(error));
  const write = async (text: string): Promise<void> => {
    hash.update(text);
    if (gzip.write(text) || gzip.destroyed) return;
    await new Promise<void>((resolve) => {
      gzip.once('drain', resolve).once('close', resolve);
    });
  };
  return {
    write,
    writer: WRITERS[format],
    async end(): Promise<{ etag: string; sizeBytes: number }> {
      gzip.end();
      await done;
      return { etag: hash.digest('hex').slice(0, 32), sizeBytes: (await stat(path)).size };
    },
    destroy(): void {
      gzip.destroy();
      file.destroy();
    },
  };
}

/** Every project of every upstream, each once, a private name only from where it may come. */
async function* listProjects(deps: ProjectListDeps): AsyncGenerator<readonly ListedProject[]> {
  const seen = new Set<ProjectName>();
  let lists = 0;
  for (const [index, route] of deps.routes.entries()) {
    const isLast = index === deps.routes.length - 1;
    let list: Awaited<ReturnType<UpstreamRoute['source']['fetchProjectList']>>;
    try {
      list = await route.source.fetchProjectList(AbortSignal.timeout(DEADLINE_MS));
    } catch (error) {
      if (isCordonError(error, 'NOT_FOUND')) continue;
      throw error;
    }
    lists += 1;
    for await (const batch of parseProjectList(list.body, list.contentType)) {
      const fresh = batch.filter(({ name }) => {
        if (seen.has(name)) return false;
        return findRoutes(name, deps.routes, deps.privateNames).some((each) => each.source.id === route.source.id);
      });
      // the last list is the long one, and nothing comes after it
      if (!isLast) for (const { name } of fresh) seen.add(name);
      yield fresh;
    }
  }
  if (lists === 0) throw new CordonError('NOT_FOUND', 'No upstream has a list of projects.');
}

async function build(deps: ProjectListDeps): Promise<Manifest> {
  const generation = randomBytes(8).toString('hex');
  const pathOf = (format: ListFormat): string => join(deps.folder, `${generation}.${format}.gz`);
  await mkdir(deps.folder, { recursive: true });
  const sinks = { json: createSink(pathOf('json'), 'json'), html: createSink(pathOf('html'), 'html') };
  const both = [sinks.json, sinks.html];
  try {
    for (const sink of both) await sink.write(sink.writer.head);
    let count = 0;
    for await (const batch of listProjects(deps)) {
      const first = count;
      for (const sink of both) {
        await sink.write(batch.map((project, index) => sink.writer.write(project, first + index === 0)).join(''));
      }
      count += batch.length;
    }
    for (const sink of both) await sink.write(sink.writer.tail);
    const manifest = {
      generation,
      fetchedAt: deps.clock.now(),
      count,
      json: await sinks.json.end(),
      html: await sinks.html.end(),
    };
    const staged = join(deps.folder, `${generation}.manifest`);
    await writeFile(staged, JSON.stringify(manifest), { mode: 0o600 });
    await rename(staged, join(deps.folder, MANIFEST));
    return manifest;
  } catch (error) {
    for (const sink of both) sink.destroy();
    await removeGenerations(deps.folder, (each) => each === generation);
    if (isCordonError(error)) throw error;
    throw new CordonError('UPSTREAM_DOWN', 'The list of projects could not be read to its end.', { cause: error });
  }
}

/** Removes files of generations that nobody reads any more, e.g. what a killed process left half written. */
async function removeGenerations(folder: string, isGone: (generation: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (name !== MANIFEST && isGone(name.split('.')[0] ?? '')) await rm(join(folder, name), { force: true });
  }
}

async function loadManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    const manifest = parsed.success ? parsed.data : undefined;
    for (const format of ['json', 'html'] as const) {
      if (manifest !== undefined) await stat(join(folder, `${manifest.generation}.${format}.gz`));
    }
    return manifest;
  } catch {
    // a list that cannot be read is a list that must be fetched
    return undefined;
  }
}

/** Makes the list over all configured upstreams. Nothing is fetched before somebody asks. */
export function createProjectList(deps: ProjectListDeps): ProjectList {
  const flight = createSingleFlight<Manifest>();
  let current: Manifest | undefined;
  const loaded = loadManifest(deps.folder).then(async (manifest) => {
    current = manifest;
    await removeGenerations(deps.folder, (each) => each !== manifest?.generation);
  });

  const renew = (): Promise<Manifest> =>
    flight('list', async () => {
      const previous = current?.generation;
      const manifest = await build(deps);
      current = manifest;
      // the one before may just have been handed out
      await removeGenerations(deps.folder, (each) => each !== manifest.generation && each !== previous);
      return manifest;
    });

  return {
    async open(format) {
      await loaded;
      const held = current;
      const isOld = held === undefined || deps.clock.now() - held.fetchedAt > deps.maxAgeMs;
      deps.metrics.countCache('project-list', held === undefined ? 'miss' : isOld ? 'stale' : 'hit');
      const renewal = isOld ? renew() : undefined;
      renewal?.catch((error: unknown) => {
        deps.log.warn({ err: error }, 'the list of projects could not be fetched');
      });
      const manifest = held ?? (await renewal);
      if (manifest === undefined) throw new CordonError('UPSTREAM_DOWN', 'The list of projects is not there yet.');
      return {
        etag: manifest[format].etag,
        gzipBytes: manifest[format].sizeBytes,
        fetchedAt: manifest.fetchedAt,
        count: manifest.count,
        openGzip: () => createReadStream(join(deps.folder, `${manifest.generation}.${format}.gz`)),
      };
    },
  };
}
