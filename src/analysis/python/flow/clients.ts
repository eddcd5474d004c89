// Owns clients by which data leaves and that are no HTTP client: by the shape of their names, and by the address that they
// were made with. May import text and value. Start at channelSink.
import type { SinkKind } from './models.ts';
import { textOf } from './text.ts';
import type { DictValue, ExternalCall, Site, Unit, Value } from './value.ts';

/** Methods that put something into a bucket, a folder, a queue, a repository of somebody's account. Linear. */
const UPLOADS =
  /^(?:(?:aio)?boto3|botocore|minio|google\.cloud\.\w+|azure\.\w+|oss2|qcloud_cos|b2sdk|dropbox|huggingface_hub|github|gitlab|paramiko|pysftp|asyncssh|scp|fabric|webdav3|smbprotocol|s3fs|gspread|notion_client|airtable|pyairtable)\b[^\n]{0,200}\.(?:put_object|upload_\w+|upload|fput_object|append_row|append_rows|putfo|put|publish|send_message|put_records?|files_upload\w*|create_gist|create_file|create_issue|create_commit|upload_sync|open\(\)\.write)$/;

/** Any method of these is a request that carries its arguments. */
const PROXIES =
  /^(?:xmlrpc\.client\.ServerProxy|jsonrpclib\.Server(?:Proxy)?|jsonrpclib\.jsonrpc\.ServerProxy|Pyro[45]\.(?:api\.)?Proxy|rpyc\.connect\(\)\.root|zeep\.Client\(\)\.service|suds\.client\.Client\(\)\.service|xmlrpclib\.ServerProxy)(?:\(\))?\.[\w.]+$/;

/** Writing to a stream that is a connection. */
const STREAMS =
  /^(?:asyncio\.open_connection\(\)\[\]|asyncio\.StreamWriter\(\)|socket\.socket\(\)(?:\.makefile\(\))?|telnetlib\.Telnet\(\)|telnetlib3\.open_connection\(\)\[\]|trio\.open_(?:tcp|ssl_over_tcp)_stream\(\)|anyio\.connect_tcp\(\)|websockets\.(?:sync\.client\.)?connect\(\)|asyncio\.get_event_loop\(\)\.create_connection\(\)\[\]|asyncio\.DatagramTransport\(\))\.(?:write|writelines|send_all|send|sendto|sendmsg|send_bytes)$/;

/** What reports of errors and statistics are told by functions of a whole module, which was set up before. */
const REPORTS =
  /^(?:sentry_sdk|rollbar|bugsnag|honeybadger|posthog|mixpanel|analytics|segment\.analytics|amplitude|newrelic\.agent|wandb(?:\.init\(\))?|mlflow|neptune|statsd)\.(?:capture_(?:message|event)|set_(?:context|extra|user|tag)|report_message|notify|capture|track|identify|log|log_text|log_param|record_custom_event)$/;

/** Whether a function reports what it is handed to a service. */
export function isReport(name: string): boolean {
  return REPORTS.test(name);
}

/** What a call does by its name, where the name is one of many; undefined for others. */
export function channelSink(name: string): SinkKind | undefined {
  return PROXIES.test(name) || STREAMS.test(name) || UPLOADS.test(name) ? 'network' : undefined;
}

const SCHEMES =
  /^(?:https?|wss?|ftps?|mongodb(?:\+srv)?|rediss?|amqps?|mqtts?|nats|postgres(?:ql)?|mysql|tcp|ssh|sftp):\/\/\S/i;
const HOST_KEYWORDS =
  /^(?:hosts?|hostname|servers?|brokers?|url|uri|base_url|endpoint|endpoint_url|homeserver|site|address|dsn|bootstrap[_.]servers)$/;
const HOST = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})$/i;
/** Are handed a bare name, with or without a port, before anything else. */
const MADE_WITH_PLACE = /(?:^|[._])\w*(?:[cC]hannel|Server|Client|Connection|IMAP4(?:_SSL)?)$/;
const HOST_AND_PORT = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?::\d{1,5})?$/i;
const MAX_HOPS = 8;

const connections = new WeakMap<ExternalCall, string>();

/** `client.connect('broker.example', 1883)`: where its other methods go from now on. */
export function noteConnection(call: ExternalCall, name: string, args: readonly Value[]): void {
  // `curl.setopt(curl.URL, 'https://…')`
  const isOption = name.endsWith('.setopt') && args[0] !== undefined && /\bURL\W*$/.test(textOf(args[0]));
  const first = isOption ? args[1] : args[0];
  const text =
    first === undefined || !(isOption || /\.(?:connect\w*|login|open)$/.test(name)) ? undefined : plainText(first);
  if (text === undefined) return;
  if (SCHEMES.test(text)) connections.set(call, text);
  else if (HOST.test(text)) connections.set(call, `tcp://${text}`);
}

/** The address that a client was made with, or one of what it was put together of: a transport, a session, a connection. */
export function placeBehind(call: ExternalCall | undefined, depth = 0): string | undefined {
  if (call === undefined || depth > MAX_HOPS) return undefined;
  const known = connections.get(call);
  if (known !== undefined) return known;
  for (const value of [...call.args.slice(0, 2), ...call.keywords.values()]) {
    const text = plainText(value);
    if (text !== undefined && SCHEMES.test(text)) return text;
  }
  const [first] = call.args;
  const place = first === undefined || !MADE_WITH_PLACE.test(call.name) ? undefined : plainText(first);
  if (place !== undefined && HOST_AND_PORT.test(place)) return `tcp://${place}`;
  for (const [key, value] of [...call.keywords, ...settingsIn(call)]) {
    const text = HOST_KEYWORDS.test(key) ? plainText(value) : undefined;
    if (text !== undefined && HOST_AND_PORT.test(text)) return `tcp://${text}`;
    if (text !== undefined && SCHEMES.test(text)) return text;
  }
  for (const value of [...call.args.slice(0, 2), ...call.keywords.values()]) {
    const found = value.kind === 'ref' ? placeBehind(value.call, depth + 3) : undefined;
    if (found !== undefined) return found;
  }
  return call.receiver?.kind === 'ref' ? placeBehind(call.receiver.call, depth + 1) : undefined;
}

