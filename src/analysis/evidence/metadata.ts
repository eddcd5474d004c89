// Owns what the archive says of itself. May import hosts and evidence types. Start at parseMetadata.
import type { Metadata } from './evidence.ts';
import { hostsIn } from './hosts.ts';

/** Reads METADATA or PKG-INFO and an egg's requires.txt; absent bytes give empty facts. */
export function parseMetadata(bytes: Uint8Array | undefined, requiresTxt: string, name: string): Metadata {
  const text =
    bytes === undefined
      ? ''
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').slice(0, 400_000);
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const head = text.slice(0, end);
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of head.matchAll(/^([\w-]{1,40}):[ \t]*(.*)$/gm)) {
    const lower = key.toLowerCase();
    if (!fields.has(lower)) fields.set(lower, value.trim());
  }
  const field = (key: string): string => fields.get(key) ?? '';
  const known = (value: string): boolean => value !== '' && value !== 'UNKNOWN';
  return {
    name: field('name') === '' ? name : normalised(field('name')),
    version: field('version'),
    description: text.slice(end, end + 20_000).trim(),
    summary: known(field('summary')) ? field('summary') : '',
    hasUrl: known(field('home-page')) || fields.has('project-url') || known(field('download-url')),
    hosts: hostsNamed(head, text.slice(end, end + 20_000)),
    hasClassifiers: fields.has('classifier'),
    hasDescription: text.length - end > 200 || field('description').length > 20,
    author: field('author-email') === '' ? field('author') : field('author-email'),
    requirements: requirementsOf(head, requiresTxt),
  };
}

const MAX_HOSTS = 200;

/** Hosts of addresses anywhere, and of the mail addresses of whoever made it. */
function hostsNamed(head: string, description: string): ReadonlySet<string> {
  const mails = [...head.matchAll(/^(?:Author|Maintainer)-email:[^\n]*$/gim)]
    .flatMap(([line]) => [...line.matchAll(/@([\w-]+(?:\.[\w-]+)+)/g)])
    .map((m) => (m[1] ?? '').toLowerCase());
  return new Set([...hostsIn(head, MAX_HOSTS), ...hostsIn(description, MAX_HOSTS), ...mails]);
}

/** PEP 508 puts the name first; sections of requires.txt (`[extra:marker]`) and comments start with no letter. */
function requirementsOf(head: string, requiresTxt: string): ReadonlySet<string> {
  const lines = [...head.matchAll(/^Requires-Dist:[ \t]*(.*)$/gim)].map((m) => m[1] ?? '');
  const names = [...lines, ...requiresTxt.slice(0, 100_000).split('\n')].map(
    (line) => /^[A-Za-z\d][\w.-]*/.exec(line)?.[0],
  );
  return new Set(names.filter((name) => name !== undefined).map(normalised));
}

/** A project's name as indexes compare it (PEP 503). */
export function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
