// Owns which call starts a file that was put on the disk before. Start at startOf.
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { textOf } from '../python/flow/text.ts';
import { INTERPRETERS, OPENERS, PROXY_BINARIES, programPattern } from '../vocabulary/programs.ts';
import { type Command, lastSegment } from './command.ts';
import type { Drop } from './drops.ts';
import type { Evidence } from './evidence.ts';

/** Names that say nothing: they are bound to occur in some command. */
const COMMON_NAMES =
  /^(?:file|data|output|config|configure|result|temp|main|script|setup|install|build|make|index|README|python|__init__\.py|setup\.py|Makefile)$/i;

/** Whether a text holds a path; one from the root is that path only where nothing stands before it. */
function names(text: string, path: string): boolean {
  return path.startsWith('/') ? new RegExp(`(?:^|[\\s"'=:;&|])${escaped(path)}`).test(text) : text.includes(path);
}

function isStartOf(text: string, drop: Drop): boolean {
  const { path } = drop;
  const known = path.replaceAll(/‹[^›]*›/g, '').replaceAll(/[\\/.]+/g, '');
  if (known.length >= 4 && /[\\/]/.test(path) && names(text, path)) return true;
  const name = lastSegment(path);
  if (name.includes('‹') || COMMON_NAMES.test(name)) return false;
  return (
    (/\w\.\w/.test(name) ? name.length >= 4 : name.length >= 6) &&
    new RegExp(`(?:^|[\\s"'/\\\\=])${escaped(name)}(?:$|[\\s"';&|,])`).test(text)
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What a build does with what it fetched. */
export function isToolAtWork({ commands }: Evidence, event: CallEvent): boolean {
  return (
    event.sink === 'process' &&
    /^(?:make|cmake|ninja|sh|bash|configure|tar|unzip|patch|chmod|xattr|codesign)$/.test(
      commands.get(event)?.program ?? '',
    )
  );
}

/** Calls that may start a file: processes, libraries, folders put on the path, code that is run. */
export function startsIn({ events }: Evidence): CallEvent[] {
  return events.filter(
    ({ sink, name }) =>
      sink === 'process' || sink === 'native' || sink === 'search-path' || (sink === 'exec' && name !== 'eval'),
  );
}

/** The call that starts a dropped file; one that only prepares it, where there is no other; undefined: none. */
export function startOf(archive: Evidence, starts: readonly CallEvent[], drop: Drop): CallEvent | undefined {
  const isOf = (event: CallEvent): boolean => event !== drop.event && isStart(archive, event, drop);
  return starts.find((event) => !isToolAtWork(archive, event) && isOf(event)) ?? starts.find(isOf);
}

function isFolderDrop(drop: Drop): boolean {
  return /clone|process|Popen|subprocess|system/.test(drop.event.name) && drop.path.length >= 4;
}

/** Programs that run the file they are handed, or make it ready to be run. */
const RUNNERS = programPattern(
  INTERPRETERS,
  PROXY_BINARIES,
  OPENERS,
  'javaw?|wine|mono|dotnet|sudo|nohup|conhost',
  'chmod|xattr|attrib|dpkg|installer|schtasks|reg',
);

/** What is unpacked, and what a second way to fetch the same file writes, is not started by that. */
const NO_START = /\bExpand-Archive\b[^;&|\n]*|\.DownloadFile\([^()]*\)|\s-OutFile\s+(?:"[^"]*"|'[^']*'|[^\s;&|]+)/gi;

function isStart(archive: Evidence, event: CallEvent, drop: Drop): boolean {
  const text = startText(archive, event).replaceAll(NO_START, '');
  const command = archive.commands.get(event);
  if (command !== undefined && isFolderDrop(drop) && isStrangeScript(archive, event, command, drop)) return true;
  if (text === '' || !isStartOf(text, drop)) return false;
  // What happens on a call comes after what happens by itself: the same name alone is another program then.
  if (isUnasked(event.context) && !isUnasked(drop.event.context) && !names(text, drop.path)) return false;
  if (command === undefined) return true;
  if (isFolderDrop(drop)) return RUNNERS.test(command.program) || names(command.words[0] ?? '', drop.path);
  if (isDataOf(command, drop)) return false;
  const name = lastSegment(drop.path);
  if (
    RUNNERS.test(command.program) ||
    (command.words[0] ?? '').includes(name) ||
    command.text.trimStart().startsWith('‹')
  )
    return true;
  return new RegExp(`(?:&&|;|\\|)\\s*\\S*${escaped(name)}`).test(text);
}

/** Documents, tables and media: what an interpreter's program is handed to read. */
const DATA = /\.(?:pdf|csv|tsv|txt|json|xml|ya?ml|png|jpe?g|gif|svg|docx?|xlsx?|parquet|mp[34]|wav|bam|fasta|nc|h5)$/i;
const READERS = programPattern(INTERPRETERS, 'javaw?|mono|dotnet|Rscript');

/** `java -jar tool.jar table.pdf`: the program stands before it. */
function isDataOf({ program, words }: Command, { path }: Drop): boolean {
  if (!DATA.test(path) || !READERS.test(program) || words.some((word) => /^-(?:c|e|r|-eval)$/.test(word))) return false;
  const at = words.findIndex((word) => !word.startsWith('-') && lastSegment(word) === lastSegment(path));
  return at > 1 && words.slice(1, at).some((word) => /\.(?:jar|py|js|pl|rb|php|exe|dll|R)$/.test(word));
}

/** After a clone, a script of a plain name that is none of this archive: the program changed into the folder in between. */
function isStrangeScript(archive: Evidence, event: CallEvent, { program, words }: Command, drop: Drop): boolean {
  if (event.order < drop.event.order || event.root !== drop.event.root || !RUNNERS.test(program)) return false;
  const script = words.slice(1).find((w) => !w.startsWith('-')) ?? '';
  return (
    /^(?:\.\/)?[\w-]+\.(?:pyw?|sh|js|bat|ps1)$/.test(script) &&
    !['', 'src/'].some((folder) => archive.layout.byPath.has(folder + script.replace(/^\.\//, '')))
  );
}

function startText(archive: Evidence, event: CallEvent): string {
  if (event.sink === 'process') return archive.commands.get(event)?.text ?? '';
  // `sys.path.insert(0, folder)`
  const given = event.sink === 'search-path' ? event.args.at(-1) : event.args[0];
  const text = given === undefined ? '' : textOf(given).slice(0, 2000);
  // Code that names a file in one of its lines does not start that file by being run.
  return event.sink === 'exec' && text.includes('\n') ? '' : text;
}
