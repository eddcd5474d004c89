// Owns bytecode that has no source beside it. Start at orphanBytecode.
import { BudgetError } from '../archive/archive.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { readPyc, textOfCodes } from '../python/decoders/marshal.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'orphan-bytecode';
const MAX_BYTES = 4 * 2 ** 20;
/** names whose presence in bytecode nobody can read says enough */
const ACTS =
  /^(?:exec|eval|system|popen|Popen|check_output|check_call|urlopen|urlretrieve|b64decode|b85decode|decompress|marshal|sendall|connect|gethostname|environ|startfile|loads|requests|socket|subprocess|ctypes)$/;

function sourceOf(local: string): string[] {
  const plain = local.replace(/__pycache__\//, '').replace(/(?:\.cpython-\d+|\.pypy\d+)?(?:\.opt-\d)?\.py[co]$/, '');
  return [`${plain}.py`, `${plain}.pyw`];
}

function namesOf(placed: PlacedMember): string[] {
  if (placed.member.sizeBytes > MAX_BYTES) return [];
  try {
    const pyc = readPyc(placed.member.read());
    return pyc === undefined ? [] : textOfCodes(pyc.codes).names;
  } catch (error) {
    if (!(error instanceof BudgetError)) throw error;
    return [];
  }
}

/** Modules that are there as bytecode alone: Python imports them, readers do not. */
export const orphanBytecode: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const placed of archive.layout.members) {
      const { local, path, role } = placed;
      // Python imports bytecode without source only where the source would be, not from __pycache__.
      if (!/\.py[co]$/.test(local) || local.includes('__pycache__/') || role === 'test') continue;
      if (sourceOf(local).some((s) => archive.layout.byPath.has(s))) continue;
      const acts = namesOf(placed).filter((n) => ACTS.test(n));
      findings.push(
        findingAt(
          ID,
          { path, line: 0, snippet: acts.join(' ') },
          {
            score: acts.length >= 2 ? 8 : 5,
            class: acts.length >= 2 ? 'malware' : 'suspicious',
            context: 'import',
            message:
              acts.length === 0
                ? 'Is bytecode without source.'
                : `Is bytecode without source, and names ${acts.slice(0, 5).join(', ')}.`,
          },
        ),
      );
      if (findings.length >= 50) break;
    }
    return findings;
  },
};
