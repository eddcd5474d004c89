// Owns how log lines look: JSON lines, or readable ones on a terminal. May import pino, ports and policy's hostile text. Start at createLog.
// Log lines quote hostile text (names, user agents, findings): control and bidi characters never reach a terminal from here.
import pino from 'pino';
import { prettyFactory } from 'pino-pretty';
import { isCordonError } from './errors.ts';
import { stripControls } from './policy/hostile-text.ts';
import type { Log } from './ports/log.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'pretty';
  /** where lines go, by default standard error: standard output belongs to the answers of commands */
  readonly stream?: { write(line: string): unknown; readonly isTTY?: boolean };
}

const SECRET_KEYS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'token',
  'secret',
]);
const URL_CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi;
const MAX_TEXT = 8_000;
const MAX_DEPTH = 5;

/** A string as it may stand in a log line: no control or bidi characters, no URL credentials, bounded. */
export function cleanText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${String(text.length)} characters)` : text;
  return stripControls(short.replace(URL_CREDENTIALS, '$1***@'), true);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '…';
  if (value instanceof Error) return cleanError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof URL) return cleanText(value.href);
  if (Array.isArray(value)) return value.slice(0, 50).map((element) => clean(element, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [
      cleanText(key),
      SECRET_KEYS.has(key.toLowerCase()) ? '***' : clean(below, depth + 1),
    ]),
  );
}

/** Where in the code a failure happened is told of bugs alone: a CordonError, and what caused it, is known by code and text. */
function cleanError(error: Error, depth: number, isExpected = isCordonError(error)): unknown {
  if (depth > MAX_DEPTH) return '…';
  const code: unknown = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: cleanText(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined || isExpected ? {} : { stack: cleanText(error.stack) }),
    ...(error.cause === undefined
      ? {}
      : {
          cause:
            error.cause instanceof Error
              ? cleanError(error.cause, depth + 1, isExpected)
              : clean(error.cause, depth + 1),
        }),
  };
}

/** Opens the log. Writes are synchronous: the last line before a crash is there. */
export function createLog(options: LogOptions): Log {
  const stream = options.stream ?? process.stderr;
  const isPretty = options.format === 'pretty' || (options.format === 'auto' && stream.isTTY === true);
  const readable = prettyFactory({
    colorize: stream.isTTY === true,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  const destination = {
    write: (line: string): void => void stream.write(isPretty ? readable(line) : line),
  };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => clean(fields, 0) as Record<string, unknown>,
      },
      // The formatter above has already made plain values of errors; pino's own serialiser would look for an Error.
      serializers: { err: (value: unknown) => value },
    },
    destination,
  );
}
