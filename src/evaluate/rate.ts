/** A share with its 95 % confidence interval. */
export interface Rate {
  readonly hits: number;
  readonly total: number;
  /** 0 to 1; 0 of nothing is 0 */
  readonly share: number;
  /** Wilson score interval, 0 to 1 */
  readonly low: number;
  readonly high: number;
}

/** 97.5 % quantile of the normal distribution */
const Z = 1.959963984540054;

/** A share with its Wilson score interval, which holds for few hits and small totals as well. */
export function rateOf(hits: number, total: number): Rate {
  if (total === 0) {
    return { hits, total, share: 0, low: 0, high: 1 };
  }
  const share = hits / total;
  const scale = 1 + Z ** 2 / total;
  const middle = (share + Z ** 2 / (2 * total)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  return { hits, total, share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** `98.7 % (97.1-99.4, 153 of 155)` */
export function showRate(rate: Rate): string {
  const percent = (share: number): string => (share * 100).toFixed(1);
  const { share, low, high, hits, total } = rate;
  return `${percent(share)} % (${percent(low)}-${percent(high)}, ${String(hits)} of ${String(total)})`;
}

/** The value below which `quantile` of the values lie (nearest rank); 0 without values. */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * quantile) - 1))] ?? 0;
}
