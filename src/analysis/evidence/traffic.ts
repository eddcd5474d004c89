// Owns what a network event sends, and whither. May import python and hosts. Start at trafficOf.
import { areAnswersRead } from '../python/flow/clients.ts';
import { KEEPS_ANSWER } from '../python/flow/downloads.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { sinkOf } from '../python/flow/models.ts';
import { CLEAN, LABEL, type Taint, unite, without } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { type ExternalCall, NONE, taintOf, type Value } from '../python/flow/value.ts';
import {
  CREDENTIALS,
  hasInlineKey,
  hasOwnKey,
  impliedHost,
  isAuthorsDrop,
  isInlineBot,
  isMade,
  isNoteToSelf,
  isOwnAccount,
  keyTaint,
} from './accounts.ts';
import {
  addressOfReceiver,
  addressText,
  bareHost,
  isPlaceAlone,
  OWN_NETWORK,
  placeBehindEvent,
  placeNamed,
} from './addresses.ts';
import { type HostKind, hostKind, hostOf, isKeyedHost, isPrivateWebhook, isThrowaway } from './hosts.ts';
import { contentOf, type LeftFiles } from './left-files.ts';
import { isChosenAddress, receivedFrom } from './received.ts';

export interface Traffic {
  /** whole address as far as known, holes as `‹…›` */
  readonly address: string;
  readonly host: string;
  readonly kind: HostKind;
  /** what went into the address where this call is told it, and not the connection that it is made over */
  readonly place: Taint;
  /** the address names a webhook or bot of its own */
  readonly isPrivate: boolean;
  /** data that leaves in body, parameters or address */
  readonly sent: Taint;
  /** data that leaves in headers alone */
  readonly headers: Taint;
  /** whether anything beyond the bare address is sent */
  readonly hasBody: boolean;
  /** a `Host` header names another host than the address does */
  readonly isFronted: boolean;
  /** it signs in with a credential that stands in the code: an account of the author's, on whose host it may be */
  readonly hasInlineKey: boolean;
  /** a server of files, mail or shells that it logs in to with a password that stands in the code */
  readonly isAuthorsDrop: boolean;
  /** the host that told the address, where it was asked for one: a page, a paste, a file in a repository */
  readonly toldBy: string | undefined;
  /** the address, or the account that the data goes to, is the caller's or the user's choice */
  readonly isChosen: boolean;
}

/** `connect` of a datagram socket: it notes the address, as who asks for the address of this end does. What is sent is an event. */
export function isAimOnly({ name, receiver }: CallEvent): boolean {
  const made = receiver?.kind === 'ref' ? receiver.call : undefined;
  const type = made?.args[1] ?? made?.keywords.get('type');
  return name === 'socket.socket().connect' && type !== undefined && /\bSOCK_DGRAM\b/.test(textOf(type));
}

/** Whether anything looks at what this host answers: who has no answer read only tells it something. */
export function isAnswerRead(traffic: ReadonlyMap<CallEvent, Traffic>, host: string): boolean {
  for (const [event, { host: at }] of traffic) if (at === host && isLookedAt(event)) return true;
  return false;
}

/** A connection that is made says nothing yet, and a request over it gives nothing: its answer is asked for afterwards. */
export function isLookedAt({ name, site, isDiscarded }: CallEvent): boolean {
  return isConnectionOf(name) ? areAnswersRead(site) : !isDiscarded;
}

/** A connection of the library's, or a method of one. */
function isConnectionOf(name: string): boolean {
  return /^http\.client\.(?:HTTPS?Connection$|connection\.)|^socket\.(?:create_connection$|socket\(\)\.)/.test(name);
}

/** Where data goes is what a paste, a message or a file in a repository says: whoever wrote it can say another place tomorrow. */
export function isToldByNobody({ toldBy }: Traffic): boolean {
  const kind = toldBy === undefined ? 'unknown' : hostKind(toldBy);
  return isThrowaway(kind) || kind === 'messenger' || kind === 'code-host';
}

const BODY = new Set([
  'data',
  'json',
  'params',
  'files',
  'file',
  'attachment',
  'attachments',
  'media',
  'body',
  'content',
  'fields',
  'payload',
  'message',
  'msg',
  'text',
  'fp',
  'caption',
  'document',
  'photo',
  // of buckets, queues and repositories
  'Body',
  'Fileobj',
  'Message',
  'MessageBody',
  'Data',
  'contents',
  'path_or_fileobj',
  'stream',
  'fl',
]);

interface Parts {
  address: string;
  addressTaint: Taint;
  place: Taint;
  sent: Taint;
  headers: Taint;
  hasBody: boolean;
  isFronted: boolean;
  hasInlineKey: boolean;
  hasOwnKey: boolean;
  isChosen: boolean;
  toldBy: string | undefined;
}

/**
 * Reads an event that reaches out.
 *
 * @param siblings all events, to find where a socket was connected to
 * @param left what the files hold that the program made
 */
