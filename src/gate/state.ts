import { createSingleFlight } from '../index/single-flight.ts';
import type { GateDeps, GatePorts, GateSettings } from './deps.ts';
import { createHoldLimits } from './hold-limits.ts';
import { createMetadataOrigins } from './metadata-origins.ts';
import type { PageModel } from './page-model.ts';
import { createWaitBudget } from './wait-budget.ts';

/** Adds to the ports what the gate's routes share in memory: limits, budgets, flights; the caches come from outside. */
export function createGateDeps(
  ports: GatePorts,
  settings: GateSettings,
  limits: { readonly maxHolds: number; readonly maxHoldsPerClient: number; readonly pageWaitBudgetMs: number },
  caches: Pick<GateDeps, 'models' | 'metadata' | 'sizes' | 'agreements'>,
): GateDeps {
  return {
    ...ports,
    ...caches,
    settings,
    holds: createHoldLimits(limits),
    waits: createWaitBudget(limits.pageWaitBudgetMs, () => ports.clock.now()),
    origins: createMetadataOrigins(ports.clock),
    originFlights: createSingleFlight<undefined>(),
    modelFlights: createSingleFlight<PageModel>(),
    metadataFlights: createSingleFlight<Uint8Array | undefined>(),
  };
}
