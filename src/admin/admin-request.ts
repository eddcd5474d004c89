// Owns how administrators ask and are answered, whatever carries it: the control socket, HTTP, or the CLI itself. Types alone.

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

export interface AdminAnswer {
  readonly status: 200 | 201;
  /** JSON */
  readonly value: unknown;
}
