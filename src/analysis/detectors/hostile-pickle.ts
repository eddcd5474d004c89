// Owns pickles of the archive that run something when they are loaded. Start at hostilePickle.
import { BudgetError } from '../archive/archive.ts';
import type { PlacedMember } from '../evidence/layout.ts';
import { readPickle } from '../python/decoders/pickle.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingAt } from './detector.ts';

const ID = 'hostile-pickle';
const MAX_BYTES = 8 * 2 ** 20;
const MAX_PICKLES = 40;
const ACTS =
  /^(?:(?:builtins|__builtin__)\.(?:exec|eval|compile|__import__|getattr|open)|(?:os|posix|nt)\.(?:system|popen|exec\w+|spawn\w+)|subprocess\.\w+|pty\.spawn|runpy\.\w+|socket\.\w+|urllib\.\S+|requests\.\S+|webbrowser\.open|importlib\.\S+|shutil\.rmtree|code\.\S+|timeit\.timeit|marshal\.loads|base64\.b64decode)$/;

function looksLikePickle({ member, local }: PlacedMember): boolean {
  const [first, second] = member.head;
  if (member.sizeBytes > MAX_BYTES) return false;
  return (
    /\.(?:pkl|pickle|p|joblib|model|dat|bin)$/i.test(local) ||
    (first === 0x80 && second !== undefined && second >= 2 && second <= 5)
  );
}

/** A model, cache or table whose loading calls a function that acts. */
export const hostilePickle: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    let read = 0;
    for (const placed of archive.layout.members) {
      if (placed.role === 'test' || !looksLikePickle(placed) || read >= MAX_PICKLES) continue;
      read++;
      let names: string[] = [];
      try {
        names = (readPickle(placed.member.read())?.globals ?? []).map((g) => g.name).filter((n) => ACTS.test(n));
      } catch (error) {
        if (!(error instanceof BudgetError)) throw error;
      }
      if (names.length === 0) continue;
      findings.push(
        findingAt(
          ID,
          { path: placed.path, line: 0, snippet: names.slice(0, 10).join(' ') },
          {
            score: 10,
            class: 'malware',
            context: 'call',
            message: `Is a pickle that calls ${names.slice(0, 3).join(', ')} when it is loaded.`,
          },
        ),
      );
    }
    return findings;
  },
};
