// Owns machine code that runs without being what it seems. Start at nativePayload.
import { actsIn, printableIn, weigh } from '../evidence/acts.ts';
import { bundledIn, bytesOf } from '../evidence/bundled.ts';
import { membersIn } from '../evidence/copied.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { LOADS_LIBRARY, type Native, nativeFormat, nativesOf, overlaysOf } from '../evidence/natives.ts';
import { type CallEvent, isUnasked } from '../python/flow/machine.ts';
import { excerpt } from '../python/flow/text.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt, findingOf, momentOf } from './detector.ts';

const ID = 'native-payload';
/** Programs of this size are read for what they name; larger ones when something starts them. */
const MAX_READ = 8 * 2 ** 20;
const MAX_STARTED = 32 * 2 ** 20;
/** Bytes of extension modules that are read, the smallest first: a loader is small. */
const MAX_EXTENSION_BYTES = 64 * 2 ** 20;

/** What a library or program names that no honest one does. */
interface Story {
  readonly isHarmful: boolean;
  readonly why: string;
}

const NO_STORY: Story = { isHarmful: false, why: '' };

/** Reads each program once, however many calls load or start it. */
function createStories(): (placed: PlacedMember) => Story {
  const known = new Map<PlacedMember, Story>();
  return (placed) => {
    const story = known.get(placed) ?? storyOf(placed);
    known.set(placed, story);
    return story;
  };
}

function storyOf(placed: PlacedMember): Story {
  const bytes = bytesOf(placed, MAX_STARTED);
  if (bytes === undefined) return NO_STORY;
  const text = printableIn(bytes, MAX_STARTED);
  const acts = actsIn(text);
  for (const act of ['fetch-and-run', 'shell-handover', 'drop-box'] as const)
    if (acts.has(act)) return { isHarmful: true, why: act };
  const isThief =
    acts.has('secrets') &&
    (acts.has('network') || acts.has('identity') || /\b(?:sendto|connect|getaddrinfo|res_query)\b/.test(text));
  if (isThief) return { isHarmful: true, why: 'credentials and the network' };
  return acts.has('persistence') ? { isHarmful: true, why: 'places where programs start by themselves' } : NO_STORY;
}

function startFinding(
  archive: Evidence,
  event: CallEvent,
  native: Native,
  storiesOf: (placed: PlacedMember) => Story,
): Finding | undefined {
  const command = archive.commands.get(event);
  // Asking a program for its version is what finding a tool looks like.
  if (command?.words.length === 2 && /^-{1,2}(?:v|version|help|h)$/i.test(command.words[1] ?? '')) return undefined;
  const story = storiesOf(native.placed);
  const isElsewhere = !bundledIn(archive.layout, event).includes(native.placed);
  const isBad = native.isDisguised || story.isHarmful || isElsewhere || command?.isHidden === true;
  const how = isElsewhere ? ' from where it put it' : command?.isHidden === true ? ' out of sight' : '';
  return findingOf(ID, event, {
    score: isBad ? 10 : event.context === 'import' ? 7 : 8,
    class: isBad ? 'malware' : 'suspicious',
    message: `Starts a bundled ${native.format} program (${native.placed.local})${story.why === '' ? '' : ` that names ${story.why}`}${how} ${momentOf(event)}.`,
    links: [
      {
        role: 'source',
        path: native.placed.path,
        line: 0,
        text: `${native.format} program of ${native.placed.member.sizeBytes} bytes`,
      },
    ],
  });
}

function loadFinding(
  archive: Evidence,
  event: CallEvent,
  native: Native,
  storiesOf: (placed: PlacedMember) => Story,
): Finding | undefined {
  const unasked = isUnasked(event.context);
  const isDeleted = archive.events.some(
    (e) => e.sink === 'delete' && e.context === event.context && bundledIn(archive.layout, e).includes(native.placed),
  );
  const story = storiesOf(native.placed);
  const isNamedBad = story.isHarmful && story.why !== 'credentials and the network';
  if (!native.isDisguised && !isDeleted && !isNamedBad) return undefined;
  const why = native.isDisguised ? 'under the name of data' : isDeleted ? 'and deletes it' : `that names ${story.why}`;
  const isBad = native.isDisguised || isDeleted;
  return findingOf(ID, event, {
    score: isBad ? (unasked ? 10 : 7) : unasked ? 8 : 5,
    class: unasked ? 'malware' : 'suspicious',
    message: `Loads a bundled ${native.format} library (${native.placed.local}) ${why}.`,
    links: [
      {
        role: 'source',
        path: native.placed.path,
        line: 0,
        text: `${native.format} library of ${native.placed.member.sizeBytes} bytes`,
      },
    ],
  });
}

const RUNS_COMMANDS =
  /\0(?:system|popen|_?_?libc_system|execve|execl|execlp|execvp|posix_spawn|WinExec|CreateProcess[AW]|ShellExecute\w{0,4}|_?wsystem)\0/;