/** `Producer({'bootstrap.servers': place})`, `initialize_app({'databaseURL': address})`: entries of the settings that come first. */
function settingsIn({ args: [first] }: ExternalCall): (readonly [string, Value])[] {
  if (first?.kind !== 'dict') return [];
  return [...first.entries].map(([key, value]) => [
    key
      .slice(1)
      .replace(/^database(?=url$)/i, '')
      .toLowerCase(),
    value,
  ]);
}

const LISTENS = /^socket\.socket\(\)\.(?:recv\w*|makefile|accept)$/;
const answered = new WeakSet<Unit>();

/** `answer = connection.getresponse()`: somewhere in a unit what servers say is looked at. */
export function noteAnswer(name: string, { unit }: Site): void {
  if (name === 'http.client.connection.getresponse' || LISTENS.test(name)) answered.add(unit);
}

/** Whether the answers of connections are looked at in a unit; a request of theirs is a statement of its own in any case. */
export function areAnswersRead({ unit }: Site): boolean {
  return answered.has(unit);
}

function plainText(value: Value): string | undefined {
  return value.kind === 'str' || value.kind === 'template' ? textOf(value) : undefined;
}

/** Modules that put texts, addresses and forms together, and methods that only fill something in. */
const FILLS =
  /^(?:\?|re\.|io\.|str\.|string\.|jinja2|mako|django\.template|urllib\.(?:parse|request\.Request)|yarl|furl|purl|hyperlink|rfc3986|requests\.Request|httpx\.(?:URL|Request|Headers)|json|logging|argparse|click|configparser|pathlib|os\.|sqlalchemy\.(?:text|MetaData))|\.(?:add_header|render|substitute|safe_substitute|format|replace|_replace|update|setdefault|append|extend|add_argument|set_defaults|parse\w*|load\w*|dumps?|join|get|close|exists)$/;

/** Whether a method puts a transaction on a chain. */
export function isBroadcast(name: string, call: ExternalCall | undefined): boolean {
  return (
    /\.(?:send_raw_transaction|sendRawTransaction|send_transaction|sendTransaction|broadcast\w*)$/.test(name) &&
    placeBehind(call) !== undefined
  );
}

/** An account of a chain of Ethereum's kind. */
const ACCOUNT = /^0x[0-9a-f]{40}$/i;

/** The transaction in what is signed or sent: a table that says whither and how much. */
function transactionIn(value: Value | undefined, depth = 0): DictValue | undefined {
  if (value?.kind === 'dict') return value;
  if (value?.kind !== 'ref' || value.call === undefined || depth > 3) return undefined;
  return value.call.args.map((arg) => transactionIn(arg, depth + 1)).find((found) => found !== undefined);
}

/** Whether a transaction hands whatever an account holds to another that stands in the code. */
export function isDrain(name: string, args: readonly Value[], { unit }: Site): boolean {
  if (!/\.(?:send_raw_transaction|sendRawTransaction|send_transaction|sendTransaction)$/.test(name)) return false;
  const entries = transactionIn(args[0])?.entries;
  const to = entries?.get('sto');
  const value = entries?.get('svalue');
  if (to?.kind !== 'str' || !ACCOUNT.test(to.value) || value === undefined) return false;
  // A sum that was worked out, where what the account holds was asked for.
  return value.kind === 'ref' && /\.get_?balance\(/i.test(unit.text);
}

/** Whether a method, by its name, only puts texts, addresses and forms together. */
export function isFilling(name: string): boolean {
  return FILLS.test(name);
}

/** Whether a client was made with an address or a key: its methods, whatever their names, hand over what they are given. */
export function isDelivery(call: ExternalCall): boolean {
  return placeBehind(call) !== undefined || hasKeyBehind(call);
}

const KEY_KEYWORDS =
  /^(?:token|api_?key|apikey|auth_?token|access_?token|password|secret(?:_key)?|aws_secret_access_key)$/i;
/** A long word of letters and digits: nothing that a program is called or that a person reads. */
const KEY = /^(?=[^\n]*\d)(?=[^\n]*[A-Za-z])[\w.:=+/-]{20,200}$/;
/** Keys of these open no account. */
const CIPHERS =
  /^(?:cryptography|Crypto|nacl|hashlib|hmac|jwt|jose|itsdangerous|rsa|ecdsa|uuid|fernet|passlib|secrets)\b/;

/** Whether a client was made with a key that stands in the code: an account of the author's. */
export function hasKeyBehind(call: ExternalCall, depth = 0): boolean {
  if (CIPHERS.test(call.name)) return false;
  for (const [key, value] of call.keywords)
    if (KEY_KEYWORDS.test(key) && value.kind === 'str' && value.value.length >= 8) return true;
  if (call.args.slice(0, 3).some((arg) => arg.kind === 'str' && !arg.value.includes('/') && KEY.test(arg.value)))
    return true;
  return call.receiver?.kind === 'ref' && call.receiver.call !== undefined && depth < MAX_HOPS
    ? hasKeyBehind(call.receiver.call, depth + 1)
    : false;
}
