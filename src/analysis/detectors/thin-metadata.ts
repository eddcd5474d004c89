// Owns archives that say nothing of themselves. Start at thinMetadata.
import type { Evidence } from '../evidence/evidence.ts';
import { nativesOf } from '../evidence/natives.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'thin-metadata';
const TINY_BYTES = 60_000;
const TINY_FILES = 8;

/** bytes of Python beside setup.py: a version and a greeting */
const NOTHING_BYTES = 400;
/** Higher than any release of the project whose name it takes, so that installers prefer it. */
const OUTBIDS = /^(?:9{2,6}|[1-9]\d{3,5})\./;
const YEAR = /^(?:19|20)\d{2}(?:\d{2})?\./;
/** Addresses that hide where they lead. */
const SHORTENED =
  /\b(?:bit\.ly|tinyurl\.com|t\.ly|cutt\.ly|is\.gd|rb\.gy|shorturl\.at|goo\.su|linktr\.ee|t\.co|ow\.ly|rebrand\.ly|shrtco\.de|adf\.ly|gg\.gg)\/\w/i;
const LURES =
  /\b(?:free (?:robux|v-?bucks|gift ?cards?|followers|download|movies?|money|coins|spins|diamonds)|generator|no (?:survey|human verification|verification)|cracked?|keygen|mod apk|hack tool|unlimited|watch (?:online|full)|full (?:movie|hd)|123movies|onlyfans|leaked|casino|telegram channel|click here)\b/gi;

/** A name that is held, or a page that is put up, with nothing behind it. */
function emptyFinding({ metadata, layout, sources }: Evidence): Finding | undefined {
  const python = layout.members.filter((m) => /\.pyw?$/.test(m.local) && m.local !== 'setup.py' && m.role !== 'test');
  const isData = layout.members.some((m) => m.role === 'data' && m.member.sizeBytes > 20_000);
  if (isData || python.reduce((sum, m) => sum + m.member.sizeBytes, 0) > NOTHING_BYTES) return undefined;
  const text = `${metadata.summary}\n${metadata.description}`;
  const lures = new Set([...text.matchAll(LURES)].map((m) => m[0].toLowerCase())).size;
  const setup = layout.byPath.get('setup.py');
  const version =
    metadata.version === '' && setup !== undefined
      ? (sources.textOf(setup)?.match(/version\s*=\s*["']([\d.]{1,40})["']/)?.[1] ?? '')
      : metadata.version;
  const outbids = OUTBIDS.test(version) && !YEAR.test(version) && !metadata.hasDescription;
  const isLure = (lures >= 2 && SHORTENED.test(text)) || (lures >= 3 && /https?:\/\//.test(text));
  if (!outbids && !isLure) return undefined;
  return findingAt(
    ID,
    { path: '', line: 0, snippet: metadata.summary },
    {
      score: 6,
      class: 'suspicious',
      context: 'none',
      message: outbids
        ? `Version ${version} of nothing: it outbids every release of another index.`
        : 'An advertisement with no code behind it.',
    },
  );
}

/** A few lines of Python that lead to something else. */
const LOADER_BYTES = 3_000;
const SOURCES =
  /\.(?:c|cc|cpp|cxx|h|hpp|pyx|pxd|rs|go|f|f90|zig|m|mm|swift|cs|java|d|asm|s)$|(?:^|\/)(?:CMakeLists\.txt|Cargo\.toml|meson\.build)$/i;

/** Machine code, for every machine, that no source came with: nobody can read what the archive does. */
function unreadable(archive: Evidence): string | undefined {
  const { layout, context, pythonBytes } = archive;
  const isForAll = layout.kind === 'sdist' || context.filename.endsWith('-any.whl');
  if (!isForAll || pythonBytes > LOADER_BYTES || layout.members.some(({ local }) => SOURCES.test(local)))
    return undefined;
  const [native] = nativesOf(archive).values();
  return native?.placed.local;
}

/** No address, no classifiers, no description, little code: nothing against it alone, but it makes the rest weigh more. */
export const thinMetadata: Detector = {
  id: ID,
  detect(archive) {
    const { metadata, pythonBytes, pythonFiles } = archive;
    const empty = emptyFinding(archive);
    if (empty !== undefined) return [empty];
    if (pythonFiles === 0 || pythonBytes > TINY_BYTES || pythonFiles > TINY_FILES) return [];
    const missing = [
      ...(metadata.hasUrl ? [] : ['a project address']),
      ...(metadata.hasClassifiers ? [] : ['classifiers']),
      ...(metadata.summary.length >= 10 ? [] : [metadata.summary === '' ? 'a summary' : 'more than a word of summary']),
      ...(metadata.hasDescription
        ? []
        : [metadata.description === '' ? 'a description' : 'more than a few words of description']),
    ];
    if (missing.length < 2) return [];
    const native = missing.length >= 3 ? unreadable(archive) : undefined;
    const finding: Finding = findingAt(
      ID,
      { path: '', line: 0, snippet: metadata.summary },
      {
        score: native !== undefined ? 6 : missing.length >= 3 ? 4 : 1.5,
        class: 'suspicious',
        context: 'none',
        message: `An archive of little Python, without ${missing.slice(0, -1).join(', ')} or ${missing.at(-1) ?? ''}${native === undefined ? '' : `, all of which is in machine code without a source (${native})`}.`,
      },
    );
    return [finding];
  },
};
