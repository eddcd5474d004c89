// Owns how a person hears of what happened: the log, and a webhook where one is configured. May import ports.
import type { Log } from '../ports/log.ts';
import type { Notice, Notifier } from '../ports/notifier.ts';

export interface NotifierDeps {
  readonly log: Log;
  /** undefined: the log alone; `post` sends a body and rejects when it was not taken */
  readonly webhook: { readonly url: string; readonly post: (url: string, body: string) => Promise<void> } | undefined;
}

/** Tries of one notice at the webhook. */
const TRIES = 3;

/**
 * Tells the log, and the webhook as JSON: `{ kind, at, title, text, fields }`, where `text` is the title again, so that chat
 * servers that expect that key show something.
 */
export function createNotifier({ log, webhook }: NotifierDeps): Notifier {
  return {
    notify: async (notice) => {
      log.warn({ kind: notice.kind, ...notice.fields }, notice.title);
      if (webhook === undefined) return;
      try {
        await deliver(toBody(notice), (body) => webhook.post(webhook.url, body));
      } catch (error) {
        // the URL may hold a secret: it is not logged
        log.error({ kind: notice.kind, err: error }, 'a notice could not be delivered to the webhook');
      }
    },
  };
}

function toBody({ kind, at, title, fields }: Notice): string {
  return JSON.stringify({ kind, at: new Date(at).toISOString(), title, text: title, fields });
}

async function deliver(body: string, send: (body: string) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await send(body);
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}
