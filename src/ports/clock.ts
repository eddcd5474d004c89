/** The only source of time for everything but the edges. */
export interface Clock {
  /** UTC, milliseconds since the epoch */
  now(): number;
}
