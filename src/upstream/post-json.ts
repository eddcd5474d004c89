import { CordonError } from '../errors.ts';
import { createDispatcher, type Route } from './dispatcher.ts';
import { toCordonError } from './failures.ts';

const TIMEOUT_MS = 10_000;
const CONNECT_MS = 5_000;

export interface Poster {
  /** Posts JSON. Throws UPSTREAM_DOWN unless the answer is a 2xx, UPSTREAM_SLOW without one in time; redirects are not followed. */
  readonly post: (url: string, body: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a webhook is told by. The URL is the administrator's own and may be private; nothing else is ever asked. */
export function createPoster(route: Route): Poster {
  const dispatcher = createDispatcher(route, CONNECT_MS, undefined);
  return {
    post: async (text, body) => {
      const url = new URL(text);
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      let status: number;
      try {
        const answer = await dispatcher.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'cordon' },
          body,
          signal,
        });
        status = answer.statusCode;
        await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      } catch (error) {
        if (signal.aborted) {
          throw new CordonError('UPSTREAM_SLOW', 'The webhook did not answer in time.', { cause: error });
        }
        throw toCordonError(error, 'The webhook');
      }
      if (status < 200 || status > 299) {
        throw new CordonError('UPSTREAM_DOWN', `The webhook answers ${String(status)}.`);
      }
    },
    close: () => dispatcher.destroy(),
  };
}
