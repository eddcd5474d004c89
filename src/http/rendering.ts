// Owns the writing of pages as bytes: format, coding, ETag, once per content. Imports gate's models and pypi. Start at createRenderer.
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { CordonError } from '../errors.ts';
import type { Cache } from '../gate/deps.ts';
import type { PageModel } from '../gate/page-model.ts';
import { createSingleFlight } from '../index/single-flight.ts';
import type { Metrics } from '../ports/metrics.ts';
import { encodeFilePath } from '../pypi/file-path.ts';
import type { DistributionFile } from '../pypi/model.ts';
import { type Coding, JSON_TYPE, type SimpleType } from '../pypi/negotiation.ts';
import { renderPageHtml } from '../pypi/page-html.ts';
import { renderPageJson } from '../pypi/page-json.ts';

/** A body ready to be sent. */
export interface RenderedBody {
  readonly body: Buffer;
  readonly type: string;
  readonly coding: Coding;
  /** strong: of these very bytes */
  readonly etag: string;
}

type Compress = (body: Buffer) => Promise<Buffer>;

const gzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gzip);
const brotli = promisify<zlib.InputType, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
/** Node has it from 22.15 and 23.8 on. */
const zstdCompress = (zlib as { zstdCompress?: typeof zlib.gzip }).zstdCompress;
const zstd = zstdCompress === undefined ? undefined : promisify<zlib.InputType, Buffer>(zstdCompress);

const MIB = 1024 * 1024;

/** A page is written again after each new verdict of its project, while somebody waits: level 1 costs half of 6, for 6 % more. */
function chooseGzipLevel(sizeBytes: number): number {
  return sizeBytes <= MIB / 4 ? 6 : 1;
}

/** The default quality of brotli (11) takes ten seconds for a large page. */
const BROTLI_QUALITY = 4;

const COMPRESSORS: Readonly<Record<Coding, Compress | undefined>> = {
  identity: (body) => Promise.resolve(body),
  gzip: (body) => gzip(body, { level: chooseGzipLevel(body.byteLength) }),
  br: (body) =>
    brotli(body, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength,
      },
    }),
  zstd,
};

/** Codings of pages, best first; files are always identity. gzip before brotli: one body then serves pip and uv. */
export const PAGE_CODINGS: readonly Coding[] = zstd === undefined ? ['gzip', 'br'] : ['zstd', 'gzip', 'br'];

const SLICE_MS = 8;
const CHUNK_CHARACTERS = 64 * 1024;

/** Joins the pieces of a page, letting other work in every few milliseconds. */
export async function joinInSlices(pieces: Iterable<string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let text = '';
  let sliceStart = performance.now();
  for (const piece of pieces) {
    text += piece;
    if (text.length >= CHUNK_CHARACTERS) {
      chunks.push(Buffer.from(text));
      text = '';
      if (performance.now() - sliceStart > SLICE_MS) {
        await new Promise(setImmediate);
        sliceStart = performance.now();
      }
    }
  }
  chunks.push(Buffer.from(text));
  return Buffer.concat(chunks);
}

/** Hashes a long body a megabyte at a time. */
async function hashInSlices(body: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < body.byteLength; start += MIB) {
    if (start > 0) await new Promise(setImmediate);
    hash.update(body.subarray(start, start + MIB));
  }
  return hash.digest('base64url').slice(0, 27);
}

/** Compresses off the event loop and signs the result. */
export async function encodeBody(identity: Buffer, type: string, coding: Coding): Promise<RenderedBody> {
  const compress = COMPRESSORS[coding];
  if (compress === undefined) throw new Error(`this Node.js cannot write ${coding}`);
  const body = await compress(identity);
  return { body, type, coding, etag: `"${await hashInSlices(body)}"` };
}

/** Addresses that begin with `from` are shown beginning with `to`. */
export interface PrefixMap {
  readonly from: string;
  readonly to: string;
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CordonError('UPSTREAM_DOWN', 'the index sent a document that is nested too deeply', { cause: error });
  }
}

/** JSON of a value, its first two levels in pieces: a document holds its files by release. */
export function* writeJson(value: unknown, depth = 2): Generator<string> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isRecord || depth === 0) {
    yield stringify(value);
    return;
  }
  let separator = '{';
  for (const [key, below] of Object.entries(value)) {
    if (below === undefined) continue;
    yield `${separator}${JSON.stringify(key)}:`;
    yield* writeJson(below, depth - 1);
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

export interface Renderer {
  /** @param provenance where the addresses of attestations lead instead; they are the one URL that may not be relative */
  renderPage(
    model: PageModel,
    type: SimpleType,
    coding: Coding,
    provenance: PrefixMap | undefined,
  ): Promise<RenderedBody>;
  /** @param make the document, or undefined when there is none; asked only when it is not in the cache */
  renderDocument(
    key: string,
    coding: Coding,
    make: () => Promise<{ readonly value: unknown; readonly validUntil: number } | undefined>,
  ): Promise<RenderedBody | undefined>;
}

function mapProvenance(file: DistributionFile, { from, to }: PrefixMap): DistributionFile {
  const { provenance } = file;
  return provenance?.startsWith(from) === true ? { ...file, provenance: to + provenance.slice(from.length) } : file;
}

async function writePage(model: PageModel, type: SimpleType, provenance: PrefixMap | undefined): Promise<Buffer> {
  const page =
    provenance === undefined
      ? model.page
      : { ...model.page, files: model.page.files.map((file) => mapProvenance(file, provenance)) };
  // From /simple/<project>/: relative, so that any prefix in front of us fits.
  const urlOf = (_file: DistributionFile, index: number) => `../../${encodeFilePath(model.paths[index] ?? '')}`;
  return joinInSlices(type === JSON_TYPE ? renderPageJson(page, urlOf) : renderPageHtml(page, urlOf));
}

/** Writes each page and document once per content, format and coding, also for many who ask at the same time. */
export function createRenderer(cache: Cache<RenderedBody>, metrics: Pick<Metrics, 'countCache'>): Renderer {
  const flights = createSingleFlight<RenderedBody | undefined>();

  async function findOrMake(
    key: string,
    make: () => Promise<RenderedBody | undefined>,
  ): Promise<RenderedBody | undefined> {
    const known = cache.get(key);
    metrics.countCache('rendered', known === undefined ? 'miss' : 'hit');
    return known ?? flights(key, make);
  }

  function keep(key: string, rendered: RenderedBody, validUntil: number | undefined): RenderedBody {
    cache.set(key, rendered, rendered.body.byteLength, validUntil);
    return rendered;
  }

  return {
    async renderPage(model, type, coding, provenance) {
      const key = `${model.key}|${type}|${coding}|${provenance?.to ?? ''}`;
      const rendered = await findOrMake(key, async () => {
        const identity = await writePage(model, type, provenance);
        return keep(key, await encodeBody(identity, type, coding), model.validUntil);
      });
      if (rendered === undefined) throw new Error('a page was rendered to nothing');
      return rendered;
    },
    renderDocument(key, coding, make) {
      const fullKey = `${key}|${coding}`;
      return findOrMake(fullKey, async () => {
        const made = await make();
        if (made === undefined) return undefined;
        const identity = await joinInSlices(writeJson(made.value));
        return keep(fullKey, await encodeBody(identity, 'application/json', coding), made.validUntil);
      });
    },
  };
}