export function trafficOf(event: CallEvent, siblings: readonly CallEvent[], left: LeftFiles): Traffic {
  const parts: Parts = {
    address: '',
    addressTaint: CLEAN,
    place: CLEAN,
    sent: CLEAN,
    headers: CLEAN,
    hasBody: false,
    isFronted: false,
    hasInlineKey: false,
    hasOwnKey: false,
    isChosen: false,
    toldBy: undefined,
  };
  readCall(parts, event.name, event.args, event.keywords, 0);
  parts.place = parts.addressTaint;
  for (const path of pathsUploaded(event)) parts.sent = unite(parts.sent, contentOf(path, event, left));
  parts.headers = unite(parts.headers, setBefore(event));
  const service = impliedHost(event);
  if (service !== undefined) deliver(parts, event);
  else if (hostOf(parts.address) === undefined) readConnection(parts, event, siblings);
  const address = parts.address.slice(0, 2000);
  const host = service ?? hostOf(address) ?? bareHost(event, address);
  const kind = OWN_NETWORK.test(address) || isNoteToSelf(event) ? 'local' : impliedKind(event.name, host);
  const isPrivate = isPrivateWebhook(address) || isInlineBot(event);
  const isAccount = kind === 'messenger' && !isPrivate && isOwnAccount(unite(parts.addressTaint, keyTaint(event)));
  const isKeyed = parts.hasOwnKey && isKeyedHost(host) && !parts.isFronted;
  if (isAccount) parts.addressTaint = without(parts.addressTaint, CREDENTIALS);
  // A client that is made with what its user has put into `.env` logs in with it, and has sent nothing yet.
  if (isAccount && isMade(event)) parts.sent = without(parts.sent, CREDENTIALS);
  return {
    address,
    host,
    kind,
    place: service === undefined ? parts.place : CLEAN,
    isChosen: (parts.isChosen && service === undefined) || isAccount || isKeyed,
    isPrivate,
    sent: isPlaceAlone(event, address)
      ? parts.sent
      : unite(parts.sent, without(parts.addressTaint, LABEL.parameter | LABEL.network)),
    headers: parts.headers,
    hasBody: parts.hasBody,
    isFronted: parts.isFronted,
    hasInlineKey: parts.hasInlineKey,
    isAuthorsDrop: isAuthorsDrop(event, siblings),
    toldBy: host === '' || host.includes('‹') ? parts.toldBy : undefined,
  };
}

const MESSENGERS = /^(?:telethon|pyrogram|telebot|aiogram)\b/;

/** The place of a call that names none itself: where its connection was made to, or its client was told to go. */
function readConnection(parts: Parts, event: CallEvent, siblings: readonly CallEvent[]): void {
  if (sinkOf(event.name) === undefined && event.receiver?.kind === 'ref' && event.receiver.call !== undefined)
    deliver(parts, event);
  const made = addressOfReceiver(event, siblings) ?? placeBehindEvent(event) ?? placeNamed(event);
  // What a client of a messenger is made with first is the name of its session.
  if (made === undefined || (MESSENGERS.test(event.name) && !/^https?:/.test(made))) return;
  if (parts.address !== '' && !ASKS.test(event.name)) {
    parts.sent = unite(parts.sent, parts.addressTaint);
    parts.addressTaint = CLEAN;
    parts.hasBody = true;
  }
  parts.address = made;
  parts.place = CLEAN;
  // What was read as the address is what is said; the place was fixed when the connection was made.
  if (!/[‹%]/.test(made)) parts.isChosen = false;
}

/** A method of a client that nothing is known of hands over all that it is given. */
function deliver(parts: Parts, { args, keywords }: CallEvent): void {
  for (const value of [...args, ...keywords.values()]) parts.sent = unite(parts.sent, dataOf(value));
  parts.hasBody = true;
}

function impliedKind(name: string, host: string): HostKind {
  // It opens a way in from outside, whatever it is handed.
  if (/ngrok\.connect$|ngrok\.forward$/.test(name)) return 'tunnel';
  if (/telebot|telegram|telethon|pyrogram|dhooks|discord|slack_sdk/.test(name) && host === '') return 'messenger';
  return hostKind(host);
}

