// Owns the page that tells a person why a file is refused. Imports gate's answer, policy's words and html.ts. Start at renderExplanation.
// Every string of a package is hostile; who else asked for the file is never part of the page.
import type { Evidence, Finding } from '../analysis/report/finding.ts';
import type { Explanation } from '../gate/answers.ts';
import { allowCommand, describeScore, explainVerdict, waiveCommand } from '../policy/explain.ts';
import type { CopiedProject } from '../policy/facts.ts';
import { asciiOneLine } from '../policy/hostile-text.ts';
import { EXPLANATION_STYLE } from './explanation-style.ts';
import { evidence, type Html, html, NOTHING, ownMarkup } from './html.ts';
import type { WaiverRequest } from './waiver-request.ts';

/** As many findings as a person reads; the rest is in `cordon explain`. */
const MAX_FINDINGS = 20;

/** Sentences of ours in which commands stand in backticks. */
function withCode(sentence: string): Html {
  const parts = sentence.split('`');
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}

/** To the minute; an index may send anything as an upload time. */
function formatUpload(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : formatTime(time);
}

function formatTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** What speaks of the archive as a whole has no path. */
function formatPlace(path: string, line: number): string {
  if (path === '') return 'the archive';
  return line > 0 ? `${path}, line ${line}` : path;
}

const ROLES: Readonly<Record<Evidence['role'], string>> = {
  context: 'When it runs',
  source: 'Where the data comes from',
  transformation: 'What is done to it',
  sink: 'What it does in the end',
};

function renderLink(link: Evidence): Html {
  const snippet = link.snippet === undefined ? NOTHING : html`<pre><code>${evidence(link.snippet)}</code></pre>`;
  return html`<li><strong>${ROLES[link.role]}:</strong> ${evidence(link.text)} <span class="where">(${formatPlace(link.path, link.line)})</span>${snippet}</li>`;
}

function renderFinding(finding: Finding): Html {
  const { severity, message, path, line, snippet, decoded, chain, detector } = finding;
  const code = snippet === '' ? NOTHING : html`<pre><code>${evidence(snippet)}</code></pre>`;
  const hidden =
    decoded === undefined
      ? NOTHING
      : html`<p class="label">It decodes to:</p><pre class="decoded"><code>${evidence(decoded)}</code></pre>`;
  const links =
    chain.length === 0
      ? NOTHING
      : html`<p class="label">How one leads to the other:</p><ol>${chain.map(renderLink)}</ol>`;
  return html`<article><h3><span class="level ${ownMarkup(severity)}">${severity}</span>${evidence(message)}</h3>
<p class="where">${formatPlace(path, line)} &middot; detector ${detector}</p>${code}${hidden}${links}</article>
`;
}

function renderFindings({ report, file }: Explanation): Html {
  if (report === undefined) return NOTHING;
  const { findings, unscannable } = report;
  const unread =
    unscannable === undefined ? NOTHING : html`<p>It could not be read: ${evidence(unscannable.message)}</p>`;
  const shown = findings.slice(0, MAX_FINDINGS);
  const rest = findings.length - shown.length;
  const more =
    rest === 0
      ? NOTHING
      : html`<p>And ${rest} more; ${withCode(`\`cordon explain ${asciiOneLine(file.file.filename, 200)}\``)} shows all.</p>`;
  if (findings.length === 0 && unscannable === undefined)
    return html`<h2>What was found</h2><p>The scan of its content found nothing.</p>`;
  return html`<h2>What was found</h2>${unread}${shown.map(renderFinding)}${more}`;
}

function renderChanges({ file }: Explanation): Html {
  const comparison = file.comparison?.sha256 === file.sha256 ? file.comparison : undefined;
  if (comparison === undefined) return NOTHING;
  const items = comparison.changes.map(
    ({ message, path }) =>
      html`<li>${evidence(message)}${path === undefined ? NOTHING : html` <span class="where">(${path})</span>`}</li>`,
  );
  const names = comparison.baselines.map(({ filename }) => filename).join(', ');
  const than = names === '' ? NOTHING : html`<p class="where">Compared with ${names}.</p>`;
  const changes =
    items.length === 0 ? NOTHING : html`<h2>What is new since earlier releases</h2>${than}<ul>${items}</ul>`;
  return html`${changes}${renderCopied(comparison.copied)}`;
}

/** Of a copy only the members that are not the original's own. */
function renderCopied(copied: CopiedProject | undefined): Html {
  if (copied === undefined) return NOTHING;
  const items = copied.differing.map((path) => html`<li class="where">${path}</li>`);
  const others = items.length === 0 ? html`<p>No member differs.</p>` : html`<p>What differs:</p><ul>${items}</ul>`;
  return html`<h2>A copy of another project</h2>
