// Owns one GET: connection, guard, redirects, credentials, header deadline. Imports undici and errors. Start at createTransport.
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { CordonError } from '../errors.ts';
import { checkUrl, createGuardedLookup, describeUrl, type Resolve } from './address-guard.ts';
import type { Credentials, UpstreamConfig } from './config.ts';
import { createDispatcher } from './dispatcher.ts';
import { TransientError, toCordonError } from './failures.ts';
import { parseRetryAfter } from './retry.ts';
import { WatchedBody } from './watched-body.ts';

const MAX_REDIRECTS = 5;

/** An answer whose status is neither a redirect nor one that a further try may cure. */
export interface Exchange {
  readonly status: number;
  /** URL that answered, after redirects: the base of relative links */
  readonly url: string;
  /** names in lower case; of repeated headers the first */
  readonly headers: Readonly<Record<string, string>>;
  /** must be read or destroyed */
  readonly body: Readable;
}

export interface GetOptions {
  readonly accept: string;
  /** `identity` for files: their bytes are what the digest is of */
  readonly acceptEncoding: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Transport {
  /**
   * One GET with its redirects, not retried. Throws a TransientError for 5xx, 429 and what breaks before the headers,
   * UPSTREAM_SLOW when they come late, FORBIDDEN for an address that is not allowed, CONFIG_INVALID without the password.
   */
  get(url: string, options: GetOptions): Promise<Exchange>;
  close(): Promise<void>;
}

function authorization(credentials: Credentials, id: string): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  if ('unsetVariable' in credentials) {
    throw new CordonError(
      'CONFIG_INVALID',
      `${id} has to be asked, and the environment variable ${credentials.unsetVariable} is not set: it holds its password.`,
    );
  }
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) flat[name.toLowerCase()] = first;
  }
  return flat;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** Reads a short rest of an answer away, so that its connection can be used again. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.dump({ limit: 64 * 1024 }).catch(() => undefined);
}

/** What one GET needs to know of the place that it asks. */
export type TransportConfig = Pick<
  UpstreamConfig,
  'id' | 'fileOrigins' | 'jsonApi' | 'caFile' | 'proxyUrl' | 'allowPrivateAddresses' | 'timeouts'
>;

/** Makes the one way by which an upstream is asked. `origin` is the only one that gets the credentials. */
export function createTransport(
  config: Omit<TransportConfig, 'id'> & { readonly id: string },
  origin: string,
  credentials: Credentials | undefined,
  resolve: Resolve | undefined,
): Transport {
  const lookup = config.allowPrivateAddresses ? undefined : createGuardedLookup(resolve);
  const dispatcher = createDispatcher(config, config.timeouts.connectMs, lookup);
  const origins: ReadonlySet<string> = new Set(
    [origin, ...config.fileOrigins, ...(config.jsonApi === undefined ? [] : [config.jsonApi])].map(
      (each) => new URL(each).origin,
    ),
  );

  async function send(url: URL, options: GetOptions): Promise<Dispatcher.ResponseData> {
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      deadline.abort(new CordonError('UPSTREAM_SLOW', `${config.id} did not begin to answer in time.`));
    }, config.timeouts.headersMs);
    // AbortSignal.any would stay with the body; the deadline is for the headers alone
    const forward = (): void => {
      deadline.abort(options.signal?.reason);
    };
    options.signal?.addEventListener('abort', forward, { once: true });
    try {
      options.signal?.throwIfAborted();
      return await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        signal: deadline.signal,
        headers: {
          ...options.headers,
          accept: options.accept,
          'accept-encoding': options.acceptEncoding,
          'user-agent': 'cordon',
          ...(credentials !== undefined && url.origin === origin
            ? { authorization: authorization(credentials, config.id) }
            : {}),
        },
      });
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      throw toCordonError(deadline.signal.aborted ? deadline.signal.reason : error, config.id);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', forward);
    }
  }

  function watch(body: Readable, signal: AbortSignal | undefined): Readable {
    const watched = new WatchedBody(body, config.timeouts.progressMs, config.id);
    if (signal === undefined) return watched;
    const abort = (): void => {
      watched.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    watched.once('close', () => {
      signal.removeEventListener('abort', abort);
    });
    return watched;
  }

  return {
    async get(text, options) {
      let url = checkUrl(text, origins, config.allowPrivateAddresses);
      for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
        const answer = await send(url, options);
        const headers = flatten(answer.headers);
        const status = answer.statusCode;
        if (status === 429 || status >= 500) {
          discard(answer.body);
          const retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
          throw new TransientError(
            'UPSTREAM_DOWN',
            `${config.id} answered ${String(status)} for ${describeUrl(url)}.`,
            retryAfterMs === undefined ? {} : { retryAfterMs },
          );
        }
        const location = headers['location'];
        if (!isRedirect(status) || location === undefined) {
          return { status, url: url.href, headers, body: watch(answer.body, options.signal) };
        }
        discard(answer.body);
        if (!URL.canParse(location, url.href)) break;
        url = checkUrl(new URL(location, url.href).href, origins, config.allowPrivateAddresses);
      }
      throw new CordonError('UPSTREAM_DOWN', `${config.id} redirects ${text.split(/[?#]/)[0] ?? ''} in circles.`);
    },
    async close() {
      await dispatcher.destroy();
    },
  };
}
