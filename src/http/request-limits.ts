import type { RequestHandler } from 'express';
import { CordonError } from '../errors.ts';
import { getContext } from './request-context.ts';

/** Turns requests away when too many are under way, in total or for one client address. */
export function limitRequests(limits: {
  readonly maxRequests: number;
  readonly maxRequestsPerClient: number;
}): RequestHandler {
  const perClient = new Map<string, number>();
  let total = 0;
  return (request, response, next) => {
    const { address } = getContext(request).client;
    const own = perClient.get(address) ?? 0;
    if (total >= limits.maxRequests || own >= limits.maxRequestsPerClient) {
      next(new CordonError('OVERLOADED', 'too many requests are under way; try again in a moment'));
      return;
    }
    total++;
    perClient.set(address, own + 1);
    response.once('close', () => {
      total--;
      const left = (perClient.get(address) ?? 1) - 1;
      if (left === 0) perClient.delete(address);
      else perClient.set(address, left);
    });
    next();
  };
}
