// Owns what the edge knows of one request: who asks, under which address we are seen, what it is counted as. Start at startContext.
import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import type { Client } from '../gate/deps.ts';
import { asciiOneLine } from '../policy/hostile-text.ts';
import type { HttpSettings } from './deps.ts';

export interface RequestContext {
  readonly requestId: string;
  readonly client: Client;
  /** absolute URL of our root as this client sees it, without a slash at the end */
  readonly baseUrl: string;
  /** its path: '' or `/cordon` */
  readonly basePath: string;
  /** performance.now() at the beginning */
  readonly startedAt: number;
  /** aborted when the client leaves before the answer is complete */
  readonly signal: AbortSignal;
  /** for metrics and log lines, from fixed vocabularies */
  route: string;
  outcome: string;
}

/** On the request itself: a weak map of thousands of short-lived keys keeps the garbage collector busy. */
const CONTEXT = Symbol('context');

interface WithContext {
  [CONTEXT]?: RequestContext;
}

/** The context of a request that went through startContext. */
export function getContext(request: Request): RequestContext {
  const context = (request as WithContext)[CONTEXT];
  if (context === undefined) throw new Error('the request has no context');
  return context;
}

/** `true` when the immediate peer is one of the trusted proxies. */
function isFromTrustedProxy(request: Request): boolean {
  const isTrusted = request.app.get('trust proxy fn') as (address: string | undefined, hop: number) => boolean;
  return isTrusted(request.socket.remoteAddress, 0);
}

function findPrefix(request: Request, settings: HttpSettings): string {
  const forwarded = isFromTrustedProxy(request) ? (request.get('X-Forwarded-Prefix') ?? '') : '';
  const prefix = forwarded.replace(/\/+$/, '');
  return /^(?:\/[A-Za-z0-9._~-]+)+$/.test(prefix) ? prefix : settings.pathPrefix;
}

/** Answered for whoever resolves PyPI's file host to us: at the root, whatever our own prefix. */
const FILES_HOST = 'files.pythonhosted.org';

function findBaseUrl(request: Request, settings: HttpSettings): string {
  // The type says string; without a Host header there is none.
  const host = (request.host as string | undefined) ?? '';
  // a trusted proxy may hand on what the client wrote there
  const protocol = request.protocol === 'https' ? 'https' : 'http';
  if (host.replace(/:[0-9]{1,5}$/, '') === FILES_HOST) return `${protocol}://${FILES_HOST}`;
  if (settings.publicUrl !== undefined) return settings.publicUrl;
  const isPlain = /^[A-Za-z0-9._:[\]-]{1,255}$/.test(host) && URL.canParse(`http://${host}`);
  return `${protocol}://${isPlain ? host : 'localhost'}${findPrefix(request, settings)}`;
}

type Place = Pick<RequestContext, 'baseUrl' | 'basePath'>;

function readPlace(baseUrl: string): Place {
  const { pathname } = new URL(baseUrl);
  return { baseUrl, basePath: pathname === '/' ? '' : pathname };
}

/** Tells whoever asks whether the client left; most answers are given without anybody asking. */
export interface Leaving {
  readonly signal: () => AbortSignal;
  readonly abort: () => void;
}

export function createLeaving(): Leaving {
  let controller: AbortController | undefined;
  let hasLeft = false;
  return {
    signal: () => {
      controller ??= new AbortController();
      if (hasLeft) controller.abort();
      return controller.signal;
    },
    abort: () => {
      hasLeft = true;
      controller?.abort();
    },
  };
}

/** Makes the context of a request. `leaving` is the caller's to abort. */
export function startContext(request: Request, settings: HttpSettings, leaving: Leaving): RequestContext {
  let place: Place | undefined;
  // few answers name our own address: it is worked out when one does
  const findPlace = (): Place => {
    place ??= readPlace(findBaseUrl(request, settings));
    return place;
  };
  const context: RequestContext = {
    requestId: randomBytes(8).toString('hex'),
    client: {
      address: request.ip ?? 'unknown',
      userAgent: (request.get('User-Agent') ?? '').slice(0, 2000),
    },
    get baseUrl() {
      return findPlace().baseUrl;
    },
    get basePath() {
      return findPlace().basePath;
    },
    startedAt: performance.now(),
    get signal() {
      return leaving.signal();
    },
    route: 'other',
    outcome: 'served',
  };
  (request as WithContext)[CONTEXT] = context;
  return context;
}

/** A User-Agent fit for a record: one line, bounded. */
export function tameUserAgent(client: Client): string {
  return asciiOneLine(client.userAgent, 500);
}
