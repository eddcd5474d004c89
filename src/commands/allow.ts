// `cordon allow` and `cordon deny`: one entry each, in force at the next request.
import type { Command } from 'commander';
import type { AddedEntry } from '../admin/entries.ts';
import { parseSubject } from '../admin/subject.ts';
import { CordonError } from '../errors.ts';
import type { PolicyEntry } from '../policy/entry.ts';
import {
  type AdminOptions,
  addAdminOptions,
  type CommandContext,
  type ExitCode,
  parseExpiry,
  withAdmin,
} from './command.ts';
import { describeScope } from './list.ts';
import { show, showTime } from './terminal.ts';

interface EntryOptions extends AdminOptions {
  readonly file?: string;
  readonly sha256?: string;
  readonly upstream?: string;
  readonly reason?: string;
  readonly expires?: string;
  readonly final?: boolean;
}

/** Against an entry for a project that nobody has: `cordon deny six-1.0.tar.gz` would look done and refuse nothing. */
function refuseOtherSubjects(target: string): void {
  if (/^https?:\/\/\S*\/b\/[^/]+\/?$/.test(target)) {
    throw new CordonError(
      'BAD_REQUEST',
      `that is the address of a refusal: cordon explain ${show(target)} names its file`,
    );
  }
  const subject = parseSubject(target);
  if (subject.kind === 'project') return;
  const [what, option] =
    subject.kind === 'file' ? ['file', `--file ${show(subject.filename)}`] : ['sha256', `--sha256 ${subject.sha256}`];
  throw new CordonError('BAD_REQUEST', `"${show(target)}" is a ${what}, not a project: write ${option}`);
}

/** `six`, `six==1.16.0`, `six>=1,<2` → project and version; undefined stays undefined. */
function readTarget(target: string | undefined): { readonly project?: string; readonly version?: string } {
  if (target === undefined) return {};
  refuseOtherSubjects(target);
  const parts = /^\s*([A-Za-z0-9._-]+)\s*(.*)$/.exec(target);
  if (parts === null) throw new CordonError('BAD_REQUEST', `"${show(target)}" is not PROJECT or PROJECT==VERSION`);
  const version = parts[2]?.trim() ?? '';
  return { project: parts[1] ?? '', ...(version === '' ? {} : { version }) };
}

/** Two people, or one a month later: an entry that another one beats looks done and changes nothing. */
function describeStronger({ id, home, effect, scope }: PolicyEntry): string {
  const advice = home === 'runtime' ? `to lift it: cordon remove ${id}` : 'it stands in the policy file';
  return `${effect} ${describeScope(scope)} (entry ${id}) is stronger and decides where both apply; ${advice}`;
}

/** The entry that stands there already; its reason and end may be other ones than those just asked for. */
function describeOld({
  id,
  home,
  effect,
  scope,
  author,
  createdAt,
  expiresAt,
  reason,
}: PolicyEntry): readonly string[] {
  const end = expiresAt === undefined ? '' : `, until ${showTime(expiresAt)} UTC`;
  const origin = home === 'runtime' ? ` ${showTime(createdAt)} UTC` : '';
  return [
    `${effect} ${describeScope(scope)} is there already; nothing was written.`,
    `  entry ${id} by ${show(author)}${origin}${end}: ${show(reason)}`,
    home === 'runtime'
      ? `  To change it: cordon remove ${id}, then again.`
      : '  To change it: it stands in the policy file.',
  ];
}

async function addEntry(
  effect: 'allow' | 'deny',
  target: string | undefined,
  options: EntryOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const body = {
    effect,
    ...readTarget(target),
    filename: options.file,
    sha256: options.sha256,
    upstream: options.upstream,
    reason: options.reason ?? (effect === 'deny' ? 'no reason was given' : undefined),
    expiresAt: options.expires === undefined ? undefined : parseExpiry(options.expires, Date.now()),
    final: options.final === true ? true : undefined,
  };
  if (body.reason === undefined) throw new CordonError('BAD_REQUEST', 'say why: --reason "…"');
  const entry = (await withAdmin(context, options, (admin) => admin.ask({ method: 'POST', path: ['entries'], body }), {
    mayMake: true,
  })) as PolicyEntry & Partial<AddedEntry>;
  if (options.json === true) {
    terminal.printJson(entry);
    return 0;
  }
  // an older server elsewhere does not say
  const { wasThere = false, stronger = [] } = entry;
  if (wasThere) {
    for (const line of [...describeOld(entry), ...stronger.map(describeStronger)]) terminal.print(line);
    return 0;
  }
  const colour = effect === 'allow' ? terminal.colors.green : terminal.colors.red;
  terminal.print(`${colour(effect)} ${describeScope(entry.scope)}  (entry ${entry.id}; in force at the next request)`);
  if (effect === 'allow' && entry.scope.filename === undefined) {
    terminal.print(
      'This overrides holds by age and suspicion. It does not override malware findings, the feed or a mismatch:',
    );
    terminal.print('for one file that you have read, use --file and --sha256.');
  }
  for (const line of stronger.map(describeStronger)) terminal.print(terminal.colors.yellow(line));
  return 0;
}

function describe(command: Command): Command {
  return addAdminOptions(command)
    .option('--file <filename>', 'one file, or a pattern with *')
    .option('--sha256 <digest>', 'the bytes of that file')
    .option('--upstream <id>', 'only files from this upstream')
    .option('--reason <text>', 'why, for the event log and the refusal')
    .option('--expires <when>', 'when it ends: 14d, 12h, 2026-12-31');
}

export function addAllowCommand(program: Command, context: CommandContext): void {
  describe(program.command('allow').argument('[target]', 'PROJECT or PROJECT==VERSION'))
    .description('allow a project, a release, or (with --file and --sha256) one file whatever was found in it')
    .action((target: string | undefined, options: EntryOptions) =>
      context.run(() => addEntry('allow', target, options, context)),
    );
}

export function addDenyCommand(program: Command, context: CommandContext): void {
  describe(program.command('deny').argument('[target]', 'PROJECT or PROJECT==VERSION'))
    .description('refuse a project, a release or a file')
    .option('--final', 'no allow entry overrides it')
    .action((target: string | undefined, options: EntryOptions) =>
      context.run(() => addEntry('deny', target, options, context)),
    );
}
