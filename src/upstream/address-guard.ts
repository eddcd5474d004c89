// Owns which addresses and origins an upstream may be reached at. Imports ipaddr.js and errors. Start at checkUrl.
import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { CordonError } from '../errors.ts';

/** Public by range, but answering with secrets inside a cloud (Azure's metadata service). */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/**
 * Says whether an address is on the public internet: not private, loopback, link-local, carrier-grade NAT, ULA, multicast,
 * reserved or a cloud's metadata address, also not through an IPv4 address written inside an IPv6 one.
 *
 * @param text an IP address; anything else is not public
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text); // ::ffff:10.0.0.1 becomes 10.0.0.1
  if (address.kind() === 'ipv6') {
    const bytes = address.toByteArray();
    // NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is really reached
    if (address.range() === 'rfc6052') return isPublicAddress(bytes.slice(12).join('.'));
    return address.range() === 'unicast';
  }
  return address.range() === 'unicast' && !METADATA_ADDRESSES.has(address.toString());
}

/** Every way to ask for the addresses of a host name; replaced in tests. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

function resolveBySystem(hostname: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

function refusedAddress(hostname: string): CordonError {
  return new CordonError(
    'FORBIDDEN',
    `${hostname} is not a public address. If this index is inside your network, set allowPrivateAddresses for its upstream.`,
  );
}

/**
 * A DNS lookup for `net.connect` that hands out public addresses alone. The socket connects to what was checked, so a name
 * that changes its address between check and use gains nothing.
 */
export function createGuardedLookup(resolve: Resolve = resolveBySystem): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (all) => {
        const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
        const addresses = all.filter(
          (each) => isPublicAddress(each.address) && (family === 0 || each.family === family),
        );
        const first = addresses[0];
        if (first === undefined) callback(refusedAddress(hostname), '', 0);
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, '', 0);
      },
    );
  };
}

/** A URL for messages: no user name, no password, no query (it may hold a signature). */
export function describeUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * Checks a URL that a page, a redirect or a caller names, before anything is sent to it.
 *
 * @param origins allowed origins, as `URL.origin` writes them
 * @throws FORBIDDEN for another origin or scheme, credentials in the URL, or a literal private address
 */
export function checkUrl(text: string, origins: ReadonlySet<string>, allowPrivateAddresses: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new CordonError('FORBIDDEN', 'The index names a file by something that is not a web address.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new CordonError('FORBIDDEN', `The index names ${describeUrl(url)} with credentials in the URL.`);
  }
  if (!origins.has(url.origin)) {
    throw new CordonError(
      'FORBIDDEN',
      `${url.origin} is not among the allowed file origins of this upstream. If you trust it, add it to fileOrigins.`,
    );
  }
  // net.connect asks no lookup for a literal address, so it is judged here
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivateAddresses && ipaddr.isValid(host) && !isPublicAddress(host)) throw refusedAddress(host);
  return url;
}
