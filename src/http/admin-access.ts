// Owns who may use the admin API over TCP, and under which names the server answers browsers. Pure. Start at findTokenHolder.
import { createHash, timingSafeEqual } from 'node:crypto';

export interface AdminToken {
  /** who it is, for the event log */
  readonly name: string;
  /** hex SHA-256 of the token */
  readonly sha256: string;
}

/**
 * Finds whose token an Authorization header carries.
 *
 * @returns the holder's name; undefined when there is no such token
 */
export function findTokenHolder(header: string | undefined, tokens: readonly AdminToken[]): string | undefined {
  const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  const digest = createHash('sha256').update(token).digest();
  // Every token is compared, so that the time says nothing about which one came close.
  const holders = tokens.filter((candidate) => timingSafeEqual(digest, Buffer.from(candidate.sha256, 'hex')));
  return holders[0]?.name;
}

/** `Example.com:8080` → `example.com`; `[::1]:80` → `[::1]` */
function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
}

/**
 * Whether a Host header names this server. A page of another site that points its own name at our address (DNS rebinding)
 * sends its own name.
 *
 * @param allowed host names without port, lower case; loopback is always allowed
 */
export function isKnownHost(host: string | undefined, allowed: readonly string[]): boolean {
  if (host === undefined) return false;
  const name = hostnameOf(host);
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name) || allowed.includes(name);
}

/**
 * Whether a request that changes something comes from our own page or from no page at all (a CLI sends neither header).
 *
 * @param publicOrigin origin under which browsers see this server
 */
export function isOwnOrigin(
  headers: { readonly origin?: string | undefined; readonly 'sec-fetch-site'?: string | string[] | undefined },
  publicOrigin: string,
): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return headers.origin === undefined || headers.origin === publicOrigin;
}
