// Owns how administrators ask and are answered, whatever carries it: the control socket, HTTP, or the CLI itself.
import { CordonError } from '../errors.ts';

export interface AdminRequest {
  readonly method: string;
  /** decoded segments below the API's root, e.g. `['entries', 'a1b2']` */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  /** parsed JSON; undefined without a body */
  readonly body: unknown;
  /** who asks, for the event log, e.g. `cli:ada` or `token:ci` */
  readonly actor: string;
  /** asked by somebody on this machine who may read the data folder: file names in the request are this machine's */
  readonly isLocal: boolean;
}

/**
 * The segments of a path below the API's root.
 *
 * @throws CordonError BAD_REQUEST when one of its escapes is broken
 */
export function readAdminPath(path: string): readonly string[] {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch (error) {
    throw new CordonError('BAD_REQUEST', 'the path cannot be read', { cause: error });
  }
}

export interface AdminAnswer {
  readonly status: 200 | 201;
  /** JSON */
  readonly value: unknown;
}
