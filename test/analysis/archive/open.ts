// Owns: opening an archive from bytes in tests. Start here: openBytes.
import {
  type AnomalyEffect,
  type ArchiveLimits,
  DEFAULT_LIMITS,
  type OpenedArchive,
} from '../../../src/analysis/archive/archive.ts';
import { bytesSource } from '../../../src/analysis/archive/bytes.ts';
import { openArchive } from '../../../src/analysis/archive/open-archive.ts';

export interface Opened {
  /** undefined: unscannable */
  readonly archive?: OpenedArchive;
  /** why it is unscannable */
  readonly cause?: string;
  readonly message?: string;
  /** `code` of each anomaly */
  readonly codes: readonly string[];
  readonly effects: readonly AnomalyEffect[];
}

/** Opens bytes under a filename and says shortly what came of it. */
export async function openBytes(
  bytes: Uint8Array,
  filename: string,
  limits: Partial<ArchiveLimits> = {},
): Promise<Opened> {
  const result = await openArchive(bytesSource(bytes), filename, { ...DEFAULT_LIMITS, ...limits });
  const anomalies = result.kind === 'opened' ? result.archive.anomalies : result.anomalies;
  return {
    ...(result.kind === 'opened'
      ? { archive: result.archive }
      : { cause: result.unscannable.cause, message: result.unscannable.message }),
    codes: anomalies.map(({ code }) => code),
    effects: anomalies.map(({ effect }) => effect),
  };
}

/** Member path → text of its content. */
export function texts(opened: Opened): Readonly<Record<string, string>> {
  const members = opened.archive?.members ?? [];
  return Object.fromEntries(members.map((member) => [member.path, Buffer.from(member.read()).toString('utf8')]));
}
