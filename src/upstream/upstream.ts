// Owns how an index is asked: conditional GET, retries, caps, parsing. May import ports, pypi, errors, undici, ipaddr.js.
// Start at createUpstream; transport.ts is one GET, page-parser.ts the reading of a page.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CordonError, isCordonError } from '../errors.ts';
import type { IndexSource, PageAnswer, Validators } from '../ports/index-source.ts';
import type { ProjectName, ProjectPage } from '../pypi/model.ts';
import type { Resolve } from './address-guard.ts';
import { describeUrl } from './address-guard.ts';
import type { Credentials, UpstreamConfig } from './config.ts';
import { createDeadline, withinTime } from './deadline.ts';
import { toBodyError } from './failures.ts';
import { createPageParser, type PageParser } from './page-parser.ts';
import { createDecoder, readBounded } from './read-bounded.ts';
import { type RetrySeams, systemRetrySeams, withRetries } from './retry.ts';
import { createTransport, type Exchange, type GetOptions, type Transport } from './transport.ts';

const PAGE_ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01';
const PROVENANCE_ACCEPT = 'application/vnd.pypi.integrity.v1+json, application/json;q=0.5';
/** A document of some kilobytes that nobody should wait for. */
const PROVENANCE_MS = 3_000;
const MAX_PROVENANCE_BYTES = 2 * 1024 * 1024;
const PAGE_CODINGS = 'gzip, br';
/** what may follow an answer that is not read */
const SMALL_BODY_BYTES = 64 * 1024;

export interface Upstream extends IndexSource {
  /** Cuts every connection and ends the parser thread. */
  close(): Promise<void>;
}

/** What tests replace. */
export interface UpstreamSeams extends Partial<RetrySeams> {
  readonly resolve?: Resolve;
}

interface Place {
  /** simple index root with a slash at the end, without user name and password */
  readonly root: URL;
  readonly credentials: Credentials | undefined;
}

function readPlace(config: UpstreamConfig): Place {
  if (!URL.canParse(config.url)) {
    throw new CordonError('CONFIG_INVALID', `The url of upstream ${config.id} is not a URL.`);
  }
  const root = new URL(config.url);
  if (!root.pathname.endsWith('/')) root.pathname += '/';
  const { username, password } = root;
  root.username = '';
  root.password = '';
  const inUrl =
    username === '' ? undefined : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const plain = config.fileOrigins.find((each) => new URL(each).protocol !== root.protocol);
  if (root.protocol === 'https:' && plain !== undefined) {
    throw new CordonError(
      'CONFIG_INVALID',
      `Upstream ${config.id} is https, but its file origin ${new URL(plain).origin} is not.`,
    );
  }
  return { root, credentials: config.credentials ?? inUrl };
}

/** Reads the short rest of an answer that says all in its status, so that the connection can be used again. */
async function dismiss(exchange: Exchange, upstream: string): Promise<void> {
  await readBounded(exchange.body, undefined, SMALL_BODY_BYTES, upstream).catch(() => undefined);
}

function isAbsent(status: number): boolean {
  return status === 404 || status === 410;
}

async function unexpected(exchange: Exchange, upstream: string): Promise<CordonError> {
  await dismiss(exchange, upstream);
  const text =
    exchange.status === 401 || exchange.status === 403
      ? `${upstream} refuses us (${String(exchange.status)}). Check its credentials.`
      : `${upstream} answered ${String(exchange.status)} for ${describeUrl(new URL(exchange.url))}.`;
  return new CordonError('UPSTREAM_DOWN', text);
}

function readPageAnswer(page: ProjectPage, exchange: Exchange): PageAnswer {
  const { etag, 'last-modified': lastModified, 'x-pypi-last-serial': serial } = exchange.headers;
  const isSerial = serial !== undefined && /^\d{1,15}$/.test(serial);
  return {
    kind: 'page',
    page: page.lastSerial === undefined && isSerial ? { ...page, lastSerial: Number(serial) } : page,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

async function askForPage(
  project: ProjectName,
  validators: Validators,
  signal: AbortSignal,
  deps: {
    readonly config: UpstreamConfig;
    readonly root: URL;
    readonly transport: Transport;
    readonly parser: PageParser;
  },
): Promise<PageAnswer> {
  const { config, root, transport, parser } = deps;
  const exchange = await transport.get(new URL(`${project}/`, root).href, {
    accept: PAGE_ACCEPT,
    acceptEncoding: PAGE_CODINGS,
    signal,
    headers: {
      ...(validators.etag === undefined ? {} : { 'if-none-match': validators.etag }),
      ...(validators.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
    },
  });
  if (exchange.status === 304) {
    await dismiss(exchange, config.id);
    return { kind: 'not-modified' };
  }
  if (isAbsent(exchange.status)) {
    await dismiss(exchange, config.id);
    return { kind: 'absent' };
  }
  if (exchange.status !== 200) throw await unexpected(exchange, config.id);
  const coding = exchange.headers['content-encoding'];
  const bytes = await readBounded(exchange.body, coding, config.maxPageBytes, config.id);
  const page = await parser.parse({
    bytes,
    contentType: exchange.headers['content-type'] ?? '',
    url: exchange.url,
    project,
  });
  if (page === undefined) {
    throw new CordonError('UPSTREAM_DOWN', `${config.id} answered with something that is not the page of ${project}.`);
  }
  return readPageAnswer(page, exchange);
}

/** An index that sits at, or redirects to, a place that is not allowed is an index that does not work: never a 403 for a name. */
async function asDown<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isCordonError(error, 'FORBIDDEN')) throw error;
    throw new CordonError('UPSTREAM_DOWN', error.message, { cause: error });
  }
}

