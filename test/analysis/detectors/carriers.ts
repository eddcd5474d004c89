// Owns: what one detector says of a made-up wheel or source distribution. Start here: findingsOf.
import { DEFAULT_LIMITS } from '../../../src/analysis/archive/archive.ts';
import { bytesSource } from '../../../src/analysis/archive/bytes.ts';
import { openArchive } from '../../../src/analysis/archive/open-archive.ts';
import type { Detector } from '../../../src/analysis/detectors/detector.ts';
import type { Evidence } from '../../../src/analysis/evidence/evidence.ts';
import { gather } from '../../../src/analysis/evidence/gather.ts';
import type { Finding } from '../../../src/analysis/report/finding.ts';
import { type MemberContent, makeZip } from '../../support/make-zip.ts';

/** Member path → content, as in the archive. */
export type Files = Readonly<Record<string, MemberContent>>;

/** The evidence of an archive with these members. */
export async function evidenceOf(files: Files, filename = 'kit-1.0-py3-none-any.whl'): Promise<Evidence> {
  const bytes = makeZip(Object.entries(files).map(([name, content]) => ({ name, content })));
  const opened = await openArchive(bytesSource(bytes), filename, DEFAULT_LIMITS);
  if (opened.kind !== 'opened') throw new Error(opened.unscannable.message);
  return gather(opened.archive, { filename, sha256: '0'.repeat(64), sizeBytes: bytes.length });
}

/** What the detector says of a wheel with these members, strongest first. */
export async function findingsOf(detector: Detector, files: Files, filename?: string): Promise<Finding[]> {
  return detector.detect(await evidenceOf(files, filename)).sort((a, b) => b.score - a.score);
}

/** A source distribution, whose members are below one folder. */
export async function findingsOfSdist(detector: Detector, files: Files): Promise<Finding[]> {
  const below = Object.fromEntries(Object.entries(files).map(([path, content]) => [`kit-1.0/${path}`, content]));
  return findingsOf(detector, below, 'kit-1.0.zip');
}
