const DATE = /^\d{4}-\d{2}-\d{2}$/u;
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/u;

/**
 * Reads a moment as an administrator writes it: `2026-04-01` (0:00 UTC of that day) or `2026-04-01T12:00Z`.
 * A time without `Z` is refused: nobody knows whose noon it is.
 *
 * @returns UTC ms; undefined when it is neither, or no such day exists
 */
export function parseMoment(text: string): number | undefined {
  const trimmed = text.trim();
  if (!DATE.test(trimmed) && !TIME.test(trimmed)) return undefined;
  const at = Date.parse(trimmed.replace(' ', 'T'));
  if (Number.isNaN(at)) return undefined;
  // Date.parse takes 31 February for 3 March
  return new Date(at).toISOString().startsWith(trimmed.slice(0, 10)) ? at : undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Reads `90m`, `12h`, `14d` or `2w`; undefined for anything else. Gives ms. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?<count>\d{1,5})(?<unit>[mhdw])$/u.exec(text.trim())?.groups;
  const unit = UNITS_MS[match?.['unit'] ?? ''];
  return match === undefined || unit === undefined ? undefined : Number(match['count']) * unit;
}
