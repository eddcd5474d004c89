// Owns problem bodies (RFC 9457) and their headers. Imports policy's text functions. Start at sendProblem.
import type { ServerResponse } from 'node:http';
import { asciiOneLine } from '../policy/hostile-text.ts';

export interface Problem {
  readonly status: number;
  /** printed by pip, Poetry and pipenv; undefined: the standard phrase */
  readonly reason?: string;
  /** absolute address of a page about it */
  readonly type?: string;
  readonly title: string;
  /** printed by uv after the title */
  readonly detail: string;
  readonly instance?: string;
  /** further members, e.g. `code`, `requestId` */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Ends a response with a problem. The content type stays bare: uv compares it as a whole and drops the body over a charset.
 * `no-store`, because 404, 410 and 451 may be cached by rule of thumb and a refusal must end with its cause.
 */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  const { status, reason, title, detail, members } = problem;
  const body = Buffer.from(
    JSON.stringify({
      type: problem.type ?? 'about:blank',
      title,
      status,
      detail,
      ...(problem.instance === undefined ? {} : { instance: problem.instance }),
      ...members,
    }),
  );
  response.statusCode = status;
  if (reason !== undefined) {
    response.statusMessage = asciiOneLine(reason);
    response.setHeader('X-Error-Message', asciiOneLine(reason));
  }
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Content-Length', body.byteLength);
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(problem.headers ?? {})) response.setHeader(name, value);
  response.end(body);
}
