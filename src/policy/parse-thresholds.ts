import { parse } from 'yaml';
import { z } from 'zod';
import type { Thresholds } from './report-verdict.ts';

const score = z.number().min(0.1).max(100);
const schema = z
  .strictObject({ refuse: score, quarantine: score })
  .refine(({ refuse, quarantine }) => quarantine <= refuse, { error: 'quarantine must not be above refuse' });

/**
 * Reads config/rules/thresholds.yaml.
 *
 * @throws Error that names the key, when a value is missing, unknown or out of range
 */
export function parseThresholds(text: string): Thresholds {
  const parsed = schema.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not readable'}`.replace(/^: /u, ''));
}