/** The sibling of a file: the suffix belongs to the path, before any query. */
function metadataUrl(fileUrl: string): string {
  const url = new URL(fileUrl);
  url.pathname += '.metadata';
  return url.href;
}

function readLength(exchange: Exchange): number | undefined {
  const text = exchange.headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function parseJson(bytes: Buffer, upstream: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new CordonError('UPSTREAM_DOWN', `${upstream} answered with something that is not JSON.`, { cause: error });
  }
}

/** A body with its coding undone; errors of the transfer reach the reader of the result. */
function decodeStream(exchange: Exchange, upstream: string): Readable {
  const coding = exchange.headers['content-encoding'];
  const decoder = createDecoder(coding, upstream);
  pipeline(exchange.body, decoder).catch((error: unknown) => {
    decoder.destroy(toBodyError(error, upstream));
  });
  return decoder;
}

/**
 * Opens one configured upstream. Nothing is asked before the first call.
 *
 * @throws CONFIG_INVALID for an unreadable URL or caFile, or http file origins of an https index
 */
export function createUpstream(config: UpstreamConfig, seams: UpstreamSeams = {}): Upstream {
  const { root, credentials } = readPlace(config);
  const transport = createTransport(config, root.origin, credentials, seams.resolve);
  const parser = createPageParser();
  const retrySeams: RetrySeams = { ...systemRetrySeams, ...seams };
  const retrying = <T>(operation: () => Promise<T>): Promise<T> => withRetries(operation, config.retries, retrySeams);
  const deps = { config, root, transport, parser };

  /** GETs a small document whole, with the URL that answered; undefined when it is not there. */
  const readOnceFrom = async (
    url: string,
    options: GetOptions,
    maxBytes: number,
  ): Promise<{ readonly url: string; readonly bytes: Buffer } | undefined> => {
    const exchange = await transport.get(url, options);
    if (isAbsent(exchange.status)) {
      await dismiss(exchange, config.id);
      return undefined;
    }
    if (exchange.status !== 200) throw await unexpected(exchange, config.id);
    const bytes = await readBounded(exchange.body, exchange.headers['content-encoding'], maxBytes, config.id);
    return { url: exchange.url, bytes };
  };
  const readOnce = async (url: string, options: GetOptions, maxBytes: number): Promise<Buffer | undefined> =>
    (await readOnceFrom(url, options, maxBytes))?.bytes;
  /** each try gets so long */
  const inTime = <T>(ms: number, operation: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    retrying(() => withinTime(config.id, ms, operation));

  return {
    id: config.id,
    fetchPage: (project, validators) =>
      asDown(inTime(config.documentMs, (signal) => askForPage(project, validators, signal, deps))),
    fetchFile: (url, signal) =>
      retrying(async () => {
        const exchange = await transport.get(url, { accept: '*/*', acceptEncoding: 'identity', signal });
        if (exchange.status !== 200 && !isAbsent(exchange.status)) throw await unexpected(exchange, config.id);
        const sizeBytes = readLength(exchange);
        return { status: exchange.status, body: exchange.body, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
      }),
    fetchMetadata: (url) =>
      inTime(config.documentMs, (signal) =>
        readOnce(metadataUrl(url), { accept: '*/*', acceptEncoding: 'identity', signal }, config.maxMetadataBytes),
      ),
    async fetchProvenance(url): Promise<unknown> {
      const bytes = await withinTime(config.id, PROVENANCE_MS, (signal) =>
        readOnce(url, { accept: PROVENANCE_ACCEPT, acceptEncoding: PAGE_CODINGS, signal }, MAX_PROVENANCE_BYTES),
      );
      return bytes === undefined ? undefined : parseJson(bytes, config.id);
    },
    fetchProjectList: (given) =>
      asDown(
        retrying(async () => {
          const { signal, clear } = createDeadline(config.id, config.listMs, given);
          const options = { accept: PAGE_ACCEPT, acceptEncoding: PAGE_CODINGS, signal };
          const exchange = await transport.get(root.href, options).catch((error: unknown) => {
            clear();
            throw error;
          });
          exchange.body.once('close', clear);
          if (isAbsent(exchange.status)) {
            await dismiss(exchange, config.id);
            throw new CordonError('NOT_FOUND', `${config.id} has no list of projects.`);
          }
          if (exchange.status !== 200) throw await unexpected(exchange, config.id);
          return { contentType: exchange.headers['content-type'] ?? '', body: decodeStream(exchange, config.id) };
        }),
      ),
    async fetchProjectJson(project, version) {
      if (config.jsonApi === undefined) return undefined;
      const base = config.jsonApi.endsWith('/') ? config.jsonApi : `${config.jsonApi}/`;
      const path = version === undefined ? `${project}/json` : `${project}/${encodeURIComponent(version)}/json`;
      const { href } = new URL(path, base);
      const options = { accept: 'application/json', acceptEncoding: PAGE_CODINGS };
      const read = await asDown(
        inTime(config.documentMs, (signal) => readOnceFrom(href, { ...options, signal }, config.maxPageBytes)),
      );
      return read === undefined ? undefined : { url: read.url, document: parseJson(read.bytes, config.id) };
    },
    async close() {
      await parser.close();
      await transport.close();
    },
  };
}
