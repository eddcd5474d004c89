import type { AccessRecord } from '../ports/decision-store.ts';

/** The record of a transfer that did not come to its end. */
export function brokenOff(record: AccessRecord, sentBytes: number | undefined): AccessRecord {
  return { ...record, outcome: 'broken-off', ...(sentBytes === undefined ? {} : { sentBytes }) };
}
