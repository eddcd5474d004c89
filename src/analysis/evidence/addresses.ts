// Owns where an event reaches, as far as its values tell: arguments, connections made before, names alone. May import python and hosts.
// Start at addressOfReceiver.
import { placeBehind } from '../python/flow/clients.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import type { ExternalCall, Value } from '../python/flow/value.ts';
import { hostKind } from './hosts.ts';

/**
 * `http://vault:8200/v1`: a name without a dot is one of the network that the program runs in, a container beside it or a
 * neighbour; no public server has such a name. What follows has to end it for every client.
 */
export const OWN_NETWORK = /^https?:\/\/[a-z][a-z0-9_-]{2,62}(?::\d{1,5})?(?:[/?#][^\s\\]*)?$/i;

/** A whole address that is not known is where a datagram goes, not what it says; a name that is looked up says something. */
export function isPlaceAlone({ sink, name }: CallEvent, address: string): boolean {
  return sink === 'network' && /^socket\./.test(name) && /^(?:\w+:\/\/)?‹[^‹›]*›(?::\d*)?$/.test(address);
}

/** Where the library goes that the receiver of an event is a client of; undefined for most. */
export function placeBehindEvent({ receiver }: CallEvent): string | undefined {
  return receiver?.kind === 'ref' ? placeBehind(receiver.call) : undefined;
}

/** `publish.single(topic, payload, hostname='broker.example')`: a function that opens the connection, and sends. */
export function placeNamed({ keywords, receiver }: CallEvent): string | undefined {
  if (receiver?.kind === 'ref' && receiver.call !== undefined) return undefined;
  const place = keywords.get('hostname') ?? keywords.get('host') ?? keywords.get('broker');
  const text = place?.kind === 'str' ? place.value : '';
  return /^[\w-]+(?:\.[\w-]+)+$/.test(text) ? `tcp://${text}` : undefined;
}

/** An address as a text: the option of several that has a scheme; of a pair of host and port, `tcp://host:port`; empty: none. */
export function addressText(value: Value): string {
  if (value.kind === 'union') {
    const texts = value.options.map((o) => textOf(o));
    return texts.find((t) => /^\w+:\/\//.test(t)) ?? texts[0] ?? '';
  }
  if (value.kind === 'sequence') {
    const [host, port] = value.elements;
    if (host === undefined) return '';
    return `tcp://${textOf(host)}${port === undefined ? '' : `:${textOf(port)}`}`;
  }
  return textOf(value);
}

/** The host of an address without a scheme, in lower case, where the call takes such ones; empty: none. */
export function bareHost(event: CallEvent, address: string): string {
  const isBare =
    event.sink === 'dns' ||
    /^(?:smtplib|ftplib|http\.client|telnetlib|paramiko|asyncio\.open|redis|pymongo|psycopg|asyncpg|pymysql|mysql|paho)/.test(
      event.name,
    );
  if (
    !isBare &&
    event.sink === 'network' &&
    /^[\w-]+(?:\.[\w-]+)+$/.test(address) &&
    hostKind(address.toLowerCase()) === 'callback'
  )
    return address.toLowerCase();
  const match = isBare ? /^([\w.‹›()[\]-]+\.[\w-]+)(?::\d+)?(?:\/|$)/.exec(address) : null;
  return match?.[1]?.toLowerCase() ?? '';
}

/** The calls behind a method, innermost first: `wrap_socket(create_connection(…))`, `SSHClient().open_sftp()`. */
export function callsBehind({ receiver }: CallEvent): ExternalCall[] {
  const calls: ExternalCall[] = [];
  let call = receiver?.kind === 'ref' ? receiver.call : undefined;
  while (call !== undefined && calls.length < 6) {
    calls.push(call);
    const inner: Value | undefined = /wrap_socket$|StreamWriter$|Transport$/.test(call.name)
      ? call.args[0]
      : call.receiver;
    const next: ExternalCall | undefined = inner?.kind === 'ref' ? inner.call : undefined;
    call = next;
  }
  return calls;
}

const CONNECTS = /connect|login/;

/** Events that connect or log in, by the call that made what they are methods of. */
interface Connections {
  readonly count: number;
  readonly byMaker: ReadonlyMap<ExternalCall, readonly CallEvent[]>;
}

/** Of each list of events: looked through once, not once for each event in it. */
const connections = new WeakMap<readonly CallEvent[], Connections>();

/** What connects, or logs in at, the thing that a call made, in the order of the events. */
export function connectionsOf(maker: ExternalCall, siblings: readonly CallEvent[]): readonly CallEvent[] {
  let known = connections.get(siblings);
  if (known?.count !== siblings.length) {
    known = { count: siblings.length, byMaker: connectionsByMaker(siblings) };
    connections.set(siblings, known);
  }
  return known.byMaker.get(maker) ?? [];
}

function connectionsByMaker(siblings: readonly CallEvent[]): Map<ExternalCall, CallEvent[]> {
  const byMaker = new Map<ExternalCall, CallEvent[]>();
  for (const event of siblings) {
    const maker = event.receiver?.kind === 'ref' ? event.receiver.call : undefined;
    if (maker === undefined || !CONNECTS.test(event.name)) continue;
    const others = byMaker.get(maker);
    if (others === undefined) byMaker.set(maker, [event]);
    else others.push(event);
  }
  return byMaker;
}

const CONNECTORS =
  /HTTPS?Connection|create_connection|WebSocket|Webhook|FTP|SMTP|IMAP4|Telnet|connect|Client|Server|Handler|Minio|Proxy|open_tcp_stream|Transport|from_url|from_blob_url|from_connection_string|Bucket$/;
const ADDRESS_KEYWORDS = [
  'endpoint_url',
  'base_url',
  'account_url',
  'endpoint',
  'url',
  'uri',
  'host',
  'hostname',
  'server_hostname',
];

/** Where the socket, connection or session that an event is a method of was pointed at. */
export function addressOfReceiver(event: CallEvent, siblings: readonly CallEvent[]): string | undefined {
  for (const call of callsBehind(event)) {
    const named = ADDRESS_KEYWORDS.map((key) => call.keywords.get(key)).find((value) => value !== undefined);
    if (named !== undefined && named.kind !== 'none') return withScheme(addressText(named));
    const own = call.name.slice(call.name.lastIndexOf('()') + 1);
    const made = call.args.find((arg) => arg.kind !== 'int' && arg.kind !== 'none');
    if (made !== undefined && CONNECTORS.test(own) && !/wrap_socket$/.test(own)) return withScheme(addressText(made));
    for (const other of connectionsOf(call, siblings))
      if (other !== event && other.args[0] !== undefined) return addressText(other.args[0]);
  }
  return undefined;
}

function withScheme(text: string): string {
  const account = /AccountName=(\w+)/.exec(text)?.[1];
  if (account !== undefined) return `https://${account}.blob.core.windows.net`;
  return /^\w+:\/\//.test(text) ? text : `tcp://${text}`;
}
