import { readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { CordonError } from '../errors.ts';
import { findDistributionFiles, isDistributionName } from '../scan/distribution-files.ts';

/** One archive of a corpus, and what is known about it beforehand. */
export type Sample = MaliciousSample | BenignSample;

export interface MaliciousSample {
  readonly kind: 'malicious';
  readonly path: string;
  /** relative to the corpus: its name in results, the same on every machine */
  readonly name: string;
  readonly family: string;
  /** four digits; `unknown` without a date */
  readonly year: string;
  readonly part: string;
  /** what the index calls it, e.g. `ok`, or a kind of noise; `ok` where it says nothing */
  readonly label: string;
}

export interface BenignSample {
  readonly kind: 'benign';
  readonly path: string;
  readonly name: string;
  readonly format: 'wheel' | 'sdist';
  /** why it is in the corpus: `ordinary`, or the malware it looks like; `unknown` without a list */
  readonly why: string;
}

/** Rows of a tab-separated table with a header line. */
export function parseTable(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = text.split(/\r?\n/u).filter((line) => line !== '');
  const columns = head.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

async function readTable(path: string): Promise<readonly Readonly<Record<string, string>>[] | undefined> {
  try {
    return parseTable(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const files = findDistributionFiles([folder], ({ path, problem }) => {
    throw new CordonError('CONFIG_INVALID', `${path} ${problem}: give a folder of archives`);
  });
  for await (const file of files) {
    found.push(file);
  }
  return found;
}

/**
 * A malware corpus: the archives that `index.tsv` (columns path, family, added, label, part) lists, else every archive, with its top
 * folder as family. Files that are listed and not there are left out.
 */
export async function readMalicious(folder: string): Promise<readonly MaliciousSample[]> {
  const rows = await readTable(join(folder, 'index.tsv'));
  if (rows === undefined) {
    const files = await filesBelow(folder);
    return files.map((path) => {
      const name = relative(folder, path);
      return {
        kind: 'malicious',
        path,
        name,
        family: name.split('/')[0] ?? name,
        year: 'unknown',
        part: 'all',
        label: 'ok',
      };
    });
  }
  const samples = rows.map(
    (row): MaliciousSample => ({
      kind: 'malicious',
      path: join(folder, row['path'] ?? ''),
      name: row['path'] ?? '',
      family: row['family'] ?? row['path'] ?? '',
      year: /^\d{4}/u.exec(row['added'] ?? '')?.[0] ?? 'unknown',
      part: row['part'] ?? 'all',
      label: row['label'] ?? 'ok',
    }),
  );
  const there = await Promise.all(samples.map(({ path }) => isFile(path)));
  return samples.filter((_sample, index) => there[index] === true);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/**
 * A benign corpus: every archive of the folder.
 * @param list table with the columns filename, kind and why; undefined: kind by the name, why unknown
 */
export async function readBenign(folder: string, list: string | undefined): Promise<readonly BenignSample[]> {
  const rows = list === undefined ? [] : await readTable(list);
  if (rows === undefined) {
    throw new CordonError('CONFIG_INVALID', `${String(list)} is not there: give the table of the benign corpus`);
  }
  const byName = new Map(rows.map((row) => [row['filename'] ?? '', row]));
  const files = (await filesBelow(folder)).filter(isDistributionName);
  return files.map((path) => {
    const name = relative(folder, path);
    const row = byName.get(name);
    const format = row?.['kind'] ?? (path.endsWith('.whl') ? 'wheel' : 'sdist');
    return {
      kind: 'benign',
      path,
      name,
      format: format === 'wheel' ? 'wheel' : 'sdist',
      why: row?.['why'] ?? 'unknown',
    };
  });
}
