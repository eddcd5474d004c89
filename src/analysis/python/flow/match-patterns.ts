// Owns what patterns of `match` bind. Start at bindPattern.
import type { Match } from '../ast.ts';
import { elementsOf } from './elements.ts';
import { type Machine, spend, write } from './machine.ts';
import type { Scope } from './scope.ts';
import { keyOf, taintOf, unknown, type Value } from './value.ts';

/** Names of the pattern get the part of the subject that stands in their place, or at least its data. */
export function bindPattern(
  machine: Machine,
  pattern: Match['cases'][number]['pattern'],
  subject: Value,
  scope: Scope,
): void {
  spend(machine, 1);
  const part = unknown(taintOf(subject));
  switch (pattern.kind) {
    case 'MatchAs':
      if (pattern.pattern !== undefined) bindPattern(machine, pattern.pattern, subject, scope);
      if (pattern.name !== undefined) write(machine, scope.names, pattern.name, subject);
      return;
    case 'MatchStar':
      if (pattern.name !== undefined) write(machine, scope.names, pattern.name, part);
      return;
    case 'MatchMapping':
      if (pattern.rest !== undefined) write(machine, scope.names, pattern.rest, part);
      pattern.patterns.forEach((inner, i) => {
        const keyNode = pattern.keys[i];
        const key = keyNode === undefined ? undefined : keyOf(machine.evaluate(keyNode, scope));
        const entry = subject.kind === 'dict' && key !== undefined ? subject.entries.get(key) : undefined;
        bindPattern(machine, inner, entry ?? part, scope);
      });
      return;
    case 'MatchSequence': {
      const known = pattern.patterns.some((inner) => inner.kind === 'MatchStar') ? undefined : elementsOf(subject);
      pattern.patterns.forEach((inner, i) => {
        bindPattern(machine, inner, known?.[i] ?? part, scope);
      });
      return;
    }
    case 'MatchOr':
      for (const inner of pattern.patterns) bindPattern(machine, inner, subject, scope);
      return;
    case 'MatchClass': {
      const fields = subject.kind === 'instance' ? [...subject.fields.values()] : [];
      pattern.patterns.forEach((inner, i) => {
        bindPattern(machine, inner, fields[i] ?? part, scope);
      });
      pattern.kwd_patterns.forEach((inner, i) => {
        const field = subject.kind === 'instance' ? subject.fields.get(pattern.kwd_attrs[i] ?? '') : undefined;
        bindPattern(machine, inner, field ?? part, scope);
      });
      return;
    }
    case 'MatchValue':
    case 'MatchSingleton':
      return;
  }
}
