// Owns the identity of everything that can change a finding. May import Node's hash alone. Start at rulesetDigest.
import { createHash } from 'node:crypto';

/** Raised with every change of a detector, the engine or their data: reports of another version are outdated. */
export const ENGINE_VERSION = '1';

/**
 * Digest of the rules in force, hex sha256.
 *
 * @param detectors ids of the detectors that run
 * @param rules text of configurable rules (config/rules) that findings depend on
 */
export function rulesetDigest(detectors: readonly string[], rules: readonly string[]): string {
  const hash = createHash('sha256').update(`cordon ${ENGINE_VERSION}\n`);
  for (const id of [...detectors].sort()) hash.update(`${id}\n`);
  for (const text of rules) hash.update(text).update('\0');
  return hash.digest('hex');
}
