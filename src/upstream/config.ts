import type { UpstreamId } from '../pypi/model.ts';

/** Sent to the origin of the configured URL only; never logged. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** nobody set the variable that holds the password: whoever asks the origin fails before anything is sent */
  | { readonly username: string; readonly unsetVariable: string }
  /** sent as `Authorization: Bearer` */
  | { readonly token: string };

/** How one upstream is reached. Every key stands in config/default.yaml, or follows from it. */
export interface UpstreamConfig {
  readonly id: UpstreamId;
  /** root of its simple index, e.g. `https://pypi.org/simple/`; a user name in it counts as credentials */
  readonly url: string;
  /** names or patterns with `*` that it may own */
  readonly projects: readonly string[];
  /** origins, besides that of `url`, from which its pages may name files, e.g. `https://files.pythonhosted.org` */
  readonly fileOrigins: readonly string[];
  /** base of its JSON API, e.g. `https://pypi.org/pypi/`; undefined: it has none */
  readonly jsonApi?: string;
  readonly credentials?: Credentials;
  /** PEM file of certificate authorities to trust besides the system's */
  readonly caFile?: string;
  /** HTTP proxy; names are then resolved by the proxy, which is trusted to judge addresses */
  readonly proxyUrl?: string;
  /** the allowed origins may resolve to private, loopback and link-local addresses */
  readonly allowPrivateAddresses: boolean;
  readonly timeouts: {
    readonly connectMs: number;
    /** from the request to the end of the answer's headers */
    readonly headersMs: number;
    /** longest silence while bytes are wanted; does not run while the reader is the slow side */
    readonly progressMs: number;
  };
  /** from the request to the last byte of a page or another document that requests wait for, however it trickles */
  readonly documentMs: number;
  /** the same of the list of all projects, which nobody waits for */
  readonly listMs: number;
  /** further tries of a request that failed on the way or got 429 or 5xx */
  readonly retries: number;
  readonly maxPageBytes: number;
  readonly maxMetadataBytes: number;
}
