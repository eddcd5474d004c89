// Owns code pushed out of sight on its line. Start at hiddenText.
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, findingOf } from './detector.ts';

const ID = 'hidden-text';
const MIN_GAP = 90;
/** statements behind a gap that no formatter and no person leaves */
const FAR_CODE =
  /[;:)\]}'"\w][ \t]{120,400}(?:;[ \t]*[^\s#]|[A-Za-z_][\w.]*\s*[=(])|\n[ \t]{160,}[A-Za-z_]\w*\s*[=(.]/g;

/** blanks in a row, without which no such statement is there */
const LEAST_FAR = 120;

/** Whether so many blanks stand together somewhere: one of them is at a multiple of their number. Quick, for few texts have any. */
function hasGap(text: string): boolean {
  for (let at = 0; at < text.length; at += LEAST_FAR) {
    if (!isBlank(text, at)) continue;
    let from = at;
    while (from > 0 && isBlank(text, from - 1)) from--;
    let end = at + 1;
    while (end - from < LEAST_FAR && isBlank(text, end)) end++;
    if (end - from >= LEAST_FAR) return true;
  }
  return false;
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
}

/** A continuation right under the bracket that it belongs to, as formatters lay it, below a line that is as long and has no gap. */
function isAligned(text: string, hit: RegExpExecArray): boolean {
  const indent = /^\n([ \t]*)/.exec(hit[0])?.[1];
  if (indent === undefined) return false;
  let end = hit.index;
  for (let i = 0; i < 200 && end > 0; i++) {
    const from = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(from, end);
    if (!line.startsWith(indent)) {
      const opener = line.charAt(indent.length - 1);
      return opener !== '' && '([{'.includes(opener) && !/\S[ \t]{40}/.test(line);
    }
    end = from - 1;
  }
  return false;
}

/** A call with an effect, or a statement, that stands behind a long run of blanks. */
export const hiddenText: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const event of archive.events) {
      const site = event.layers[0]?.site ?? event.site;
      const { text } = site.unit;
      const { start } = site.node;
      const from = text.lastIndexOf('\n', Math.max(0, start - 1)) + 1;
      if (start - from < MIN_GAP || start - from > 20_000) continue;
      const gap = /\S[ \t\u00a0\u3000]{90,}/.exec(text.slice(from, start));
      if (gap === null) continue;
      findings.push(
        findingOf(ID, event, {
          score: 9,
          class: 'malware',
          message: `Stands behind ${gap[0].length - 1} blanks on its line, out of sight of a reader.`,
        }),
      );
    }
    for (const { placed, unit } of archive.modules) {
      const text = unit.text.slice(0, 2_000_000);
      const hit = hasGap(text) ? [...text.matchAll(FAR_CODE)].find((one) => !isAligned(text, one)) : undefined;
      if (hit === undefined) continue;
      const line = unit.text.slice(0, hit.index + 1).split('\n').length;
      findings.push(
        findingAt(
          ID,
          { path: placed.path, line, snippet: hit[0] },
          {
            score: 8,
            class: 'malware',
            context: placed.role === 'build' ? 'install' : 'import',
            message: 'Has a statement behind a long run of blanks, out of sight of a reader.',
          },
        ),
      );
    }
    return findings;
  },
};
