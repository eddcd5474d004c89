// Entry of the parser thread: reads one page at a time and hands its files out in slices. Start at page-parser.ts.
import { parentPort } from 'node:worker_threads';
import type { DistributionFile } from '../pypi/model.ts';
import type { ParserReply, ParserRequest } from './page-parser.ts';
import { parsePage } from './parse-page.ts';

/** About 1 ms to receive. */
const SLICE_FILES = 250;

let pending: readonly DistributionFile[] = [];

function answer(request: ParserRequest): ParserReply {
  if (request.kind === 'parse') {
    const page = parsePage(request.page);
    pending = page?.files ?? [];
    return { kind: 'head', page: page === undefined ? undefined : { ...page, files: [] } };
  }
  const files = pending.slice(0, SLICE_FILES);
  pending = pending.slice(SLICE_FILES);
  return { kind: 'files', files, isLast: pending.length === 0 };
}

parentPort?.on('message', (request: ParserRequest) => {
  let reply: ParserReply;
  try {
    reply = answer(request);
  } catch (error) {
    reply = { kind: 'failed', message: String(error) };
  }
  parentPort?.postMessage(reply);
});
