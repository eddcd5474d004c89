/** Fields of a log line. Fixed names where they apply: `requestId project filename sha256 verdict reason durationMs`; the error is `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where rooms report what happened: a static message, facts as fields. `error`: a human must act now; `warn`: degraded but
 * safe; `info`: lifecycle and each verdict that changed; `debug`: each request. Implemented by log.ts (pino).
 */
export interface Log {
  debug(fields: LogFields, msg: string): void;
  info(fields: LogFields, msg: string): void;
  warn(fields: LogFields, msg: string): void;
  error(fields: LogFields, msg: string): void;
}
