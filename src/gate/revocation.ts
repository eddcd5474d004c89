// Owns the end of a transfer whose verdict worsened on the way. Imports ports. Start at cutWhenRevoked.
import { CordonError } from '../errors.ts';
import { isRefusal } from '../policy/verdict.ts';
import type { StoredFile } from '../ports/decision-store.ts';
import type { GateDeps } from './deps.ts';

/** A file is installed when its last byte is there: an edit that comes before that still counts, within this time. */
const LOOK_MS = 1_000;

/** What is on its way: the stream of a file, or the response that holds the bytes of a small one. */
export interface Transfer {
  readonly destroyed: boolean;
  destroy(error: Error): unknown;
  once(event: 'close', listener: () => void): unknown;
}

type RevocationDeps = Pick<GateDeps, 'judge' | 'store' | 'timers' | 'log'>;

async function isRevoked(file: StoredFile, deps: RevocationDeps): Promise<boolean> {
  const { verdict } = await deps.judge.judgeFile((await deps.store.files.findByKey(file.key)) ?? file);
  return isRefusal(verdict);
}

/**
 * Judges a file again while it is sent, and breaks off when it is refused or quarantined by now. Its client asks again, for the
 * rest or the whole, and hears the reason. What waits to be scanned by newer rules goes on. What the kernel has taken is beyond
 * reach: of a small file often all of it, at once.
 */
export function cutWhenRevoked<T extends Transfer>(transfer: T, file: StoredFile, deps: RevocationDeps): T {
  const look = async (): Promise<void> => {
    try {
      if (await isRevoked(file, deps)) {
        transfer.destroy(new CordonError('FORBIDDEN', `${file.file.filename} is not allowed any more`));
      }
    } catch (error) {
      // the store may be busy for a moment: the next look tells
      deps.log.warn({ err: error, filename: file.file.filename }, 'a file on its way could not be judged again');
    }
    if (!transfer.destroyed) wait();
  };
  let cancel: () => void = () => undefined;
  const wait = (): void => {
    cancel = deps.timers.after(LOOK_MS, () => void look());
  };
  transfer.once('close', () => cancel());
  wait();
  return transfer;
}
