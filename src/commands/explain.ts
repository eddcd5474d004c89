// `cordon explain`: the verdict of a project, a release, a file or a digest, and the evidence behind it.
import type { Command } from 'commander';
import type { ExplainedFile, Explanation } from '../admin/explain.ts';
import type { Finding } from '../analysis/report/finding.ts';
import { describeScore } from '../policy/explain.ts';
import { defangUrl, stripControls } from '../policy/hostile-text.ts';
import { isRefusal, type Verdict } from '../policy/verdict.ts';
import { type AdminOptions, addAdminOptions, type CommandContext, withAdmin } from './command.ts';
import { layTable, show, showSize, showTime, type Terminal } from './terminal.ts';

/** Evidence is printed in full for this many files; beyond that, one line a file. */
const MAX_FULL = 6;

function colourOf(kind: Verdict['kind'], { colors }: Terminal): (text: string) => string {
  switch (kind) {
    case 'allow':
      return colors.green;
    case 'needs-scan':
      return colors.cyan;
    case 'quarantine':
      return colors.yellow;
    case 'refuse':
      return colors.red;
  }
}

function printBlock(text: string, indent: string, terminal: Terminal): void {
  for (const line of defangUrl(stripControls(text, true)).split('\n').slice(0, 20))
    terminal.print(`${indent}| ${line}`);
}

/** What speaks of the archive as a whole has no path. */
function describePlace({ path, line }: { readonly path: string; readonly line: number }): string {
  if (path === '') return 'the archive';
  return line > 0 ? `${show(path)}:${String(line)}` : show(path);
}

/** One finding with its snippet, what it decodes to, and its chain. */
export function printFinding(finding: Finding, terminal: Terminal): void {
  terminal.print(`    ${terminal.colors.bold(finding.severity)}  ${finding.detector}  ${describePlace(finding)}`);
  terminal.print(`      ${defangUrl(show(finding.message))}`);
  if (finding.snippet !== '') printBlock(finding.snippet, '      ', terminal);
  if (finding.decoded !== undefined && finding.decoded !== '') {
    terminal.print('      decodes to:');
    printBlock(finding.decoded, '      ', terminal);
  }
  for (const step of finding.chain) {
    terminal.print(`      ${step.role}: ${defangUrl(show(step.text))} (${describePlace(step)})`);
  }
}

function describeVerdict(verdict: Verdict, terminal: Terminal): string {
  const { wouldHave } = verdict;
  const would =
    wouldHave === undefined
      ? ''
      : `; would have been ${wouldHave.kind} (${wouldHave.reason}): ${defangUrl(show(wouldHave.detail))}`;
  return `${colourOf(verdict.kind, terminal)(verdict.kind)} (${verdict.reason}): ${show(verdict.detail)}${would}`;
}

function adviceFor(file: ExplainedFile): string | undefined {
  const { entryId, reason } = file.verdict;
  if (reason === 'deny-entry' && entryId !== undefined) {
    return entryId.startsWith('file:')
      ? 'the entry stands in the policy file'
      : `to lift the entry: cordon remove ${entryId}`;
  }
  if (file.sha256 === undefined || (file.verdict.kind !== 'refuse' && file.verdict.kind !== 'quarantine'))
    return undefined;
  if (file.verdict.reason === 'digest-mismatch') return undefined;
  return `to let this one file through: cordon allow --file '${show(file.filename)}' --sha256 ${file.sha256} --reason '…' --expires 14d`;
}

