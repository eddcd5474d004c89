// Owns whose a key is, by the name of its variable, store or file. May import hosts and traffic. Start at isKeyOf.

import type { CallEvent } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { taintOf } from '../python/flow/value.ts';
import type { Evidence } from './evidence.ts';
import { isAccountHost, isThrowaway } from './hosts.ts';
import { isAnswerRead, type Traffic } from './traffic.ts';

/** Words of a key's name that do not say whose it is. */
const GENERIC =
  /^(?:api|app|key|keys|token|secret|access|auth|client|id|user|username|pass|password|pwd|bot|private|public|bearer|my|the|login|credential|credentials|service|server|account|x|test|dev|prod|default|session|cookie|jwt|oauth|webhook|url)$/i;

/** A key that is handed to the service it is named for. */
export function isOwnBusiness({ host, sent }: Traffic, rest: number): boolean {
  if (rest !== LABEL.secretVariable) return false;
  return sent.origins.every((o) => o.label !== LABEL.secretVariable || isKeyOf(host, o.text));
}

/** Whether the words of a key's name stand in a host's: `STRIPE_SECRET_KEY` is of `api.stripe.com`. */
function isKeyOf(host: string, origin: string): boolean {
  // A variable by its name, a store of keys by the library that asks for it.
  const named = /\w+$/.exec(origin) ?? /^\w+(?=\.[\w.]*\(\)$)/.exec(origin);
  const words = (named?.[0] ?? '').toLowerCase().split(/_+/);
  const telling = words.filter((w) => w.length >= 3 && !GENERIC.test(w));
  const bare = host.replaceAll(/[^a-z0-9]/g, '');
  return telling.length > 0 && host !== '' && telling.some((w) => bare.includes(w));
}

/** Variables, and stores of keys, whose names mean one service everywhere. */
const KEYS_BY_NAME =
  /\b(?:AWS_(?:SECRET_ACCESS_KEY|ACCESS_KEY_ID|SESSION_TOKEN)|(?:OPENAI|ANTHROPIC|GEMINI|MISTRAL|HUGGINGFACE)_API_KEY|(?:GITHUB|GH|GITLAB|HF|NPM|PYPI|UV_PUBLISH|CI_JOB)_TOKEN|TWINE_PASSWORD|STRIPE_SECRET_KEY|AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS)$|^huggingface_hub\.[\w.]*get_token\(\)$|\.(?:get_secret_value|read_secret_version|access_secret_version)\(\)$|^django\.conf\.settings\.(?:SECRET_KEY|DATABASES)$|^azure\.identity\.\w+\(\)\.get_token\(\)$/;

/** Stores of keys of any service. */
const STORES = /^keyring\.\w+\(\)$/;

/** The key to one service, told to a house that is another's and whose answers nobody reads. */
export function isKeyTold(archive: Evidence, event: CallEvent, traffic: Traffic): boolean {
  const { host, isChosen, kind, sent } = traffic;
  if (!event.isDiscarded || isChosen || host === '' || host.includes('‹')) return false;
  if (kind !== 'plain' && kind !== 'cheap-name' && !isThrowaway(kind)) return false;
  const isTold = sent.origins.some(
    (o) =>
      o.label === LABEL.secretVariable &&
      (isThrowaway(kind) && STORES.test(o.text) ? true : KEYS_BY_NAME.test(o.text) && !isKeyOf(host, o.text)),
  );
  return isTold && !isAnswerRead(archive.traffic, host);
}

/** What a program calls the file of its own log-in. */
const KEPT = '(?:credentials?|secrets?|config|settings|tokens?|auth|session|login)\\.';

/** On call: settings that are named for the house they are sent to, `binance.yml` or `.binance/credentials.json` to `api.binance.com`. */
export function isFileOf({ host, kind, sent }: Traffic, secret: number): boolean {
  const house = /([\w-]+)\.(?:com|org|net|io|dev|cloud|ai|app|co)$/.exec(host)?.[1] ?? '';
  const taken = sent.origins.filter((o) => (o.label & secret) !== 0);
  return (
    kind === 'plain' &&
    house.length >= 5 &&
    !isAccountHost(host) &&
    taken.length > 0 &&
    taken.every((o) =>
      new RegExp(`^file .*[\\\\/]\\.?${house}(?:\\.|[\\\\/]\\.?${KEPT})(?:ya?ml|json|ini|cfg|conf|toml)$`).test(o.text),
    )
  );
}

/** What the program of a code host gives out of its log-in. */
const GH_LOGIN = /\(gh(?:\.exe)? auth token\b[^)]*\)$/;

/** On call: the log-in of GitHub's own program, shown to GitHub by a client that is signed in with it. */
export function isLogInShown({ receiver, keywords }: CallEvent, traffic: Traffic, secret: number): boolean {
  const { host, sent, isFronted, hasInlineKey } = traffic;
  if (secret !== LABEL.secretFile || host !== 'api.github.com' || isFronted || hasInlineKey) return false;
  const headers = keywords.get('headers');
  const client = [receiver, headers].flatMap((value) => (value === undefined ? [] : taintOf(value).origins));
  const taken = sent.origins.filter((o) => o.label === LABEL.secretFile);
  return (
    taken.length > 0 &&
    taken.every((o) => GH_LOGIN.test(o.text) && client.some((c) => c.text === o.text && c.line === o.line))
  );
}
