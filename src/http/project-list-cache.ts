// Owns the rendered list of all projects on disk: both formats, plain and gzip, written as it arrives. Start at createProjectListCache.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import {
  htmlListWriter,
  jsonListWriter,
  type ListedProject,
  type ProjectListWriter,
  parseProjectList,
} from '../pypi/project-list.ts';

const WRITERS = { json: jsonListWriter, html: htmlListWriter } as const;
export type ListFormat = keyof typeof WRITERS;
export type ListCoding = 'identity' | 'gzip';

/** One written form of the list. */
export interface ListBody {
  readonly sizeBytes: number;
  /** strong, quoted */
  readonly etag: string;
  readonly open: () => Promise<Readable>;
}

export interface ProjectListCache {
  /** The list as last written; written now when there is none. A list past its time is served while the next one is written. Throws what the upstreams throw. */
  find(format: ListFormat, coding: ListCoding): Promise<ListBody>;
}

const infoSchema = z.object({ at: z.number(), etags: z.record(z.string(), z.string()) });
type ListInfo = z.infer<typeof infoSchema>;

interface WrittenList extends ListInfo {
  readonly folder: string;
}

export interface ProjectListDeps {
  readonly folder: string;
  readonly freshMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'countCache'>;
  /** the projects, in batches; aborted by nobody: the work is not the client's */
  readonly open: () => AsyncIterable<readonly ListedProject[]>;
}

const LIST_NAME = /^list-[0-9]+$/;

function fileName(format: ListFormat, coding: ListCoding): string {
  return coding === 'gzip' ? `projects.${format}.gz` : `projects.${format}`;
}

/** Hashes what flows through. */
function hashing(onDigest: (digest: string) => void): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      onDigest(hash.digest('base64url').slice(0, 27));
      done();
    },
  });
}

async function* writeBatches(writer: ProjectListWriter, projects: AsyncIterable<readonly ListedProject[]>) {
  let isFirst = true;
  yield writer.head;
  for await (const batch of projects) {
    let text = '';
    for (const project of batch) {
      text += writer.write(project, isFirst);
      isFirst = false;
    }
    yield text;
  }
  yield writer.tail;
}

/** Writes one plain form and, from it, its gzip form. */
async function writeForms(
  folder: string,
  format: ListFormat,
  projects: AsyncIterable<readonly ListedProject[]>,
): Promise<Record<string, string>> {
  const etags: Record<string, string> = {};
  const keep = (name: string) =>
    hashing((digest) => {
      etags[name] = `"${digest}"`;
    });
  const plain = fileName(format, 'identity');
  const packed = fileName(format, 'gzip');
  const text = Readable.from(writeBatches(WRITERS[format], projects), { objectMode: false });
  await pipeline(text, keep(plain), createWriteStream(join(folder, plain)));
  await pipeline(
    createReadStream(join(folder, plain)),
    createGzip({ level: 5 }),
    keep(packed),
    createWriteStream(join(folder, packed)),
  );
  return etags;
}

/** The names of the plain JSON form, read back: the upstreams are asked once for both formats. */
function readBack(path: string): AsyncIterable<readonly ListedProject[]> {
  return parseProjectList(createReadStream(path), 'application/json');
}

async function writeList(deps: ProjectListDeps): Promise<WrittenList> {
  const at = deps.clock.now();
  const staging = join(deps.folder, `staging-${at}`);
  const folder = join(deps.folder, `list-${at}`);
  await mkdir(staging, { recursive: true });
  try {
    const json = await writeForms(staging, 'json', deps.open());
    const html = await writeForms(staging, 'html', readBack(join(staging, fileName('json', 'identity'))));
    const info: ListInfo = { at, etags: { ...json, ...html } };
    await writeFile(join(staging, 'info.json'), JSON.stringify(info));
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
    return { ...info, folder };
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

async function readList(folder: string): Promise<WrittenList | undefined> {
  try {
    const parsed = infoSchema.safeParse(JSON.parse(await readFile(join(folder, 'info.json'), 'utf8')));
    return parsed.success ? { ...parsed.data, folder } : undefined;
  } catch {
    return undefined; // a list that cannot be read is written anew
  }
}

/** The newest list of an earlier run; everything else in the folder goes. */
async function findOnDisk(folder: string): Promise<WrittenList | undefined> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => /^(?:list|staging)-[0-9]+$/.test(name)).sort();
  const newest = names.filter((name) => LIST_NAME.test(name)).at(-1);
  for (const name of names) {
    if (name !== newest) await rm(join(folder, name), { recursive: true, force: true });
  }
  return newest === undefined ? undefined : readList(join(folder, newest));
}

/** Pause after a renewal that failed. */
const RETRY_MS = 60_000;

/** Keeps the list on disk: 40 MB in memory would be paid by everybody for a list that few ask for. */
export function createProjectListCache(deps: ProjectListDeps): ProjectListCache {
  let current: WrittenList | undefined;
  let start: Promise<WrittenList | undefined> | undefined;
  let writing: Promise<WrittenList> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  function write(): Promise<WrittenList> {
    writing ??= writeList(deps)
      .then(async (written) => {
        const previous = current;
        current = written;
        if (previous !== undefined && previous.folder !== written.folder) {
          // Readers of the old list have its files open and finish.
          await rm(previous.folder, { recursive: true, force: true });
        }
        return written;
      })
      .finally(() => {
        writing = undefined;
      });
    return writing;
  }

  function renew(): void {
    write().catch((error: unknown) => {
      failedAt = deps.clock.now();
      deps.log.warn({ err: error }, 'the project list could not be renewed');
    });
  }

  async function findList(): Promise<WrittenList> {
    start ??= findOnDisk(deps.folder).catch((error: unknown) => {
      start = undefined;
      throw error;
    });
    current ??= await start;
    if (current === undefined) {
      deps.metrics.countCache('project-list', 'miss');
      return write();
    }
    // the clock may have been set back since
    const agoOf = (at: number): number => Math.abs(deps.clock.now() - at);
    const isFresh = agoOf(current.at) < deps.freshMs;
    deps.metrics.countCache('project-list', isFresh ? 'hit' : 'stale');
    if (!isFresh && agoOf(failedAt) > RETRY_MS) renew();
    return current;
  }

  return {
    async find(format, coding) {
      const name = fileName(format, coding);
      const found = await findList();
      // somebody may have taken the folder away
      const list = existsSync(join(found.folder, name)) ? found : await write();
      const path = join(list.folder, name);
      return {
        sizeBytes: (await stat(path)).size,
        etag: list.etags[name] ?? '""',
        open: async () => (await open(path)).createReadStream(),
      };
    },
  };
}
