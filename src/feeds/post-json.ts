import { CordonError } from '../errors.ts';

const TIMEOUT_MS = 10_000;

/** Posts JSON to a webhook. Throws UPSTREAM_DOWN unless the answer is a 2xx; redirects are not followed. */
export async function postJson(url: string, body: string): Promise<void> {
  let status: number;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    ({ status } = response);
    await response.body?.cancel();
  } catch (error) {
    throw new CordonError('UPSTREAM_DOWN', 'The webhook cannot be reached.', { cause: error });
  }
  if (status < 200 || status > 299) throw new CordonError('UPSTREAM_DOWN', `The webhook answers ${status}.`);
}
