// Owns the tools that every room is given. Used by the files that put rooms together; imports no room.
import { type Closing, createClosing } from './closing.ts';
import type { Config } from './config.ts';
import { postJson } from './feeds/post-json.ts';
import { createNotifier } from './jobs/notify.ts';
import { createMetrics, type MetricsRegistry } from './metrics.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { Notifier } from './ports/notifier.ts';

/** What every room is given. */
export interface Tools {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly notifier: Notifier;
  readonly closing: Closing;
}

/** Makes the tools; nothing is open yet. */
export function makeTools(config: Config, log: Log): Tools {
  return {
    clock: { now: () => Date.now() },
    log,
    metrics: createMetrics(),
    notifier: createNotifier({ log, webhookUrl: config.notify.webhookUrl ?? undefined, post: postJson }),
    closing: createClosing(),
  };
}