function readCall(
  parts: Parts,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  depth: number,
): void {
  const isRequest =
    /\.(?:request|Request|urlopen|stream)$/.test(name) &&
    args.length >= 2 &&
    /^(?:get|post|put|patch|delete|head|options)$/i.test(textOf(args[0] ?? NONE));
  // `sendto(data, address)`
  if (/\.sendto$/.test(name) && args.length >= 2 && depth === 0) {
    readCall(parts, name, [...args.slice(-1), ...args.slice(0, 1)], keywords, depth + 1);
    return;
  }
  // `Session.send(session, request)`
  const own = isRequest || /\.Session\.(?:send|request)$/.test(name) ? args.slice(1) : args;
  const rest = /\.Session\.request$/.test(name) ? own.slice(1) : own;
  const first =
    rest[0] ?? keywords.get('url') ?? keywords.get('host') ?? keywords.get('address') ?? keywords.get('webhook_url');
  if (first !== undefined) readFirst(parts, name, first, depth);
  // Where an answer is put stays here.
  const bodies = KEEPS_ANSWER.test(name) ? rest.slice(2) : rest.slice(1);
  for (const body of bodies) {
    if (body.kind === 'int' || body.kind === 'bool' || body.kind === 'none') continue;
    parts.sent = unite(parts.sent, dataOf(body));
    parts.hasBody = true;
  }
  for (const [key, value] of keywords) {
    if (BODY.has(key) || key === '**') {
      parts.sent = unite(parts.sent, dataOf(value));
      parts.hasBody ||= value.kind !== 'none';
    } else if (key === 'headers' || key === 'cookies') {
      parts.headers = unite(parts.headers, taintOf(value));
      if (value.kind === 'dict') {
        parts.isFronted ||= value.entries.has('sHost') || value.entries.has('shost');
        parts.hasInlineKey ||= hasInlineKey(value);
        parts.hasOwnKey ||= hasOwnKey(value);
      }
    }
  }
}

/** The data of a value; of `locals()` and `globals()`, of all their names. */
function dataOf(value: Value): Taint {
  if (value.kind !== 'namespace' || value.scope === undefined) return taintOf(value);
  let taint = CLEAN;
  for (const held of value.scope.names.values()) taint = unite(taint, taintOf(held));
  return taint;
}

/** Are handed a pair of a host and a port. */
const CONNECTS = /connect|sendto|Transport|Handler|Client|Server|Proxy|Connection|socket|SMTP|open/i;

function readFirst(parts: Parts, name: string, first: Value, depth: number): void {
  const inner = first.kind === 'ref' ? first.call : undefined;
  if (inner !== undefined && depth < 3 && isRequestObject(inner)) {
    const made = inner.receiver?.kind === 'ref' ? inner.receiver.call : undefined;
    if (inner.name.endsWith('.prepare') && made !== undefined)
      readCall(parts, made.name, made.args, made.keywords, depth + 1);
    else readCall(parts, inner.name, inner.args, inner.keywords, depth + 1);
    parts.headers = unite(parts.headers, inner.absorbed);
    // `request.data = …`
    const body = first.kind === 'ref' ? (first.fields?.get('data') ?? first.fields?.get('body')) : undefined;
    if (body !== undefined) {
      parts.sent = unite(parts.sent, dataOf(body));
      parts.hasBody = true;
    }
    return;
  }
  if (first.kind === 'sequence' && !CONNECTS.test(name.slice(name.lastIndexOf('()') + 1))) {
    parts.sent = unite(parts.sent, dataOf(first));
    parts.hasBody = true;
    return;
  }
  parts.address = addressText(first);
  parts.addressTaint = taintOf(first);
  parts.isChosen = isChosenAddress(first);
  parts.toldBy = tellerOf(first);
}

/** `post(get('https://paste.example/raw/a').text, …)`: who said where to. */
function tellerOf(address: Value): string | undefined {
  for (const { args, keywords } of receivedFrom(address)) {
    const asked = keywords.get('url') ?? args[0];
    const host = asked === undefined ? undefined : hostOf(textOf(asked));
    if (host !== undefined) return host;
  }
  return undefined;
}

function isRequestObject(call: ExternalCall): boolean {
  return /^(?:urllib\.request\.Request|requests\.Request(?:\(\)\.prepare)?|httpx\.Request|tornado\.httpclient\.HTTPRequest|yarl\.URL|urllib3\.util\.parse_url)$/.test(
    call.name,
  );
}

/** What opens, asks or fetches, and sends nothing of its own. */
const ASKS = /\.(?:connect\w*|login|retr\w*|recv\w*|read\w*|get\w*|open\w*|list\w*|download\w*|clone\w*|request)$/i;

/** What an object's fields and methods were handed before it was asked to send: headers of a session. */
function setBefore({ receiver, sink }: CallEvent): Taint {
  return sink === 'network' && receiver?.kind === 'ref' && receiver.call !== undefined ? receiver.call.absorbed : CLEAN;
}

/** Functions that are handed the path of a file, and send what is in it. */
const OF_PATHS = /\.(?:upload_file|upload_from_filename|fput_object|put|upload|files_upload\w*|put_file)$/;

function pathsUploaded({ name, args, keywords, sink }: CallEvent): string[] {
  if (sink !== 'network' || !OF_PATHS.test(name)) return [];
  return [...args.slice(0, 3), ...keywords.values()]
    .filter((value) => value.kind === 'str' || value.kind === 'template' || value.kind === 'ref')
    .map((value) => textOf(value))
    .filter((text) => text.length <= 400 && /[\\/.]/.test(text) && !text.includes('://'));
}
