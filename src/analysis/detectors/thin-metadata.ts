// Owns archives that say nothing of themselves. Start at thinMetadata.
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'thin-metadata';
const TINY_BYTES = 60_000;
const TINY_FILES = 8;

/** No address, no classifiers, no description, little code: nothing against it alone, but it makes the rest weigh more. */
export const thinMetadata: Detector = {
  id: ID,
  detect(archive) {
    const { metadata, pythonBytes, pythonFiles } = archive;
    if (pythonFiles === 0 || pythonBytes > TINY_BYTES || pythonFiles > TINY_FILES) return [];
    const missing = [
      ...(metadata.hasUrl ? [] : ['a project address']),
      ...(metadata.hasClassifiers ? [] : ['classifiers']),
      ...(metadata.summary.length >= 10 ? [] : ['a summary']),
      ...(metadata.hasDescription ? [] : ['a description']),
    ];
    if (missing.length < 2) return [];
    const finding: Finding = findingAt(
      ID,
      { path: '', line: 0, snippet: metadata.summary },
      {
        score: missing.length >= 3 ? 4 : 1.5,
        class: 'suspicious',
        context: 'none',
        message: `A tiny archive without ${missing.join(', ')}.`,
      },
    );
    return [finding];
  },
};
