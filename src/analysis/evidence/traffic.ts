// Owns what a network event sends, and whither. May import python and hosts. Start at trafficOf.
import { areAnswersRead, placeBehind } from '../python/flow/clients.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import { sinkOf } from '../python/flow/models.ts';
import { CLEAN, LABEL, type Taint, unite, without } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { type ExternalCall, NONE, optionsOf, taintOf, type Value } from '../python/flow/value.ts';
import { type HostKind, hostKind, hostOf, isKeyedHost, isPrivateWebhook } from './hosts.ts';
import { contentOf, KEEPS_ANSWER, type LeftFiles } from './left-files.ts';
import { isChosenAddress } from './received.ts';

export interface Traffic {
  /** whole address as far as known, holes as `‹…›` */
  readonly address: string;
  readonly host: string;
  readonly kind: HostKind;
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
function isLookedAt({ name, site, isDiscarded }: CallEvent): boolean {
  return isConnectionOf(name) ? areAnswersRead(site) : !isDiscarded;
}

/** A connection of the library's, or a method of one. */
function isConnectionOf(name: string): boolean {
  return /^http\.client\.(?:HTTPS?Connection$|connection\.)|^socket\.(?:create_connection$|socket\(\)\.)/.test(name);
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
  sent: Taint;
  headers: Taint;
  hasBody: boolean;
  isFronted: boolean;
  hasInlineKey: boolean;
  hasOwnKey: boolean;
  isChosen: boolean;
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
    sent: CLEAN,
    headers: CLEAN,
    hasBody: false,
    isFronted: false,
    hasInlineKey: false,
    hasOwnKey: false,
    isChosen: false,
  };
  readCall(parts, event.name, event.args, event.keywords, 0);
  for (const path of pathsUploaded(event)) parts.sent = unite(parts.sent, contentOf(path, event, left));
  parts.headers = unite(parts.headers, setBefore(event));
  const service = impliedHost(event);
  if (service !== undefined) deliver(parts, event);
  else if (hostOf(parts.address) === undefined) {
    if (sinkOf(event.name) === undefined && event.receiver?.kind === 'ref' && event.receiver.call !== undefined)
      deliver(parts, event);
    const made = addressOfReceiver(event, siblings) ?? placeBehindEvent(event) ?? placeNamed(event);
    // What a client of a messenger is made with first is the name of its session.
    const connected = MESSENGERS.test(event.name) && !/^https?:/.test(made ?? '') ? undefined : made;
    if (connected !== undefined) {
      if (parts.address !== '' && !ASKS.test(event.name)) {
        parts.sent = unite(parts.sent, unite(parts.addressTaint, parts.sent));
        parts.hasBody = true;
      }
      parts.address = connected;
      // What was read as the address is what is said; the place was fixed when the connection was made.
      if (!/[‹%]/.test(connected)) parts.isChosen = false;
    }
  }
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
  };
}

const MESSENGERS = /^(?:telethon|pyrogram|telebot|aiogram)\b/;
const LOGS_IN = /^(?:ftplib|smtplib|aiosmtplib|imaplib|paramiko|pysftp|fabric|asyncssh)\b/;

/** `FTP(host, 'user', 'password')`, `server.login('user', 'password')`, `ssh.connect(host, username='user', password='password')`. */
function isAuthorsDrop(event: CallEvent, siblings: readonly CallEvent[]): boolean {
  if (event.sink !== 'network' || !LOGS_IN.test(event.name)) return false;
  const behind = callsBehind(event);
  return (
    behind.some(isLoggedIn) ||
    siblings.some(
      (other) =>
        /\.(?:login|connect)$/.test(other.name) &&
        other.receiver?.kind === 'ref' &&
        other.receiver.call !== undefined &&
        behind.includes(other.receiver.call) &&
        isLoggedIn(other),
    )
  );
}

function isLoggedIn({ name, args, keywords }: Pick<CallEvent, 'name' | 'args' | 'keywords'>): boolean {
  const pair = name.endsWith('.login') ? args.slice(0, 2) : args.slice(-2);
  const isPair = pair.length === 2 && args.length >= (name.endsWith('.login') ? 2 : 3) && pair.every(isText);
  return isPair || ['password', 'passwd'].some((key) => isText(keywords.get(key)));
}

