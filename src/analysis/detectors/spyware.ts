// Owns keystrokes, screens and clipboards watched in the same module that sends. Start at spyware.
import type { Evidence } from '../evidence/evidence.ts';
import type { Traffic } from '../evidence/traffic.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { LABEL } from '../python/flow/taint.ts';
import { excerpt } from '../python/flow/text.ts';
import { optionsOf } from '../python/flow/value.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, findingOf, memberPath } from './detector.ts';

const ID = 'spyware';
/** what coin addresses look like in a regular expression */
const ADDRESS_PATTERN =
  /\[13\]\s*\[|bc1|\b0x\[a-fA-F0-9\]\{40\}|0x\[a-f|\[a-km-zA-HJ-NP-Z1-9\]|\[LM3?\]|0x\[0-9a-f|\^T\[|\[48\]\[/;

function byUnit(archive: Evidence): Map<string, CallEvent[]> {
  const units = new Map<string, CallEvent[]>();
  for (const event of archive.events) {
    if (event.context === 'test') continue;
    const path = memberPath(event.site.unit.path);
    const known = units.get(path);
    if (known === undefined) units.set(path, [event]);
    else known.push(event);
  }
  return units;
}

/** An address of a coin, whole: whoever puts one into the clipboard that stands in the code wants it to be pasted. */
const ADDRESS =
  /^(?:bc1[a-z0-9]{25,60}|0x[a-fA-F0-9]{40}|[13LMDT][1-9A-HJ-NP-Za-km-z]{25,34}|[48][1-9A-HJ-NP-Za-km-z]{94}|[1-9A-HJ-NP-Za-km-z]{43,44})$/;

function isOwnAddress({ args }: CallEvent): boolean {
  const [given] = args;
  return given !== undefined && optionsOf(given).some((o) => o.kind === 'str' && ADDRESS.test(o.value));
}

/** Programs that put what they are told into the clipboard. */
const COPIES =
  /\|\s*clip(?:\.exe)?\b|\bSet-Clipboard\b|\b(?:pbcopy|wl-copy|termux-clipboard-set)\b|\bxclip\b(?![^|\n]{0,80}\s-o)|\bxsel\b[^|\n]{0,80}\s(?:-\w*i|--input)/i;

function isCopyCommand(archive: Evidence, event: CallEvent): boolean {
  const { text, program } = archive.commands.get(event) ?? { text: '', program: '' };
  return program === 'clip' || COPIES.test(text);
}

function clipperFinding(archive: Evidence, events: readonly CallEvent[]): Finding | undefined {
  const writes = events.filter((e) => e.sink === 'clipboard-write' || isCopyCommand(archive, e));
  const { clipboardReaders } = archive.reading;
  const own = clipboardReaders.size > 0 ? writes.find((e) => isOwnAddress(e)) : undefined;
  const write = own ?? writes[0];
  if (write === undefined) return undefined;
  const { text } = write.site.unit;
  const path = memberPath(write.site.unit.path);
  const reads =
    own !== undefined ||
    clipboardReaders.has(write.site.unit.path) ||
    /\.paste\(\s*\)|GetClipboardData|CF_UNICODETEXT|waitForNewPaste|clipboard_get/.test(text);
  const looks = archive.reading.patterns.some(
    (p) => memberPath(p.site.unit.path) === path && ADDRESS_PATTERN.test(p.text.slice(0, 2_000)),
  );
  if (!reads || !(own !== undefined || looks || ADDRESS_PATTERN.test(text))) return undefined;
  return findingOf(ID, write, {
    score: own !== undefined || isUnasked(write.context) ? 10 : 8,
    class: 'malware',
    message: 'Replaces coin addresses in the clipboard.',
  });
}

/** To an account, a webhook or a host of the author's, whose user has no part in it. */
function isReport(traffic: Traffic | undefined): boolean {
  if (traffic === undefined || traffic.isChosen) return false;
  return traffic.isAuthorsDrop || traffic.isPrivate || traffic.kind === 'raw-address' || traffic.kind === 'webhook';
}

/** Keys are asked for one by one, by code that nobody started. */
const ASKS_KEYS = /(?:^|\.)GetAsyncKeyState$/;

function listenerFinding(archive: Evidence, events: readonly CallEvent[]): Finding | undefined {
  const listener =
    events.find((e) => e.sink === 'listener') ?? events.find((e) => isUnasked(e.context) && ASKS_KEYS.test(e.name));
  if (listener === undefined) return undefined;
  const senders = events.filter((e) => e.sink === 'network' && archive.traffic.get(e)?.kind !== 'local');
  const [first] = senders;
  if (first === undefined) return undefined;
  const reporter = senders.find((e) => isReport(archive.traffic.get(e)));
  const sender = reporter ?? first;
  const traffic = archive.traffic.get(sender);
  const isSure = reporter !== undefined || isUnasked(listener.context);
  return findingOf(ID, listener, {
    score: isSure ? 10 : 7,
    class: isSure ? 'malware' : 'suspicious',
    message: 'Listens to the keyboard in a module that sends.',
    ...(traffic === undefined ? {} : { hosts: [traffic.host] }),
    links: [{ role: 'sink', path: sender.site.unit.path, line: sender.site.node.line, text: sender.name }],
  });
}

const PROFILES = LABEL.browser | LABEL.wallet;

/** Profile stores decrypted where a private webhook or a throwaway host is at hand. */
function profileFinding(archive: Evidence, path: string, events: readonly CallEvent[]): Finding | undefined {
  const sender = events.find((e) => {
    const traffic = archive.traffic.get(e);
    return (
      traffic !== undefined &&
      (traffic.isPrivate ||
        traffic.kind === 'file-host' ||
        traffic.kind === 'webhook' ||
        traffic.kind === 'raw-address')
    );
  });
  if (sender === undefined) return undefined;
  const source = archive.modules.find((m) => m.unit.path === path);
  const text = sender.layers[0]?.text ?? source?.unit.text ?? '';
  const marks = [
    /login data|logins\.json|web data|cookies/i,
    /local state|os_crypt|CryptUnprotectData|key4\.db/i,
    /leveldb|local storage|discord/i,
    /user data|opera|brave|firefox|yandex/i,
    /wallet|exodus|metamask|electrum/i,
    /\[\\w-\]\{24\}|mfa\\\./,
  ].filter((m) => m.test(text)).length;
  if (marks < 3) return undefined;
  const unasked = isUnasked(sender.context);
  return findingOf(ID, sender, {
    score: unasked ? 10 : 9,
    class: 'malware',
    message: 'Gathers browser, messenger or wallet profiles in a module that sends to a private address.',
    sources: { bits: PROFILES, origins: [] },
    hosts: [archive.traffic.get(sender)?.host ?? ''],
  });
}

/** How the tokens of a messenger look, and the stores of its client: whoever looks for both means other people's accounts. */
const TOKEN_PATTERN = /\[\\w-\]\{2[0-9],?\d*\}\\\.|mfa\\\.\[\\w|dQw4w9WgXcQ:/;
const TOKEN_STORE = /leveldb|local storage/i;

function tokenFinding(archive: Evidence): Finding[] {
  if (!archive.events.some((e) => e.sink === 'network' && e.context !== 'test')) return [];
  const findings: Finding[] = [];
  for (const { unit } of archive.modules) {
    const at = unit.text.length > 400_000 ? -1 : unit.text.search(TOKEN_PATTERN);
    if (at < 0 || !TOKEN_STORE.test(unit.text) || !/\.(?:findall|finditer|search|match)\(/.test(unit.text)) continue;
    const from = unit.text.lastIndexOf('\n', at) + 1;
    const end = unit.text.indexOf('\n', at);
    findings.push(
      findingAt(
        ID,
        {
          path: memberPath(unit.path),
          line: unit.text.slice(0, at).split('\n').length,
          snippet: excerpt(unit.text.slice(from, end < 0 ? unit.text.length : end), 300),
        },
        {
          score: 10,
          class: 'malware',
          context: 'call',
          message: "Looks for a messenger's tokens in the stores of its client.",
        },
      ),
    );
  }
  return findings;
}

/** Watching a person: keys, clipboard, profiles. */
export const spyware: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = tokenFinding(archive);
    for (const [path, events] of byUnit(archive))
      for (const found of [
        clipperFinding(archive, events),
        listenerFinding(archive, events),
        profileFinding(archive, path, events),
      ])
        if (found !== undefined) findings.push(found);
    return findings;
  },
};
