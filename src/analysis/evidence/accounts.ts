// Owns whose account a request goes to: the author's, whose key stands in the code, or the user's, who gives it. May import python.
// Start at isOwnAccount.
import type { CallEvent } from '../python/flow/machine.ts';
import { CLEAN, LABEL, type Taint, unite } from '../python/flow/taint.ts';
import { optionsOf, taintOf, type Value } from '../python/flow/value.ts';
import { callsBehind, connectionsOf } from './addresses.ts';

const LOGS_IN = /^(?:ftplib|smtplib|aiosmtplib|imaplib|paramiko|pysftp|fabric|asyncssh)\b/;

/** `FTP(host, 'user', 'password')`, `server.login('user', 'password')`, `ssh.connect(host, username='user', password='password')`. */
export function isAuthorsDrop(event: CallEvent, siblings: readonly CallEvent[]): boolean {
  if (event.sink !== 'network' || !LOGS_IN.test(event.name)) return false;
  const behind = callsBehind(event);
  return (
    behind.some(isLoggedIn) ||
    behind.some((maker) =>
      connectionsOf(maker, siblings).some((other) => /\.(?:login|connect)$/.test(other.name) && isLoggedIn(other)),
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

/** What the token of a bot or the id of a webhook comes from when it is the user's own. */
export const CREDENTIALS =
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
export function isMade({ name }: CallEvent): boolean {
  return /\.[A-Z]\w*Client$/.test(name);
}

/** What the client that an event makes, or is a method of, was handed as its key. */
export function keyTaint(event: CallEvent): Taint {
  const { receiver } = event;
  if (isMade(event))
    return [...event.args, ...event.keywords.values()].reduce((all, v) => unite(all, taintOf(v)), CLEAN);
  const call = receiver?.kind === 'ref' ? receiver.call : undefined;
  const key = call?.keywords.get('token') ?? call?.args[0];
  return key === undefined ? CLEAN : taintOf(key);
}

/** A messenger bot or webhook whose secret stands in the code. */
export function isInlineBot(event: CallEvent): boolean {
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
export function isNoteToSelf({ name, args, keywords }: CallEvent): boolean {
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
export function impliedHost({ name, receiver }: CallEvent): string | undefined {
  const [, service, key = /^[\w.=-]{10,}$/] = SERVICES.find(([pattern]) => pattern.test(name)) ?? [];
  let call = service !== undefined && receiver?.kind === 'ref' ? receiver.call : undefined;
  for (let hops = 0; call !== undefined && hops < 6; hops++) {
    const keys = [...call.args, ...call.keywords.values()];
    if (keys.some((one) => one.kind === 'str' && key.test(one.value))) return service;
    call = call.receiver?.kind === 'ref' ? call.receiver.call : undefined;
  }
  return undefined;
}

/** `{'Authorization': 'token ghp_…'}`: the whole credential is in the source. */
export function hasInlineKey(headers: Value & { kind: 'dict' }): boolean {
  for (const [key, value] of headers.entries)
    if (
      /^s(?:authorization|private-token|x-api-key|x-access-token|apikey|x-auth-token)$/i.test(key) &&
      value.kind === 'str'
    )
      if (/[\w./+=-]{20,}$/.test(value.value)) return true;
  return false;
}

/** The whole credential is the caller's or the user's, and no other stands in the code to fall back on. */
export function hasOwnKey(headers: Value & { kind: 'dict' }): boolean {
  const keys = [...headers.entries].filter(([key]) => KEY_HEADERS.test(key)).map(([, value]) => value);
  return keys.length > 0 && keys.every((key) => optionsOf(key).every((one) => isOwnAccount(taintOf(one))));
}

const KEY_HEADERS = /^s(?:authorization|private-token|apikey|(?:x-)?(?:api|master|access|auth)[_-]?(?:key|token))$/i;
