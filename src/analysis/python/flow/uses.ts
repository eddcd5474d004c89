// Owns what callers' values are used for outside the archive: as a private key, as a credential. May import machine.
// Start at noteUse.
import type { Machine } from './machine.ts';
import { LABEL, type Origin, type Taint } from './taint.ts';
import { textOf } from './text.ts';
import { taintOf, type Value } from './value.ts';

/** Makes the key of a wallet or a certificate out of what it is handed. */
const KEY_USES =
  /(?:^|\.)(?:PrivateKey|SigningKey|KeyPair|Keypair|keypair|LocalAccount|HDKey|Mnemonic\w*|Bip\d+\w*|from_key|from_private_key\w*|fromPrivateKey|privateKeyToAccount|from_mnemonic|from_secret_key|from_base58_string|privkey\w*|load_pem_private_key|wif_to_key)(?:(?:\(\))?\.(?:from|to_seed|to_entropy|to_hd_master_key|check$|validate$|is_valid|is_mnemonic|recover|restore|import|derive|generate|[Gg]enerate|From)\w*)?$/;
/** Names of keywords by which clients are handed what they log in with. */
const CREDENTIAL =
  /^(?:api_?key|apikey|api_?secret|secret(?:_?key)?|access_?(?:key|token)|auth_?token|token|password|passphrase)$/i;
/** Take an address with the user and the password in it first. */
const CONNECTIONS =
  /^(?:pymongo\.(?:MongoClient|AsyncMongoClient)|motor\.motor_asyncio\.AsyncIOMotorClient|sqlalchemy\.(?:create_engine|engine\.create_engine|ext\.asyncio\.create_async_engine)|redis\.(?:asyncio\.)?(?:from_url|Redis\.from_url|StrictRedis\.from_url)|psycopg2?\.connect|psycopg2\.pool\.\w+|asyncpg\.(?:connect|create_pool)|databases\.Database|aio_pika\.connect(?:_robust)?|pika\.URLParameters|mongoengine\.connect|dataset\.connect)$/;
/** Take what they lock and unlock with first. */
const CIPHERS =
  /^(?:cryptography\.fernet\.Fernet|cryptography\.hazmat\.primitives\.ciphers\.aead\.\w+|Crypto(?:dome)?\.Cipher\.\w+\.new|nacl\.secret\.SecretBox)$/;
/** Methods of clients that take a name and what goes with it. */
const LOG_INS = /\.(?:log_?in|sign_?in|authenticate)$/i;
/** Objects that other projects make, most of them clients. */
const MAKES = /\.(?:[A-Z]\w*|create_client|connect)$/;
/** Words of what opens an account. */
const OPENS =
  /(?:^|[_ ])(?:api_?key|token|secret|pass(?:word|wd|phrase)|(?:role|service|access|secret|account|auth)_?key)(?:$|_)/i;
const NEITHER =
  /^(?:\?|requests|httpx|urllib|aiohttp|http|json|logging|os|re|base64|hashlib|hmac|dict|str|print|dataclasses|functools)\b/;
const MAX_USES = 2_000;

/** What tells one parameter from another. */
export function originKey({ path, line, text }: Origin): string {
  return `${path}\0${line}\0${text}`;
}

/** Whether a function outside takes what it is handed for a private key. */
export function isKeyUse(name: string): boolean {
  return KEY_USES.test(name);
}

/** Whether a function outside signs in to a store of data with the address that it is handed. */
export function isConnection(name: string): boolean {
  return CONNECTIONS.test(name);
}

/** Notes parameters that a function outside takes for a private key, for a credential of its service, or for the address of a store. */
export function noteUse(
  machine: Machine,
  name: string,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
): void {
  if (machine.keyUses.size + machine.credentialUses.size + machine.connectionUses.size > MAX_USES) return;
  const [, second, third] = args;
  // The seed of a wallet is derived so from the words that open it (BIP 39).
  if (name === 'hashlib.pbkdf2_hmac' && second !== undefined && third !== undefined)
    if (textOf(third).startsWith('mnemonic')) add(machine.keyUses, taintOf(second));
  const signs = /^(?:jwt|jose\.jwt|authlib\.jose\.jwt)\.encode$/.test(name)
    ? (second ?? keywords.get('key'))
    : undefined;
  if (signs !== undefined) add(machine.signingUses, taintOf(signs));
  const signing = /^hmac\.(?:new|digest|HMAC)$/.test(name) ? (args[0] ?? keywords.get('key')) : undefined;
  if (signing !== undefined) add(machine.signingUses, taintOf(signing));
  if (NEITHER.test(name)) return;
  if (KEY_USES.test(name))
    for (const arg of [...args, ...keywords.values()]) if (!isAttribute(arg)) add(machine.keyUses, taintOf(arg));
  const [first] = args;
  // A pool is told how large it is first.
  const place = /\.pool\.\w+$/.test(name) ? (third ?? keywords.get('dsn')) : first;
  if (place !== undefined && isConnection(name)) add(machine.connectionUses, taintOf(place));
  if (first !== undefined && CIPHERS.test(name)) add(machine.credentialUses, taintOf(first));
  const last = LOG_INS.test(name) ? args.at(-1) : undefined;
  if (last !== undefined) add(machine.credentialUses, taintOf(last));
  // `Client(url, service_key)`: told by place what others are told by name.
  if (MAKES.test(name)) for (const arg of args.slice(0, 4)) addNamed(machine.credentialUses, taintOf(arg));
  for (const [key, value] of keywords) if (CREDENTIAL.test(key)) add(machine.credentialUses, taintOf(value));
}

const KEY_HEADER = /^s(?:authorization|x-api-key|api-key|x-auth-token|private-token)$/i;

/** Whether a header, as keys of a dictionary are kept, is one by which one signs in. */
export function isSignInHeader(key: string): boolean {
  return KEY_HEADER.test(key);
}

/** Notes parameters that a request bears in a header by which one signs in. */
export function noteSignIn(machine: Machine, keywords: ReadonlyMap<string, Value>): void {
  const headers = keywords.get('headers');
  if (headers?.kind !== 'dict' || machine.signIns.size > MAX_USES) return;
  for (const [key, value] of headers.entries) if (KEY_HEADER.test(key)) add(machine.signIns, taintOf(value));
}

/** `args.key`: of one parameter's attributes no other is a key for that. */
function isAttribute(value: Value): boolean {
  return value.kind === 'ref' && /^\?\w+\./.test(value.name);
}

function add(uses: Set<string>, taint: Taint): void {
  for (const origin of taint.origins)
    if (origin.label === LABEL.parameter && origin.text.startsWith('parameter ')) uses.add(originKey(origin));
}

/** Those alone that are named for what opens something. */
function addNamed(uses: Set<string>, taint: Taint): void {
  add(uses, { ...taint, origins: taint.origins.filter(({ text }) => OPENS.test(text)) });
}
