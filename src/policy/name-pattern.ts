/** Text with `*` for any run of characters, compiled. Everything else stands for itself. */
export function compilePattern(pattern: string, flags: 'u' | 'iu'): RegExp {
  const escaped = pattern
    .split(/\*+/u)
    .map((part) => part.replace(/[.+?^${}()|[\]\\/]/gu, '\\$&'))
    .join('[^]*');
  return new RegExp(`^${escaped}$`, flags);
}

/** Says whether a pattern stands for one text only. */
export function isExact(pattern: string): boolean {
  return !pattern.includes('*');
}

/** How much a pattern says: an exact text more than any pattern, else the number of literal characters. */
export function specificity(pattern: string): number {
  return isExact(pattern) ? Number.POSITIVE_INFINITY : pattern.replaceAll('*', '').length;
}
