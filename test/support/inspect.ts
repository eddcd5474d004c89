// Owns: what one detector says of a made-up archive: opened and analysed as a served file is, without a process of its own.
// May import: make-wheel.ts, make-sdist.ts and the analysis of src. No I/O.
// Start here: inspect; `wheel` and `sdist` make its archives, `python` their members.
import { createHash } from 'node:crypto';
import { type AnalysisResult, analyse } from '../../src/analysis/analyse.ts';
import { DEFAULT_LIMITS } from '../../src/analysis/archive/archive.ts';
import { openArchive } from '../../src/analysis/archive/open-archive.ts';
import type { Finding } from '../../src/analysis/report/finding.ts';
import { makeSdist, type SdistOptions, sdistFilename } from './make-sdist.ts';
import { type FileMap, makeWheel, type WheelOptions, wheelFilename } from './make-wheel.ts';

/** A distribution file. */
export interface Packed {
  readonly filename: string;
  readonly bytes: Uint8Array;
}

export function wheel(files: FileMap, options: WheelOptions = {}): Packed {
  return { filename: wheelFilename(files, options), bytes: makeWheel(files, options) };
}

/** `example-1.0.0.tar.gz` unless the options say otherwise. */
export function sdist(files: FileMap, options: SdistOptions = {}): Packed {
  return { filename: sdistFilename(options), bytes: makeSdist(files, options) };
}

/** Text of a member, one argument a line: line numbers of findings can be counted off. */
export function python(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/**
 * Findings of one detector about an archive, strongest first.
 *
 * @throws when the archive cannot be opened: then the fixture is broken, and silence would prove nothing
 */
export async function inspect(detector: string, packed: Packed): Promise<readonly Finding[]> {
  const { findings } = await analysePacked(packed);
  return findings.filter((finding) => finding.detector === detector);
}

/** Everything that the analysis says of an archive. Throws when it cannot be opened. */
export async function analysePacked({ filename, bytes }: Packed): Promise<AnalysisResult> {
  const source = {
    sizeBytes: bytes.length,
    readAt: (position: number, length: number) => bytes.subarray(position, Math.min(bytes.length, position + length)),
  };
  const opened = await openArchive(source, filename, DEFAULT_LIMITS);
  if (opened.kind !== 'opened') throw new Error(`${filename}: ${opened.unscannable.message}`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return analyse(opened.archive, { filename, sha256, sizeBytes: bytes.length });
}
