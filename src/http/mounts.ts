// Owns which further routes the application carries: health, readiness, metrics, the admin API. May import http's own files.
import type { AdminAnswer, AdminRequest } from '../admin/admin-request.ts';
import type { Log } from '../ports/log.ts';
import type { AdminToken } from './admin-access.ts';
import { adminRoutes } from './admin-routes.ts';
import type { Mount } from './deps.ts';
import { type HealthDeps, serveHealth, serveMetrics, serveReadiness } from './health-routes.ts';

export interface MountsDeps {
  readonly health: HealthDeps;
  /** undefined: no metrics */
  readonly metrics:
    | { readonly contentType: string; readonly render: () => Promise<string>; readonly requireToken: boolean }
    | undefined;
  /** empty: no admin API over TCP */
  readonly tokens: readonly AdminToken[];
  readonly answer: (request: AdminRequest) => Promise<AdminAnswer>;
  readonly log: Log;
}

export function listMounts({ health, metrics, tokens, answer, log }: MountsDeps): readonly Mount[] {
  const watched: readonly Mount[] = [
    { path: '/healthz', handler: serveHealth(health), isForPeople: false },
    { path: '/readyz', handler: serveReadiness(health), isForPeople: false },
  ];
  const measured: readonly Mount[] =
    metrics === undefined
      ? []
      : [
          {
            path: '/metrics',
            handler: serveMetrics({ ...metrics, tokens: metrics.requireToken ? tokens : undefined }),
            isForPeople: false,
          },
        ];
  const administered: readonly Mount[] =
    tokens.length === 0 ? [] : [{ path: '/-/api', handler: adminRoutes({ answer, tokens, log }), isForPeople: true }];
  return [...watched, ...measured, ...administered];
}
