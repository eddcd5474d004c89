// Owns what the archive says of itself. May import nothing but evidence types. Start at parseMetadata.
import type { Metadata } from './evidence.ts';

/** Reads METADATA or PKG-INFO; absent bytes give empty facts. */
export function parseMetadata(bytes: Uint8Array | undefined, name: string): Metadata {
  const text =
    bytes === undefined
      ? ''
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').slice(0, 400_000);
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const head = text.slice(0, end);
  const field = (key: string): string => new RegExp(`^${key}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const known = (value: string): boolean => value !== '' && value !== 'UNKNOWN';
  return {
    name:
      field('Name') === ''
        ? name
        : field('Name')
            .toLowerCase()
            .replaceAll(/[-_.]+/g, '-'),
    version: field('Version'),
    description: text.slice(end, end + 20_000).trim(),
    summary: known(field('Summary')) ? field('Summary') : '',
    hasUrl: known(field('Home-page')) || /^Project-URL:/im.test(head) || known(field('Download-URL')),
    hasClassifiers: /^Classifier:/im.test(head),
    hasDescription: text.length - end > 200 || field('Description').length > 20,
    author: field('Author-email') === '' ? field('Author') : field('Author-email'),
  };
}
