// Owns builds of other languages that download and run. Start at buildScript.
import { actsIn, weigh } from '../evidence/acts.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'build-script';
const MAX_FILES = 300;
const MAX_TEXT = 1_000_000;

interface Language {
  readonly names: RegExp;
  readonly comment: RegExp;
  /** what makes it start programs while it builds */
  readonly starts: RegExp;
  /** also runs outside of builds, where it names files and hosts for honest reasons: only whole command lines count */
  readonly isNarrow?: boolean;
}

const LANGUAGES: readonly Language[] = [
  { names: /(?:^|\/)build\.rs$/, comment: /^\s*\/\//, starts: /\bCommand::new\b|\bcmd!\s*\(/ },
  {
    names: /(?:^|\/)CMakeLists\.txt$|\.cmake$/i,
    comment: /^\s*#/,
    starts: /\bexecute_process\s*\(|\badd_custom_(?:command|target)\s*\(/i,
  },
  {
    names: /(?:^|\/)meson\.build$/,
    comment: /^\s*#/,
    starts: /\brun_command\s*\(|\badd_(?:install|postconf|dist)_script\s*\(/,
  },
  { names: /(?:^|\/)build\.zig$/, comment: /^\s*\/\//, starts: /addSystemCommand/ },
  { names: /(?:^|\/)binding\.gyp$/, comment: /^\s*#/, starts: /<!/ },
  {
    names: /(?:^|\/)package\.json$/,
    comment: /^\s*"(?:description|readme)"/,
    starts: /"(?:pre|post)?install"\s*:/,
    isNarrow: true,
  },
  {
    names: /\.(?:c|cc|cpp|cxx|h|hh|hpp|m|mm|pyx|pxd|pxi)$/i,
    comment: /^\s*(?:\/\/|\*|#\s)/,
    starts: /\b(?:system|popen|_popen|execl[pe]?|execv[pe]?|WinExec|ShellExecute[AW]?)\s*\(/,
    isNarrow: true,
  },
];

/** What a wheel carries and another installer would run. */
const PACKED = /(?:^|\/)package\.json$/;

function languageOf({ local, role }: PlacedMember): Language | undefined {
  // Parts that a build of the whole does not go through.
  return role === 'test' || /(?:^|\/)(?:\.github|ci|docs?|tests?|examples?|docker)\//i.test(local)
    ? undefined
    : LANGUAGES.find((l) => l.names.test(local));
}

/** Scripts of cargo, CMake, Meson and the like in a source distribution: an installer runs them through the backend. */
export const buildScript: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    let read = 0;
    for (const placed of archive.layout.members) {
      const language = languageOf(placed);
      if (language === undefined || (archive.layout.kind !== 'sdist' && !PACKED.test(placed.local))) continue;
      if (placed.member.sizeBytes > MAX_TEXT || read++ >= MAX_FILES) continue;
      const text = archive.sources.textOf(placed);
      if (text === undefined || !language.starts.test(text)) continue;
      const lines = text.split('\n');
      const code = lines.map((l) => (language.comment.test(l) ? '' : l)).join('\n');
      const acts = new Set(actsIn(code));
      // Every build starts programs, names compilers and is told where to find things.
      for (const plain of ['execute', 'decode', 'process', 'native'] as const) acts.delete(plain);
      if (language.isNarrow === true)
        for (const act of acts) if (act !== 'fetch-and-run' && act !== 'shell-handover') acts.delete(act);
      const weight = weigh(acts);
      if (!weight.isHarmful) continue;
      const line = Math.max(
        0,
        lines.findIndex((l) => !language.comment.test(l) && actsIn(l).size > 0 && weigh(actsIn(l)).score > 0),
      );
      findings.push(
        findingAt(
          ID,
          { path: placed.path, line: line + 1, snippet: excerpt(lines[line] ?? '', 300) },
          { score: weight.score, class: 'malware', context: 'install', message: `The build ${weight.why}.` },
        ),
      );
    }
    return findings;
  },
};
