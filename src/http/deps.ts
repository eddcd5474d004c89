// Owns what the HTTP edge is given by main.ts. Types alone. Start at HttpDeps; app.ts uses it.
import type { Agent } from 'node:https';
import type { RequestHandler } from 'express';
import type { GatePorts, GateSettings } from '../gate/deps.ts';
import type { AccessRecord } from '../ports/decision-store.ts';
import type { UpstreamId } from '../pypi/model.ts';
import type { Support } from './waiver-request.ts';

/** Routes that go to an upstream untouched (provenance, RSS): names parsed, nothing but GET and HEAD, no credentials. */
export interface PassThrough {
  /** projects of this upstream alone are passed on */
  readonly upstream: UpstreamId;
  /** e.g. `https://pypi.org` */
  readonly origin: string;
  /** for a proxy or further certificate authorities */
  readonly agent?: Agent;
  readonly timeoutMs: number;
}

export interface HttpSettings extends GateSettings {
  /** URL under which clients reach us, without a slash at the end; undefined: made from the request */
  readonly publicUrl?: string;
  /** path below which we answer ourselves, e.g. `/cordon`; '' for none */
  readonly pathPrefix: string;
  /** addresses or networks whose X-Forwarded-* are believed */
  readonly trustedProxies: readonly string[];
  /** host names, besides loopback and publicUrl's, under which pages for people and the admin API answer */
  readonly allowedHosts: readonly string[];
  /** memory for page models, rendered pages and metadata, bytes */
  readonly cacheBytes: number;
  readonly maxHolds: number;
  readonly maxHoldsPerClient: number;
  /** sum of the waits of project pages for one client in five minutes */
  readonly pageWaitBudgetMs: number;
  /** folder for the rendered list of all projects */
  readonly listFolder: string;
  readonly listFreshMs: number;
  /** upstreams whose lists make up ours, in the order of the configuration */
  readonly listUpstreams: readonly UpstreamId[];
  /** requests under way at the same time, in total and for one client address */
  readonly maxRequests: number;
  readonly maxRequestsPerClient: number;
  /** where people ask for a file that is held back */
  readonly support?: Support;
}

/** Further routes (admin API, health, metrics, UI), mounted below the prefix before the 404. */
export interface Mount {
  readonly path: string;
  readonly handler: RequestHandler;
  /** true: answers only under known host names, and mutations only from our own origin */
  readonly isForPeople: boolean;
}

export interface HttpDeps extends GatePorts {
  readonly settings: HttpSettings;
  readonly passThrough?: PassThrough;
  readonly mounts?: readonly Mount[];
  /** sees every access record, e.g. to remember slow requests; they are also written to the store */
  readonly onAccess?: (record: AccessRecord) => void;
}
