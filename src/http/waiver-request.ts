// Owns what a person sends to ask for a refused file, and what an administrator types to decide. Pure. Start at layRequest.
// Nothing is changed by a request: a person reads, and decides with the CLI, the API or the policy file.
import type { Explanation } from '../gate/answers.ts';
import { allowCommand, explainVerdict, waiveCommand } from '../policy/explain.ts';
import { asciiOneLine, defangUrl } from '../policy/hostile-text.ts';
import type { Verdict } from '../policy/verdict.ts';

/** Where people ask, as the settings say. */
export interface Support {
  readonly email?: string;
  /** may hold `{id}`, `{project}`, `{filename}` and `{text}` */
  readonly url?: string;
}

/** How to ask for one file. All texts are plain; escape them for HTML. */
export interface WaiverRequest {
  readonly title: string;
  /** what asking can come to */
  readonly sentence: string;
  /** several lines, ready to send */
  readonly text: string;
  /** for the administrator, one a line */
  readonly commands: readonly string[];
  /** `mailto:` with subject and text filled in; absent without an address */
  readonly mailLink?: string;
  /** absent without a web address */
  readonly webLink?: string;
}

interface Words {
  readonly title: string;
  readonly sentence: string;
  readonly commands: readonly string[];
}

const bare = (command: string): string => command.replaceAll('`', '');

/** undefined: there is nothing to ask for */
function wordsFor(verdict: Verdict, { file }: Explanation): Words | undefined {
  if (verdict.kind === 'allow' || verdict.kind === 'needs-scan') return undefined;
  const waive = `${bare(waiveCommand(file)).replace(/ --reason "why"$/, '')} --expires 90d --reason "why"`;
  switch (verdict.reason) {
    case 'digest-mismatch':
      return undefined;
    case 'cooldown':
    case 'freeze':
      return {
        title: 'Ask for it now',
        sentence:
          'Who cannot wait asks whoever runs this Cordon. An administrator can let this release through; it is scanned all the same.',
        commands: [bare(allowCommand(file))],
      };
    case 'deny-entry': {
      const entry = verdict.entryId;
      const remove = entry === undefined || entry.startsWith('file:') ? [] : [`cordon remove ${entry} --reason "why"`];
      return {
        title: 'Ask about this decision',
        sentence:
          'An administrator decided it. They can lift the entry, or waive this very file, unless the entry is final or names these bytes.',
        commands: [`cordon list ${file.project}`, ...remove, waive],
      };
    }
    default:
      return {
        title: 'Ask for a waiver',
        sentence:
          'If you know the file and this is a false alarm, ask whoever runs this Cordon. A waiver lets this very file through, pinned to its bytes, and nothing else.',
        commands: [waive],
      };
  }
}

/** One line of what a package may have written: no controls, no address that can be clicked. Versions look like addresses. */
function tame(text: string, length: number): string {
  return defangUrl(asciiOneLine(text, length));
}

function layText(explanation: Explanation, pageUrl: string): string {
  const { id, file, verdict } = explanation;
  const { title } = explainVerdict(verdict, file);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Page', pageUrl],
    ['Id', id],
    ['Project', asciiOneLine(file.version === undefined ? file.project : `${file.project} ${file.version}`, 120)],
    ['File', asciiOneLine(file.file.filename, 200)],
    ['SHA-256', file.sha256],
    ['Verdict', tame(`${title} (${verdict.reason}): ${verdict.detail}`, 300)],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(10)}${value}`]));
  return [
    'Please look at a file that Cordon holds back.',
    '',
    ...lines,
    '',
    'I need it for: ',
    'What I checked: ',
  ].join('\n');
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    values[name] === undefined ? whole : encodeURIComponent(values[name]),
  );
}

/**
 * Lays out a request for the file of an explanation.
 *
 * @param pageUrl absolute URL of the explanation page
 * @returns undefined when there is nothing to ask for: it is served, not judged yet, or its bytes never came
 */
export function layRequest(explanation: Explanation, pageUrl: string, support: Support): WaiverRequest | undefined {
  const { id, file, verdict } = explanation;
  const words = wordsFor(verdict, explanation);
  if (words === undefined) return undefined;
  const text = layText(explanation, pageUrl);
  const subject = `Cordon: ${asciiOneLine(file.file.filename, 120)} (${id})`;
  const { email, url } = support;
  const mail = `subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`;
  return {
    title: words.title,
    sentence: words.sentence,
    text,
    commands: [`cordon explain ${id}`, ...words.commands],
    ...(email === undefined ? {} : { mailLink: `mailto:${email}?${mail}` }),
    ...(url === undefined
      ? {}
      : { webLink: fill(url, { id, project: file.project, filename: asciiOneLine(file.file.filename, 200), text }) }),
  };
}
