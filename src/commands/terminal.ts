// Owns what a command prints: plain in a pipe, coloured on a terminal, JSON when asked. Start at Terminal.
// Everything that may come from a package or a client passes `show` before it is printed.
import { createColors } from 'picocolors';
import { asciiOneLine, stripControls } from '../policy/hostile-text.ts';

type Colors = ReturnType<typeof createColors>;

/** Where a command writes. Answers go to standard output, everything else to standard error. */
export interface Terminal {
  readonly colors: Colors;
  /** of standard error, where progress is shown */
  readonly isErrorTty: boolean;
  readonly print: (line: string) => void;
  /** one JSON document on a line */
  readonly printJson: (value: unknown) => void;
  readonly printError: (line: string) => void;
  /** one JSON document on a line of standard error: what went wrong, for programs */
  readonly printJsonError: (value: unknown) => void;
  /** overwrites one line of standard error on a terminal; prints nothing in a pipe; '' clears it */
  readonly progress: (line: string) => void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** @param noColor as the NO_COLOR convention has it */
export function openTerminal(output: Output, errors: Output, noColor: boolean): Terminal {
  const isTty = output.isTTY === true;
  let hasProgress = false;
  const clear = (): void => {
    if (hasProgress) errors.write('\r\u001b[2K');
    hasProgress = false;
  };
  return {
    colors: createColors(isTty && !noColor),
    isErrorTty: errors.isTTY === true,
    print: (line) => {
      clear();
      output.write(`${line}\n`);
    },
    printJson: (value) => {
      clear();
      output.write(`${JSON.stringify(value)}\n`);
    },
    printJsonError: (value) => {
      clear();
      errors.write(`${JSON.stringify(value)}\n`);
    },
    printError: (line) => {
      clear();
      errors.write(`${line}\n`);
    },
    progress: (line) => {
      if (errors.isTTY !== true) return;
      clear();
      if (line === '') return;
      errors.write(line.slice(0, (errors.columns ?? 80) - 1));
      hasProgress = true;
    },
  };
}

/** Hostile text on one line: control and bidi characters shown, not obeyed. */
export function show(text: string): string {
  return stripControls(text.replace(/\s+/g, ' ')).trim();
}

/** Hostile text in a table's cell. */
export function cell(text: string, width: number): string {
  return asciiOneLine(text, Math.max(width, 3));
}

/** Lines of a table whose columns are as wide as their widest cell; the last one is not padded. */
export function layTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((text, column) => (column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0))).join('  '),
  );
}

/** `2026-11-23 04:31` in UTC; times in answers are ISO strings or ms. */
export function showTime(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

/** `812 ms`, `12.3 s`, `4 min` */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${String(Math.round(ms / 60_000))} min`;
}

/** `812 B`, `3.4 MiB` */
export function showSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
