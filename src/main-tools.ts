// Owns the tools that every room is given. Used by the files that put rooms together; imports no room.
import { type Closing, createClosing } from './closing.ts';
import type { Config } from './config.ts';
import { createNotifier } from './jobs/notify.ts';
import { routeTo } from './main-settings.ts';
import { createMetrics, type MetricsRegistry } from './metrics.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { Notifier } from './ports/notifier.ts';
import { createPoster } from './upstream/post-json.ts';

/** What every room is given. */
export interface Tools {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly notifier: Notifier;
  readonly closing: Closing;
}

function makeNotifier({ notify, upstreams }: Config, log: Log, closing: Closing): Notifier {
  const { webhookUrl } = notify;
  if (webhookUrl === null) return createNotifier({ log, webhook: undefined });
  const { post, close } = createPoster(routeTo(webhookUrl, notify, { upstreams }));
  closing.add(close);
  return createNotifier({ log, webhook: { url: webhookUrl, post } });
}

/** Makes the tools. Throws CONFIG_INVALID when a certificate file cannot be read. */
export function makeTools(config: Config, log: Log): Tools {
  const closing = createClosing();
  return {
    clock: { now: () => Date.now() },
    log,
    metrics: createMetrics(),
    notifier: makeNotifier(config, log, closing),
    closing,
  };
}
