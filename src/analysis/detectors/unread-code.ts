// Owns code that could not be read to the end. Start at unreadCode.
import { onlyComputes } from '../evidence/computing.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'unread-code';
/** what is left to see where the grammar breaks */
const BROKEN_PAYLOAD =
  /\b(?:exec|eval)\s*\(\s*(?:compile\s*\(\s*)?["'()\w.]{0,40}(?:join\s*\(|b64decode|decompress|marshal|fromhex|decrypt|__import__|bytes\s*\(\s*\[)/;
/** a page of control characters may be an accident of encodings; this much is a payload */
const LARGE_DISGUISE = 20_000;
/** bytes of Python */
const LARGE_PROGRAM = 500_000;
/** Members that are code by their name; others are data to the program that asked for them. */
const CODE = /(?:\.(?:pyw?|pyi|pyx|pth|sh|bash|bat|cmd|ps1|vbs|js|mjs|cjs|txt|cfg|toml)|(?:^|\/)[^./]+)$/i;
const LARGE_SETUP = 50_000;
const HUGE_SETUP = 200_000;
const HUGE_MODULE = 2_000_000;

/** Control characters in the first kilobytes: bytes, not source. */
function isNoText(text: string): boolean {
  let odd = 0;
  for (let i = 0; i < Math.min(4_000, text.length); i++) {
    const code = text.charCodeAt(i);
    if (code < 9 || (code > 13 && code < 32) || code === 0xfffd) odd++;
  }
  return odd > 100;
}

/** Entry points that are oversized, do not parse, or used up their budget: never a pass. */
export const unreadCode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    const units = archive.modules.map(({ unit }) => unit);
    const isQuiet = (path: string): boolean => onlyComputes(path, units);
    for (const { path, context, why } of archive.cutShort) {
      if (context !== 'start-up' && context !== 'install' && context !== 'import') continue;
      findings.push(
        findingAt(
          ID,
          { path, line: 1, snippet: '' },
          {
            // A solver that runs its examples only computes. In a large program a budget ends for no fault of its own: there it needs a second sign.
            score: context !== 'import' ? 7 : isQuiet(path) ? 2 : archive.pythonBytes > LARGE_PROGRAM ? 4.5 : 5,
            class: 'suspicious',
            context,
            message: `Could not be read to the end (${why}).`,
          },
        ),
      );
    }
    for (const [path, why] of archive.sources.unreadable) {
      if (!CODE.test(path)) continue;
      findings.push(
        findingAt(
          ID,
          { path, line: 1, snippet: '' },
          { score: 6, class: 'suspicious', context: 'import', message: `Could not be read: ${why}.` },
        ),
      );
    }
    for (const { local, path, role, member } of archive.layout.members) {
      if (
        role === 'test' ||
        !/\.pyw?$/.test(local) ||
        member.sizeBytes < 2_000 ||
        !isNoText(Buffer.from(member.head).toString('utf8'))
      )
        continue;
      findings.push(
        findingAt(
          ID,
          { path, line: 1, snippet: '' },
          {
            score: member.sizeBytes > LARGE_DISGUISE || role === 'build' ? 10 : 6,
            class: member.sizeBytes > LARGE_DISGUISE ? 'malware' : 'suspicious',
            context: role === 'build' ? 'install' : 'import',
            message: 'Is named like Python and holds something else.',
          },
        ),
      );
    }
    for (const source of archive.modules) {
      const { placed, isExhausted, errorCount } = source;
      const size = placed.member.sizeBytes;
      const isEntry = placed.role === 'build' || placed.role === 'start-up';
      if (isExhausted)
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: 1, snippet: '' },
            {
              score: isEntry ? 7 : 5,
              class: 'suspicious',
              context: isEntry ? 'install' : 'import',
              message: 'Is larger or deeper than the parser goes.',
            },
          ),
        );
      if (isEntry && size > LARGE_SETUP)
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: 1, snippet: '' },
            {
              score: size > HUGE_SETUP ? 7 : size > 2 * LARGE_SETUP ? 3 : 1.5,
              class: 'suspicious',
              context: 'install',
              message: `Is ${size} bytes large, which no build script is.`,
            },
          ),
        );
      else if (source.unit.isPackage && size > HUGE_MODULE)
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: 1, snippet: '' },
            { score: 6, class: 'suspicious', context: 'import', message: `Is ${size} bytes large.` },
          ),
        );
      if (errorCount > 0 && BROKEN_PAYLOAD.test(source.unit.text))
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: 1, snippet: BROKEN_PAYLOAD.exec(source.unit.text)?.[0] ?? '' },
            {
              score: isEntry ? 7 : 6,
              class: 'suspicious',
              context: isEntry ? 'install' : 'import',
              message: 'Does not parse as Python, and runs what it decodes.',
            },
          ),
        );
      if (isEntry && errorCount > 0 && source.module.body.length === 0)
        findings.push(
          findingAt(
            ID,
            { path: placed.path, line: 1, snippet: source.unit.text.slice(0, 200) },
            { score: 5, class: 'suspicious', context: 'install', message: 'Does not parse as Python.' },
          ),
        );
    }
    return findings;
  },
};