/** Extension modules: importing them runs them. What a shell is told in them is in plain text. */
function extensionFindings(natives: Iterable<Native>): Finding[] {
  const findings: Finding[] = [];
  let left = MAX_EXTENSION_BYTES;
  const libraries = [...natives].filter((n) => n.isLibraryName && n.placed.member.sizeBytes <= MAX_READ);
  libraries.sort((a, b) => a.placed.member.sizeBytes - b.placed.member.sizeBytes);
  for (const { placed, format } of libraries) {
    left -= placed.member.sizeBytes;
    if (left < 0) break;
    const bytes = bytesOf(placed, MAX_READ);
    if (bytes?.includes('PyInit_') !== true) continue;
    const text = printableIn(bytes, MAX_READ);
    const box = BOX_WORDS.some((word) => text.includes(word)) ? PRIVATE_BOX.exec(text)?.[0] : undefined;
    if (box !== undefined) findings.push(boxFinding(placed, format, box));
    if (box !== undefined || !RUNS_COMMANDS.test(text)) continue;
    const acts = actsIn(text);
    const act = (['fetch-and-run', 'shell-handover', 'drop-box'] as const).find((a) => acts.has(a));
    if (act === undefined) continue;
    findings.push(
      findingAt(
        ID,
        { path: placed.path, line: 0, snippet: commandIn(text) },
        {
          score: 9,
          class: 'malware',
          context: 'import',
          message: `An extension module (${format}) carries a command line: ${act}.`,
        },
      ),
    );
  }
  return findings;
}

/** A webhook or a bot with its own secret: whoever compiled it hears of everybody who imports it. */
const PRIVATE_BOX =
  /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{15,20}\/[\w-]{40,80}|api\.telegram\.org\/bot\d{8,10}:[\w-]{30,40}|\b\d{8,10}:AA[\w-]{32,34}\b/;

/** Without one of these there is none: looked for first, for that is quick. */
const BOX_WORDS = ['/webhooks/', 'api.telegram.org/bot', ':AA'];

function boxFinding({ path }: PlacedMember, format: Native['format'], box: string): Finding {
  return findingAt(
    ID,
    { path, line: 0, snippet: excerpt(box, 300) },
    {
      score: 10,
      class: 'malware',
      context: 'import',
      message: `An extension module (${format}) carries the address of a private webhook or bot.`,
    },
  );
}

function commandIn(text: string): string {
  const at = text.search(/\b(?:curl|wget|powershell|bash -i|\/dev\/tcp|discord|api\.telegram)\b/i);
  if (at < 0) return '';
  const from = text.lastIndexOf('\0', at) + 1;
  const end = text.indexOf('\0', at);
  return excerpt(text.slice(Math.max(from, at - 100), end < 0 ? at + 300 : Math.min(end, at + 300)), 300);
}

function overlayFindings(archive: Evidence): Finding[] {
  const findings: Finding[] = [];
  for (const { placed, bytes, offset, inflated } of overlaysOf(archive)) {
    const format = nativeFormat(bytes) ?? (inflated === undefined ? undefined : nativeFormat(inflated));
    const text = inflated === undefined ? bytes.subarray(0, 200_000).toString('latin1') : inflated.toString('latin1');
    const isText = /^[\t\n\r\x20-\x7e]{48}/.test(text);
    const weight = isText || inflated !== undefined ? weigh(actsIn(text)) : undefined;
    if (format === undefined && weight?.isHarmful !== true) continue;
    findings.push(
      findingAt(
        ID,
        { path: placed.path, line: 0, snippet: isText ? excerpt(text, 300) : '' },
        {
          score: 10,
          class: 'malware',
          context: 'none',
          message: `Behind the end of the picture (byte ${offset}) ${format === undefined ? `is code: it ${weight?.why ?? ''}` : `is a ${format} program`}.`,
          ...(isText ? { decoded: text } : {}),
        },
      ),
    );
  }
  return findings;
}

/** Programs started or loaded behind the reader's back: disguised, thrown away after use, hidden in pictures, telling. */
export const nativePayload: Detector = {
  id: ID,
  detect(archive) {
    const natives = nativesOf(archive);
    const findings = [...extensionFindings(natives.values()), ...overlayFindings(archive)];
    if (natives.size === 0) return findings;
    const storiesOf = createStories();
    for (const event of archive.events) {
      const isStart = event.sink === 'process' && isUnasked(event.context);
      const isLoad = event.sink === 'native' && LOADS_LIBRARY.test(event.name) && event.context !== 'test';
      if (!isStart && !isLoad) continue;
      for (const placed of membersIn(archive, event)) {
        const native = natives.get(placed);
        if (native === undefined) continue;
        const finding = isStart
          ? startFinding(archive, event, native, storiesOf)
          : loadFinding(archive, event, native, storiesOf);
        if (finding !== undefined) findings.push(finding);
      }
    }
    return findings;
  },
};
