import type { DecisionStore, Print, PrintOwner } from '../../ports/decision-store.ts';
import { MAX_PRINTS } from '../print-limits.ts';

interface KeptPrint extends Print {
  readonly owner: PrintOwner;
}

type FoundOwner = PrintOwner & { readonly shared: number };

/** Prints of projects, the newest of each last. */
export function memoryPrints(): DecisionStore['prints'] {
  let kept: readonly KeptPrint[] = [];
  const isOf = (one: KeptPrint, { upstream, project }: PrintOwner): boolean =>
    one.owner.upstream === upstream && one.owner.project === project;

  return {
    savePrints: (owner, prints) => {
      const fresh = new Set(prints.map(({ kind, print }) => `${kind} ${print}`));
      const others = kept.filter((one) => !(isOf(one, owner) && fresh.has(`${one.kind} ${one.print}`)));
      const own = [...others.filter((one) => isOf(one, owner)), ...prints.map((print) => ({ ...print, owner }))];
      const left = (['code', 'text'] as const).flatMap((kind) =>
        own.filter((one) => one.kind === kind).slice(-MAX_PRINTS),
      );
      kept = [...others.filter((one) => !isOf(one, owner)), ...left];
      return Promise.resolve();
    },
    findOwners: (prints, upstream, except, limit) => {
      const asked = new Set(prints.map(({ kind, print }) => `${kind} ${print}`));
      const found = new Map<string, FoundOwner>();
      for (const { kind, print, owner } of kept) {
        if (owner.upstream !== upstream || owner.project === except || !asked.has(`${kind} ${print}`)) continue;
        found.set(owner.project, { ...owner, shared: (found.get(owner.project)?.shared ?? 0) + 1 });
      }
      const owners = [...found.values()].sort(mostFirst);
      return Promise.resolve(owners.slice(0, limit));
    },
  };
}

function mostFirst(a: FoundOwner, b: FoundOwner): number {
  if (a.shared !== b.shared) return b.shared - a.shared;
  return a.project < b.project ? -1 : 1;
}