function isText(value: Value | undefined): boolean {
  return value?.kind === 'str' && value.value.length > 0;
}

/**
 * `http://vault:8200/v1`: a name without a dot is one of the network that the program runs in, a container beside it or a
 * neighbour; no public server has such a name. What follows has to end it for every client.
 */
const OWN_NETWORK = /^https?:\/\/[a-z][a-z0-9_-]{2,62}(?::\d{1,5})?(?:[/?#][^\s\\]*)?$/i;

/** A whole address that is not known is where a datagram goes, not what it says; a name that is looked up says something. */
function isPlaceAlone({ sink, name }: CallEvent, address: string): boolean {
  return sink === 'network' && /^socket\./.test(name) && /^(?:\w+:\/\/)?‹[^‹›]*›(?::\d*)?$/.test(address);
}

function placeBehindEvent({ receiver }: CallEvent): string | undefined {
  return receiver?.kind === 'ref' ? placeBehind(receiver.call) : undefined;
}

/** `publish.single(topic, payload, hostname='broker.example')`: a function that opens the connection, and sends. */
function placeNamed({ keywords, receiver }: CallEvent): string | undefined {
  if (receiver?.kind === 'ref' && receiver.call !== undefined) return undefined;
  const place = keywords.get('hostname') ?? keywords.get('host') ?? keywords.get('broker');
  const text = place?.kind === 'str' ? place.value : '';
  return /^[\w-]+(?:\.[\w-]+)+$/.test(text) ? `tcp://${text}` : undefined;
}

/** A method of a client that nothing is known of hands over all that it is given. */
function deliver(parts: Parts, { args, keywords }: CallEvent): void {
  for (const value of [...args, ...keywords.values()]) parts.sent = unite(parts.sent, dataOf(value));
  parts.hasBody = true;
}

/** What the token of a bot or the id of a webhook comes from when it is the user's own. */
const CREDENTIALS =
  LABEL.secretVariable |
  LABEL.variable |
  LABEL.secretParameter |
  LABEL.parameter |
  LABEL.file |
  LABEL.secretFile |
  LABEL.input;

/** Whether a key is one that the caller or the user gave. */
export function isOwnAccount({ bits }: Taint): boolean {
  return (bits & CREDENTIALS) !== 0 && (bits & (LABEL.decoded | LABEL.network)) === 0;
}

/** A client comes to be: `TelegramClient(session, api_id, api_hash)`. */
function isMade({ name }: CallEvent): boolean {
  return /\.[A-Z]\w*Client$/.test(name);
}

/** What the client that an event makes, or is a method of, was handed as its key. */
function keyTaint(event: CallEvent): Taint {
  const { receiver } = event;
  if (isMade(event))
    return [...event.args, ...event.keywords.values()].reduce((all, v) => unite(all, taintOf(v)), CLEAN);
  const call = receiver?.kind === 'ref' ? receiver.call : undefined;
  const key = call?.keywords.get('token') ?? call?.args[0];
  return key === undefined ? CLEAN : taintOf(key);
}

/** A messenger bot or webhook whose secret stands in the code. */
function isInlineBot(event: CallEvent): boolean {
  if (
    !/(?:telebot\.TeleBot|telegram\.Bot|dhooks|discord_webhook|SyncWebhook|discord\.(?:ext\.commands\.Bot|Client)\(\)\.(?:run|start))/.test(
      event.name,
    )
  )
    return false;
  const [first] = event.args;
  return first !== undefined && first.kind === 'str' && first.value.length >= 40;
}

/** `client.send_message('me', …)`: the saved messages of the account that the client is signed in with. */
function isNoteToSelf({ name, args, keywords }: CallEvent): boolean {
  const to = args[0] ?? keywords.get('entity') ?? keywords.get('chat_id');
  return /^(?:telethon|pyrogram)\b.*\.send_\w+$/.test(name) && to?.kind === 'str' && /^(?:me|self)$/.test(to.value);
}

/** Services that a library is named for, and what their keys look like where not any text may be one. */
const SERVICES: readonly (readonly [RegExp, string, RegExp?])[] = [
  [/^boto3\b/, 's3.amazonaws.com', /^A[KS]IA[A-Z\d]{12,}$/],
  [/^dropbox\b/, 'content.dropboxapi.com'],
  [/^mega\b/, 'mega.nz'],
  [/^huggingface_hub\b/, 'huggingface.co'],
  [/^(?:github|pygithub)\b/i, 'api.github.com'],
];

/** The host of a client that has no other, where the account is the author's: its key stands in the code. */
function impliedHost({ name, receiver }: CallEvent): string | undefined {
  const [, service, key = /^[\w.=-]{10,}$/] = SERVICES.find(([pattern]) => pattern.test(name)) ?? [];
  let call = service !== undefined && receiver?.kind === 'ref' ? receiver.call : undefined;
  for (let hops = 0; call !== undefined && hops < 6; hops++) {
    const keys = [...call.args, ...call.keywords.values()];
    if (keys.some((one) => one.kind === 'str' && key.test(one.value))) return service;
    call = call.receiver?.kind === 'ref' ? call.receiver.call : undefined;
  }
  return undefined;
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
  // `Session.send(session, request)`
  // `sendto(data, address)`
  if (/\.sendto$/.test(name) && args.length >= 2 && depth === 0) {
    readCall(parts, name, [...args.slice(-1), ...args.slice(0, 1)], keywords, depth + 1);
    return;
  }
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
}

/** `{'Authorization': 'token ghp_…'}`: the whole credential is in the source. */
function hasInlineKey(headers: Value & { kind: 'dict' }): boolean {
  for (const [key, value] of headers.entries)
    if (
      /^s(?:authorization|private-token|x-api-key|x-access-token|apikey|x-auth-token)$/i.test(key) &&
      value.kind === 'str'
    )
      if (/[\w./+=-]{20,}$/.test(value.value)) return true;
  return false;
}

/** The whole credential is the caller's or the user's, and no other stands in the code to fall back on. */
function hasOwnKey(headers: Value & { kind: 'dict' }): boolean {
  const keys = [...headers.entries].filter(([key]) => KEY_HEADERS.test(key)).map(([, value]) => value);
  return keys.length > 0 && keys.every((key) => optionsOf(key).every((one) => isOwnAccount(taintOf(one))));
}

const KEY_HEADERS = /^s(?:authorization|private-token|apikey|(?:x-)?(?:api|master|access|auth)[_-]?(?:key|token))$/i;

function isRequestObject(call: ExternalCall): boolean {
  return /^(?:urllib\.request\.Request|requests\.Request(?:\(\)\.prepare)?|httpx\.Request|tornado\.httpclient\.HTTPRequest|yarl\.URL|urllib3\.util\.parse_url)$/.test(
    call.name,
  );
}

function addressText(value: Value): string {
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

function bareHost(event: CallEvent, address: string): string {
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

/** The calls behind a method, innermost first: `wrap_socket(create_connection(…))`, `SSHClient().open_sftp()`. */
function callsBehind({ receiver }: CallEvent): ExternalCall[] {
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

const CONNECTORS =
  /HTTPS?Connection|create_connection|WebSocket|Webhook|FTP|SMTP|Telnet|connect|Client|Server|Handler|Minio|Proxy|open_tcp_stream|Transport|from_url|from_blob_url|from_connection_string|Bucket$/;
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
function addressOfReceiver(event: CallEvent, siblings: readonly CallEvent[]): string | undefined {
  for (const call of callsBehind(event)) {
    const named = ADDRESS_KEYWORDS.map((key) => call.keywords.get(key)).find((value) => value !== undefined);
    if (named !== undefined && named.kind !== 'none') return withScheme(addressText(named));
    const own = call.name.slice(call.name.lastIndexOf('()') + 1);
    const made = call.args.find((arg) => arg.kind !== 'int' && arg.kind !== 'none');
    if (made !== undefined && CONNECTORS.test(own) && !/wrap_socket$/.test(own)) return withScheme(addressText(made));
    for (const other of siblings) {
      if (other === event || !/connect|login/.test(other.name)) continue;
      if (other.receiver?.kind === 'ref' && other.receiver.call === call && other.args[0] !== undefined)
        return addressText(other.args[0]);
    }
  }
  return undefined;
}

function withScheme(text: string): string {
  const account = /AccountName=(\w+)/.exec(text)?.[1];
  if (account !== undefined) return `https://${account}.blob.core.windows.net`;
  return /^\w+:\/\//.test(text) ? text : `tcp://${text}`;
}
