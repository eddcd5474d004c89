import { execFile } from 'node:child_process';

/** enough for its answer about the largest packages */
const OUTPUT_BYTES = 256 * 2 ** 20;
const TIMEOUT_MS = 600_000;

/** Says whether a `guarddog` command can be run. */
export async function hasGuarddog(command: string): Promise<boolean> {
  return (await run(command, ['--version'])) !== undefined;
}

/**
 * GuardDog's risk score of an archive, 0 to 10, by its code rules. It unpacks the archive into a temporary folder of its own.
 * @param command `guarddog`, or the path of one
 * @returns undefined when it fails or takes longer than ten minutes
 */
export async function scoreByGuarddog(command: string, path: string): Promise<number | undefined> {
  const output = await run(command, ['pypi', 'scan', path, '--output-format', 'json']);
  if (output === undefined) {
    return undefined;
  }
  const start = output.indexOf('{');
  try {
    const answer: unknown = JSON.parse(output.slice(Math.max(0, start)));
    return findScore(answer);
  } catch {
    return undefined; // not JSON: it failed, and says so in words
  }
}

function findScore(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null || !('risk_score' in answer)) {
    return undefined;
  }
  const risk = answer.risk_score;
  const score = typeof risk === 'object' && risk !== null && 'score' in risk ? risk.score : undefined;
  return typeof score === 'number' ? score : undefined;
}

function run(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: OUTPUT_BYTES, timeout: TIMEOUT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}
