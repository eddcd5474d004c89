// Owns where a page is read: small ones here, large ones in a thread of their own. Start at createPageParser.
import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CordonError } from '../errors.ts';
import type { DistributionFile, ProjectPage } from '../pypi/model.ts';
import { type PageBytes, parsePage } from './parse-page.ts';

/** Up to here reading costs a few milliseconds, less than a trip to the thread and back. */
const INLINE_BYTES = 256 * 1024;
/** 64 MiB of JSON take about a second; a reader that is busy for longer is stuck */
const DEADLINE_MS = 30_000;

/** What the thread answers: the page without its files, then the files in slices, each asked for. */
export type ParserReply =
  | { readonly kind: 'head'; readonly page: ProjectPage | undefined }
  | { readonly kind: 'files'; readonly files: readonly DistributionFile[]; readonly isLast: boolean }
  | { readonly kind: 'failed'; readonly message: string };

export type ParserRequest = { readonly kind: 'parse'; readonly page: PageBytes } | { readonly kind: 'more' };

export interface PageParser {
  /** undefined: not a page of this project. Throws UPSTREAM_DOWN when reading takes too long. */
  parse(page: PageBytes): Promise<ProjectPage | undefined>;
  close(): Promise<void>;
}

/** The built thread beside this file; undefined when running from source (Node 20 runs no `.ts` in a thread). */
function findBuiltWorker(): URL | undefined {
  const url = new URL('./page-worker.js', import.meta.url);
  return existsSync(fileURLToPath(url)) ? url : undefined;
}

function nextReply(worker: Worker): Promise<ParserReply> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    const onMessage = (reply: ParserReply): void => {
      done();
      resolve(reply);
    };
    const onError = (error: unknown): void => {
      done();
      reject(new CordonError('UPSTREAM_DOWN', 'A project page could not be read.', { cause: error }));
    };
    const onExit = (): void => {
      onError(new Error('the parser thread ended'));
    };
    const timer = setTimeout(() => {
      onError(new Error('the parser thread took too long'));
    }, DEADLINE_MS);
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });
}

/**
 * One page through the thread. The files come in slices that are asked for one by one: receiving 10,000 at once would
 * hold the event loop as long as parsing them here.
 */
async function parseIn(worker: Worker, page: PageBytes): Promise<ProjectPage | undefined> {
  // the bytes move, they are not copied: nobody reads them here any more
  const bytes = new Uint8Array(page.bytes);
  worker.postMessage({ kind: 'parse', page: { ...page, bytes } } satisfies ParserRequest, [bytes.buffer]);
  const head = await nextReply(worker);
  if (head.kind !== 'head') throw new CordonError('UPSTREAM_DOWN', 'A project page could not be read.');
  if (head.page === undefined) return undefined;
  const files: DistributionFile[] = [];
  for (;;) {
    worker.postMessage({ kind: 'more' } satisfies ParserRequest);
    const slice = await nextReply(worker);
    if (slice.kind !== 'files') throw new CordonError('UPSTREAM_DOWN', 'A project page could not be read.');
    for (const file of slice.files) files.push(file);
    if (slice.isLast) return { ...head.page, files };
    await nextTurn();
  }
}

/** @param workerUrl built thread; default: the one beside this file, if it was built */
export function createPageParser(workerUrl: URL | undefined = findBuiltWorker()): PageParser {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function parseInTurn(url: URL, page: PageBytes): Promise<ProjectPage | undefined> {
    worker ??= new Worker(url, { execArgv: [], env: {} }).on('error', () => undefined);
    const own = worker;
    own.unref();
    try {
      return await parseIn(own, page);
    } catch (error) {
      // whatever state it is in, the next page gets a fresh one
      worker = undefined;
      await own.terminate();
      throw error;
    }
  }

  return {
    parse(page) {
      if (workerUrl === undefined || page.bytes.length < INLINE_BYTES) return Promise.resolve(parsePage(page));
      const turn = last.then(() => parseInTurn(workerUrl, page));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      await worker?.terminate();
      worker = undefined;
    },
  };
}
