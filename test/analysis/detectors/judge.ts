// Owns: the analysis of a made-up archive, and what one detector makes of it. Start here: judge.
import { type AnalysisResult, analyse } from '../../../src/analysis/analyse.ts';
import { DEFAULT_LIMITS } from '../../../src/analysis/archive/archive.ts';
import { bytesSource } from '../../../src/analysis/archive/bytes.ts';
import { openArchive } from '../../../src/analysis/archive/open-archive.ts';
import { makeSdist, sdistFilename } from '../../support/make-sdist.ts';
import { type FileMap, makeWheel, wheelFilename } from '../../support/make-wheel.ts';

/** Analyses a wheel or a source distribution with these members. */
export async function judge(kind: 'wheel' | 'sdist', files: FileMap): Promise<AnalysisResult> {
  const bytes = kind === 'wheel' ? makeWheel(files) : makeSdist(files);
  const filename = kind === 'wheel' ? wheelFilename(files) : sdistFilename();
  const opened = await openArchive(bytesSource(bytes), filename, DEFAULT_LIMITS);
  if (opened.kind !== 'opened') throw new Error(opened.unscannable.message);
  return analyse(opened.archive, { filename, sha256: '0'.repeat(64), sizeBytes: bytes.length });
}

/** The strongest claim of a detector; 0 without one. */
export function pointsOf({ findings }: AnalysisResult, detector: string): number {
  return Math.max(0, ...findings.filter((f) => f.detector === detector).map((f) => f.score));
}
