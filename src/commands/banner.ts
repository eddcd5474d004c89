// Owns the lines that a start prints for people: the very commands that make each installer use this server. Pure.
import { listClientLines } from '../http/front-page.ts';
import { stripControls } from '../policy/hostile-text.ts';

export interface BannerFacts {
  /** without a slash at the end */
  readonly publicUrl: string;
  readonly dataFolder: string;
  readonly policyFile: string;
  readonly hasPolicyFile: boolean;
  readonly configFile: string | undefined;
  readonly mode: 'enforce' | 'monitor';
  /** another one than `mode`: an administrator has set that at runtime */
  readonly configuredMode: 'enforce' | 'monitor';
  readonly version: string;
}

/** The banner's lines, uncoloured. */
export function layBanner(facts: BannerFacts): readonly string[] {
  const modes = { enforce: [], monitor: ['scan verdicts are recorded, not enforced'] } as const;
  const notes = [
    ...modes[facts.mode],
    ...(facts.mode === facts.configuredMode ? [] : ['set at runtime: `cordon mode` says by whom']),
  ];
  const note = notes.length === 0 ? '' : `  (${facts.mode}: ${notes.join('; ')})`;
  const policy = facts.hasPolicyFile ? facts.policyFile : `${facts.policyFile} (not there yet)`;
  return [
    `Cordon ${facts.version} answers on ${facts.publicUrl}${note}`,
    '',
    ...listClientLines(facts.publicUrl).map(([client, line]) => `  ${client.padEnd(8)}${line}`),
    '',
    `  settings  ${facts.configFile ?? 'the defaults (config/default.yaml says what can be set)'}`,
    `  policy    ${policy}`,
    `  data      ${facts.dataFolder}`,
    '  Stop with Ctrl-C. See what happens with: node dist/cli.js status',
  ].map((line) => stripControls(line));
}
