// Owns the look at what a start would stumble over beyond the settings' own shape: files and addresses that they name.
// Opens what the server would open, and closes it again; asks nobody. Start at findStartProblems.
import { createClosing } from './closing.ts';
import type { Config } from './config.ts';
import { isCordonError } from './errors.ts';
import { openPopularNames } from './feeds/popular-names.ts';
import { checkTrustedProxies } from './http/app.ts';
import { createLog } from './log.ts';
import { openFeedTransport } from './main-policy.ts';
import { upstreamSettings } from './main-settings.ts';
import { makeTools } from './main-tools.ts';
import { createUpstream } from './upstream/upstream.ts';

/** One line a problem; empty: a start comes as far as the port and the data folder. */
export async function findStartProblems(config: Config): Promise<readonly string[]> {
  const log = createLog({ ...config.log, level: 'error' });
  const opened = createClosing();
  const steps: readonly (() => void)[] = [
    ...upstreamSettings(config).map((settings) => () => {
      const upstream = createUpstream(settings);
      opened.add(() => upstream.close());
    }),
    () => {
      const feed = openFeedTransport(config);
      opened.add(() => feed.close());
    },
    () => opened.add(makeTools(config, log).closing.closeAll),
    () => void openPopularNames(config.popularProjectsFile, { clock: { now: () => Date.now() }, log }),
    () => checkTrustedProxies(config.trustedProxies),
  ];
  const problems = new Set<string>();
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      if (!isCordonError(error, 'CONFIG_INVALID')) throw error;
      problems.add(error.message);
    }
  }
  await opened.closeAll();
  return [...problems];
}