<p>${copied.same} of ${copied.compared} members are the same as in ${copied.filename} of ${copied.project}, names and comments aside.</p>${others}`;
}

function renderFacts({ file, validUntil, report, thresholds }: Explanation): Html {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Project', file.version === undefined ? file.project : `${file.project} ${file.version}`],
    ['File', file.file.filename],
    ['SHA-256', file.sha256],
    ['Index', file.upstream],
    ['Uploaded', formatUpload(file.file.uploadTime)],
    ['Score', report === undefined ? undefined : describeScore(report, thresholds)],
    ['May change by itself', validUntil === undefined ? undefined : formatTime(validUntil)],
  ];
  const shown = rows.flatMap(([name, value]) => (value === undefined ? [] : [html`<dt>${name}</dt><dd>${value}</dd>`]));
  return html`<dl>${shown}</dl>`;
}

/** A text that can be reached by keyboard, selected whole and copied, without a script. */
function renderCopyable(id: string, label: string, lines: readonly string[], rows: number): Html {
  return html`<p class="label"><label for="${ownMarkup(id)}">${label}</label></p>
<textarea id="${ownMarkup(id)}" readonly rows="${rows}" spellcheck="false">${lines.join('\n')}</textarea>`;
}

function renderLinks({ mailLink, webLink }: WaiverRequest): Html {
  if (mailLink === undefined && webLink === undefined) return html`<p>Send it to whoever runs this Cordon.</p>`;
  const web = webLink === undefined ? NOTHING : html`<a href="${webLink}" rel="noreferrer">Open a request</a>`;
  const mail = mailLink === undefined ? NOTHING : html`<a href="${mailLink}">Write a mail with this text</a>`;
  return html`<p class="links">${web} ${mail}</p>`;
}

/** How to ask for the file, and what an administrator types then. */
function renderRequest(request: WaiverRequest | undefined): Html {
  if (request === undefined) return NOTHING;
  const { title, sentence, text, commands } = request;
  const lines = text.split('\n');
  return html`<h2>${title}</h2>
<p>${sentence}</p>
${renderCopyable('request', 'To send (select all of it, then copy):', lines, lines.length + 2)}
${renderLinks(request)}
${renderCopyable('commands', 'For the administrator, on the server or with a token:', commands, commands.length + 2)}`;
}

function renderPage(title: string, tone: string, head: Html, body: Html): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${ownMarkup(EXPLANATION_STYLE)}</style>
</head>
<body><main>
<header class="verdict ${ownMarkup(tone)}"><p class="brand">Cordon</p>${head}</header>
${body}
<footer><p>Cordon fetches and scans each file before it serves it. This page shows the decision as it stands now; it changes when the policy, the rules or the evidence do.</p></footer>
</main></body>
</html>
`.html;
}

/** The whole page, without anything that is loaded, run or sent. */
export function renderExplanation(explanation: Explanation, request: WaiverRequest | undefined): string {
  const { verdict, file } = explanation;
  const words = explainVerdict(verdict, file);
  // what the section on asking says in full
  const commands = [waiveCommand(file), allowCommand(file)];
  const remedies = words.remedies.filter((remedy) => !commands.some((command) => remedy.includes(command)));
  const items = remedies.map((remedy) => html`<li>${withCode(remedy)}</li>`);
  const name = file.version === undefined ? file.file.filename : `${file.project} ${file.version}`;
  const sentences = words.sentences.map((sentence) => html`<p>${evidence(sentence)}</p>`);
  const body = html`${renderFacts(explanation)}
${items.length === 0 ? NOTHING : html`<h2>What to do</h2><ul>${items}</ul>`}
${renderFindings(explanation)}
${renderChanges(explanation)}
${renderRequest(request)}`;
  return renderPage(`${name}: ${words.title}`, verdict.kind, html`<h1>${words.title}</h1>${sentences}`, body);
}

const PRIVATE_TITLE = 'Shown to administrators alone';
const PRIVATE_SENTENCE = 'The file behind this link comes from a private index.';

/** The page of a private upstream's file: nothing of it, and where to ask. */
export function renderPrivate(id: string): string {
  const head = html`<h1>${PRIVATE_TITLE}</h1><p>${PRIVATE_SENTENCE}</p>`;
  const body = html`<p>Your installer has printed why it was refused. To ask for the file, send the address of this page to whoever runs this Cordon.</p>
${renderCopyable('commands', 'An administrator sees the whole evidence with:', [`cordon explain ${id}`], 2)}`;
  return renderPage(PRIVATE_TITLE, 'needs-scan', head, body);
}

/** The same as JSON. */
export function describePrivate(): unknown {
  return { title: PRIVATE_TITLE, sentences: [PRIVATE_SENTENCE] };
}

/** An explanation as JSON, for programs. */
export function describeExplanation(explanation: Explanation, request: WaiverRequest | undefined): unknown {
  const { file, verdict, validUntil, report } = explanation;
  const words = explainVerdict(verdict, file);
  return {
    project: file.project,
    ...(file.version === undefined ? {} : { version: file.version }),
    filename: file.file.filename,
    ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    index: file.upstream,
    verdict,
    ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil).toISOString() }),
    ...words,
    ...(report === undefined ? {} : { score: report.score, findings: report.findings }),
    ...(report?.unscannable === undefined ? {} : { unscannable: report.unscannable }),
    ...(file.comparison === undefined ? {} : { changes: file.comparison.changes }),
    ...(request === undefined ? {} : { request }),
  };
}
