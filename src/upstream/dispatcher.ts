// Owns the connections of everything that leaves this machine: certificate authorities, proxy, guard. Imports undici and errors.
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { CordonError } from '../errors.ts';

/** How a place outside is reached. */
export interface Route {
  /** PEM file of certificate authorities to trust besides the system's */
  readonly caFile?: string;
  /** HTTP proxy, with user name and password where it wants them; names are then resolved by the proxy */
  readonly proxyUrl?: string;
}

function readAuthorities(caFile: string | undefined): { ca?: string[] } {
  if (caFile === undefined) return {};
  try {
    return { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] };
  } catch (error) {
    throw new CordonError('CONFIG_INVALID', `The caFile ${caFile} cannot be read.`, { cause: error });
  }
}

/**
 * Opens connections by a route.
 *
 * @param lookup resolves names where there is no proxy; undefined: the system does
 * @throws CONFIG_INVALID when the caFile cannot be read
 */
export function createDispatcher(route: Route, connectMs: number, lookup: LookupFunction | undefined): Dispatcher {
  const tls = readAuthorities(route.caFile);
  const common = {
    // our own watchdogs: undici's body time-out is silent under backpressure, its header one is coarse
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  };
  if (route.proxyUrl !== undefined) {
    return new ProxyAgent({ ...common, uri: route.proxyUrl, requestTls: tls, proxyTls: tls });
  }
  return new Agent({ ...common, connect: { ...tls, ...(lookup === undefined ? {} : { lookup }), timeout: connectMs } });
}
