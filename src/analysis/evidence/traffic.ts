// Owns what a network event sends, and whither. May import python and hosts. Start at trafficOf.
import type { CallEvent } from '../python/flow/machine.ts';
import { CLEAN, LABEL, type Taint, unite, without } from '../python/flow/taint.ts';
import { textOf } from '../python/flow/text.ts';
import { type ExternalCall, NONE, taintOf, type Value } from '../python/flow/value.ts';
import { type HostKind, hostKind, hostOf, isPrivateWebhook } from './hosts.ts';

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
}

const BODY = new Set([
  'data',
  'json',
  'params',
  'files',
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
]);

interface Parts {
  address: string;
  addressTaint: Taint;
  sent: Taint;
  headers: Taint;
  hasBody: boolean;
  isFronted: boolean;
}

/** Reads a `network` or `dns` event. `siblings`: all events, to find where a socket was connected to. */
export function trafficOf(event: CallEvent, siblings: readonly CallEvent[]): Traffic {
  const parts: Parts = {
    address: '',
    addressTaint: CLEAN,
    sent: CLEAN,
    headers: CLEAN,
    hasBody: false,
    isFronted: false,
  };
  readCall(parts, event.name, event.args, event.keywords, 0);
  if (hostOf(parts.address) === undefined) {
    const connected = addressOfReceiver(event, siblings);
    if (connected !== undefined) {
      if (parts.address !== '' && /send|push|put|emit|store?|mail|write|execute|post|update/i.test(event.name)) {
        parts.sent = unite(parts.sent, unite(parts.addressTaint, parts.sent));
        parts.hasBody = true;
      }
      parts.address = connected;
    }
  }
  const address = parts.address.slice(0, 2000);
  const host = hostOf(address) ?? bareHost(event, address);
  return {
    address,
    host,
    kind: impliedKind(event.name, host),
    isPrivate: isPrivateWebhook(address) || isInlineBot(event),
    sent: unite(parts.sent, without(parts.addressTaint, LABEL.parameter | LABEL.network)),
    headers: parts.headers,
    hasBody: parts.hasBody,
    isFronted: parts.isFronted,
  };
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

function impliedKind(name: string, host: string): HostKind {
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
    /\.(?:request|urlopen|stream)$/.test(name) &&
    args.length >= 2 &&
    /^(?:get|post|put|patch|delete|head|options)$/i.test(textOf(args[0] ?? NONE));
  const rest = isRequest ? args.slice(1) : args;
  const first =
    rest[0] ?? keywords.get('url') ?? keywords.get('host') ?? keywords.get('address') ?? keywords.get('webhook_url');
  if (first !== undefined) readFirst(parts, first, depth);
  const bodies = rest.slice(1);
  for (const body of bodies) {
    if (body.kind === 'int' || body.kind === 'bool' || body.kind === 'none') continue;
    parts.sent = unite(parts.sent, taintOf(body));
    parts.hasBody = true;
  }
  for (const [key, value] of keywords) {
    if (BODY.has(key) || key === '**') {
      parts.sent = unite(parts.sent, taintOf(value));
      parts.hasBody ||= value.kind !== 'none';
    } else if (key === 'headers' || key === 'cookies') {
      parts.headers = unite(parts.headers, taintOf(value));
      if (value.kind === 'dict') parts.isFronted ||= value.entries.has('sHost') || value.entries.has('shost');
    }
  }
}

function readFirst(parts: Parts, first: Value, depth: number): void {
  const inner = first.kind === 'ref' ? first.call : undefined;
  if (inner !== undefined && depth < 3 && isRequestObject(inner)) {
    readCall(parts, inner.name, inner.args, inner.keywords, depth + 1);
    return;
  }
  parts.address = addressText(first);
  parts.addressTaint = taintOf(first);
}

function isRequestObject(call: ExternalCall): boolean {
  return /^(?:urllib\.request\.Request|requests\.Request(?:\(\)\.prepare)?|httpx\.Request|yarl\.URL|urllib3\.util\.parse_url)$/.test(
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
    /^(?:smtplib|ftplib|http\.client|telnetlib|paramiko|asyncio\.open|redis|pymongo)/.test(event.name);
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

/** Where the socket, connection or session that an event is a method of was pointed at. */
function addressOfReceiver(event: CallEvent, siblings: readonly CallEvent[]): string | undefined {
  const { receiver } = event;
  const call = receiver?.kind === 'ref' ? receiver.call : undefined;
  if (call === undefined) return undefined;
  const made = call.args[0];
  if (
    made !== undefined &&
    /HTTPS?Connection|create_connection|WebSocket|Webhook|FTP|SMTP|Telnet|connect|Client|TeleBot/.test(call.name)
  ) {
    const text = addressText(made);
    return /^\w+:\/\//.test(text) ? text : `tcp://${text}`;
  }
  for (const other of siblings) {
    if (other === event || !/connect|login/.test(other.name)) continue;
    if (other.receiver?.kind === 'ref' && other.receiver.call === call && other.args[0] !== undefined)
      return addressText(other.args[0]);
  }
  return undefined;
}
