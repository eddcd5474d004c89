// Owns command lines that fetch: whither they put it, whether they start it, what they send along. May import command.ts. Start at fetchedIn.
import { FETCHERS, PROXY_BINARIES, PYTHON, SHELLS, SYSTEM_FETCHERS, WINDOWS_SHELLS } from '../vocabulary/programs.ts';
import { lastSegment, partsOf } from './command.ts';

/** Characters of a command line that are read, at most. */
export const MAX_LINE = 20_000;

/** Programs that fetch, and the option that names the file. */
const FETCHER = new RegExp(`^(?:\\S*[\\\\/])?(?:${FETCHERS})(?:\\.exe)?$`, 'i');
const TARGET_OPTION = /^(?:-o|-O|-\w{0,6}[oO]|--output|--output-document|--out|-OutFile|-Destination|-d\s?|>>?|1?>)$/;

/** They name the file last. */
const SYSTEM_FETCHER = new RegExp(`^(?:\\S*[\\\\/])?(?:${SYSTEM_FETCHERS})(?:\\.exe)?$`, 'i');

/** Where a fetching command puts what it gets; undefined: nowhere that is named. */
function targetOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => TARGET_OPTION.test(word));
  const named = at < 0 ? undefined : words[at + 1];
  const last = SYSTEM_FETCHER.test(words[0] ?? '') ? words.at(-1) : undefined;
  const target = named ?? last;
  return target === undefined || /:\/\//.test(target) || (lastSegment(target).length < 2 && !target.startsWith('/'))
    ? undefined
    : target;
}

/** Words that stand in front of a file that is started. */
const RUNNER = new RegExp(
  `^(?:\\S*[\\\\/])?(?:${PYTHON}|${SHELLS}|${WINDOWS_SHELLS}|${PROXY_BINARIES}|start|call|\\/\\w|nohup|sudo|env|exec|""|chmod)(?:\\.exe)?$`,
  'i',
);

/** A file that one part of a line fetches and a later part starts, whatever stands between them. */
export function isFetchedAndStarted(text: string): boolean {
  const targets: string[] = [];
  for (const words of partsOf(text.replaceAll(/(\s)(>>?)\s*(\S)/g, '$1-O $3'))) {
    const first = words.findIndex((word) => !RUNNER.test(word));
    const started = first < 0 ? '' : (words[first] ?? '');
    if (
      targets.some((target) => started === target || (started !== '' && lastSegment(started) === lastSegment(target)))
    )
      return true;
    const fetcher = words.findIndex((word) => FETCHER.test(word));
    const target = fetcher < 0 ? undefined : targetOf(words.slice(fetcher));
    if (target !== undefined) targets.push(target);
  }
  return false;
}

/** A file that a command line fetches. */
export interface Fetched {
  readonly path: string;
  readonly address: string;
}

/** The first file of a name that a command line fetches from an address; undefined: it fetches none. */
export function fetchedIn(line: string): Fetched | undefined {
  for (const words of partsOf(line.slice(0, MAX_LINE))) {
    const at = words.findIndex((word) => FETCHER.test(word));
    const path = at < 0 ? undefined : targetOf(words.slice(at));
    const address = words.find((word) => /^https?:\/\//i.test(word));
    if (path !== undefined && address !== undefined && path !== '/dev/null') return { path, address };
  }
  return undefined;
}

/** Options of curl, wget and PowerShell by which something goes along with a request. */
const SENDS =
  /\s(?:-d|-F|-T|--data\S*|--form\S*|--upload-file|--post-\S+|--body-\S+|-X\w*|--request|-Body|-InFile)(?=[\s='"@]|$)/;

/** Whether a command line that makes a request sends more than the request. */
export function sendsAlong(text: string): boolean {
  return SENDS.test(text.slice(0, MAX_LINE));
}

/** One download that is written to a file which is no program by its name, and nothing sent along. */
export function keepsData(text: string): boolean {
  const line = text.trim();
  const [, file = ''] = /\s(?:-o|-O|--output|--output-document)[\s=]*["']?([^\s"']+)/.exec(line) ?? [];
  return (
    !/[\n;&|`]|\$\(/.test(line.replaceAll(/https?:\/\/[^\s$`]+/g, '')) &&
    !sendsAlong(line) &&
    /\.(?:h5|h5ad|hdf5|npy|npz|csv|tsv|txt|json|jsonl|xml|ya?ml|zip|gz|bz2|xz|tgz|tar|pt|pth|pkl|onnx|safetensors|parquet|png|jpe?g|mat|nc|pdf|fasta|fa|bin|model|weights|caffemodel)$/i.test(
      file,
    )
  );
}