function printFile(file: ExplainedFile, thresholds: Explanation['thresholds'], terminal: Terminal): void {
  terminal.print(
    `${terminal.colors.bold(show(file.filename))}  ${file.project} ${show(file.version ?? '?')} from ${file.upstream}`,
  );
  terminal.print(`  ${describeVerdict(file.verdict, terminal)}`);
  if (file.validUntil !== undefined) terminal.print(`  by time alone until ${showTime(file.validUntil)} UTC`);
  if (file.phase !== undefined) terminal.print(`  under way: ${file.phase.kind}`);
  const size = file.sizeBytes === undefined ? '' : `, ${showSize(file.sizeBytes)}`;
  terminal.print(`  sha256 ${file.sha256 ?? 'not known yet'}${size}`);
  terminal.print(
    `  uploaded ${show(file.uploadTime ?? 'at an unknown time')}, first seen ${showTime(file.firstSeenAt)} UTC`,
  );
  const report = file.report;
  if (report === undefined) {
    terminal.print('  not scanned yet');
  } else {
    const counted = `${String(report.findings.length)} ${report.findings.length === 1 ? 'finding' : 'findings'}`;
    terminal.print(
      `  scanned: score ${describeScore(report, thresholds)}; ${counted}, ruleset ${report.ruleset.slice(0, 12)}`,
    );
    if (report.unscannable !== undefined) terminal.print(`    unscannable: ${show(report.unscannable.message)}`);
    for (const finding of report.findings) printFinding(finding, terminal);
  }
  printComparison(file.comparison, terminal);
  const advice = adviceFor(file);
  if (advice !== undefined) terminal.print(`  ${advice}`);
}

/** What a release changed, and against what. */
function printComparison(comparison: ExplainedFile['comparison'], terminal: Terminal): void {
  if (comparison === undefined) return;
  const { baselines, changes, calmedScore, publishers, copied } = comparison;
  const names = baselines.map(({ filename }) => show(filename));
  terminal.print(
    `  compared with ${names.length === 0 ? 'nothing: no earlier release was accepted' : names.join(', ')}`,
  );
  for (const { score, message, path } of changes) {
    const where = path === undefined ? '' : ` (${show(path)})`;
    terminal.print(`    +${score.toFixed(1)}  ${defangUrl(show(message))}${where}`);
  }
  if (calmedScore !== undefined) {
    terminal.print(`    ${calmedScore.toFixed(1)} points without what releases of a month had, too`);
  }
  for (const { kind, repository, workflow } of publishers ?? []) {
    terminal.print(
      `    attested by ${show(kind)} ${show(repository)}${workflow === undefined ? '' : ` (${show(workflow)})`}`,
    );
  }
  if (copied !== undefined) {
    terminal.print(
      `    ${String(copied.same)} of ${String(copied.compared)} members stand in ${show(copied.filename)}, too; the others:`,
    );
    for (const path of copied.differing) terminal.print(`      ${show(path)}`);
  }
}

function printTable(files: readonly ExplainedFile[], terminal: Terminal): void {
  const rows = files.map((file) => [
    show(file.filename),
    file.verdict.kind,
    file.verdict.reason,
    show(file.verdict.detail),
  ]);
  const head = ['file', 'verdict', 'reason', 'detail'];
  for (const line of layTable([head, ...rows])) terminal.print(line);
}

export function addExplainCommand(program: Command, context: CommandContext): void {
  addAdminOptions(
    program
      .command('explain')
      .argument('<subject>', 'PROJECT, PROJECT==VERSION, a filename, a sha256, or the id of a refusal'),
  )
    .description(
      'say why files are served, held or refused, with the evidence; exits 1 when one of them is not allowed',
    )
    .action((subject: string, options: AdminOptions) =>
      context.run(async () => {
        const { terminal } = context;
        const answer = await withAdmin(context, options, (admin) =>
          admin.ask({ method: 'GET', path: ['decisions'], query: { subject } }),
        );
        const explanation = answer as Explanation;
        const { files } = explanation;
        if (options.json === true) terminal.printJson(explanation);
        else if (files.length > MAX_FULL) printTable(files, terminal);
        else for (const file of files) printFile(file, explanation.thresholds, terminal);
        return files.some((file) => isRefusal(file.verdict)) ? 1 : 0;
      }),
    );
}
