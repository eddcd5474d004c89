// What can go wrong on the way from an index. Start at sendBody.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Fault =
  /** answers with this status and no page */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** closes the socket after so many bytes; without a length the client cannot tell */
  | { readonly kind: 'truncate'; readonly afterBytes: number; readonly withLength: boolean }
  /** flips one bit of the byte at this offset (default: the middle); the length stays right */
  | { readonly kind: 'corrupt'; readonly at?: number }
  /** falls silent after so many bytes and keeps the socket open */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** announces a Content-Length that is off by so much (positive: too long) */
  | { readonly kind: 'wrong-length'; readonly by: number }
  /** other bytes altogether, with their own right length */
  | { readonly kind: 'replace'; readonly bytes: Uint8Array; readonly contentType?: string }
  /** never answers */
  | { readonly kind: 'silence' }
  /** answers after this long */
  | { readonly kind: 'delay'; readonly ms: number }
  /** closes the connection before a byte of the answer */
  | { readonly kind: 'reset' }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  /** a body of this many bytes of JSON white space, sent in pieces */
  | { readonly kind: 'huge'; readonly bytes: number };

export interface Body {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const PIECE = 64 * 1024;

async function sendPiece(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(piece)) return true;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
  return !response.destroyed;
}

async function sendSlowly(response: ServerResponse, bytes: Uint8Array, bytesPerSecond: number): Promise<void> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 20));
  for (let at = 0; at < bytes.length; at += step) {
    if (!(await sendPiece(response, bytes.subarray(at, at + step)))) return;
    await sleep(50);
  }
  response.end();
}

async function sendHuge(response: ServerResponse, totalBytes: number, headers: Body['headers']): Promise<void> {
  response.writeHead(200, headers);
  const piece = Buffer.alloc(PIECE, 0x20);
  for (let sent = 0; sent < totalBytes; sent += piece.length) {
    if (!(await sendPiece(response, piece))) return;
  }
  response.end();
}

function withoutLength(headers: Body['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length'));
}

/** Sends a body of status 200 the way the fault says. `headers` holds the true Content-Length. */
export async function sendBody(response: ServerResponse, body: Body, fault: Fault | undefined): Promise<void> {
  const { bytes, headers } = body;
  switch (fault?.kind) {
    case undefined:
      response.writeHead(200, headers).end(bytes);
      return;
    case 'status':
      response.writeHead(fault.status, { 'Content-Type': 'text/plain', ...fault.headers }).end(fault.body ?? '');
      return;
    case 'truncate': {
      // "Connection: close" and no length: the end of the socket is the end of the body
      response.useChunkedEncodingByDefault = fault.withLength;
      response.writeHead(200, fault.withLength ? headers : { ...withoutLength(headers), Connection: 'close' });
      response.write(bytes.subarray(0, fault.afterBytes), () => response.socket?.destroySoon());
      return;
    }
    case 'corrupt': {
      const wrong = Buffer.from(bytes);
      const at = fault.at ?? Math.floor(wrong.length / 2);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      response.writeHead(200, headers).end(wrong);
      return;
    }
    case 'stall':
      response.writeHead(200, headers);
      response.write(bytes.subarray(0, fault.afterBytes));
      return;
    case 'slow':
      response.writeHead(200, headers);
      await sendSlowly(response, bytes, fault.bytesPerSecond);
      return;
    case 'wrong-length':
      response.strictContentLength = false;
      response.writeHead(200, { ...headers, 'Content-Length': String(bytes.length + fault.by) });
      response.write(bytes.subarray(0, bytes.length + Math.min(0, fault.by)), () => response.socket?.destroySoon());
      return;
    case 'replace':
      response
        .writeHead(200, {
          ...headers,
          ...(fault.contentType === undefined ? {} : { 'Content-Type': fault.contentType }),
          'Content-Length': String(fault.bytes.length),
        })
        .end(fault.bytes);
      return;
    case 'silence':
      return;
    case 'delay':
      await sleep(fault.ms);
      response.writeHead(200, headers).end(bytes);
      return;
    case 'reset':
      response.socket?.destroy();
      return;
    case 'redirect':
      response.writeHead(fault.status ?? 302, { Location: fault.location }).end();
      return;
    case 'huge':
      await sendHuge(response, fault.bytes, withoutLength(headers));
      return;
  }
}
