// Owns what Windows batch text does. May import commands.ts, facts.ts, secrets.ts. Start at readBatch.
import { factsOfCommand, programOf } from './commands.ts';
import { type FactSheet, MAX_LAYERS } from './facts.ts';
import { findSecrets } from './secrets.ts';

const MAX_LINES = 50_000;
const MAX_VARIABLES = 5000;
const MAX_VALUE = 20_000;
/** Substrings of variables and carets inside words from which they only hide. */
const MANY_DISGUISES = 8;
/** Text made by expansion, all lines together. */
const MAX_EXPANDED = 10_000_000;
const STARTUP = /\\(?:start menu\\programs\\startup|microsoft\\windows\\start menu)|%programs%\\startup|\\startup\\/i;
const EXECUTABLE_TARGET = /\.(?:exe|dll|scr|vbs|ps1|js|hta|pyw?)["']?\s{0,8}$/i;

class BatchReader {
  private readonly sheet: FactSheet;
  private readonly variables = new Map<string, string>();
  disguises = 0;
  private expanded = 0;

  constructor(sheet: FactSheet) {
    this.sheet = sheet;
  }

  readLine(raw: string, line: number): void {
    const text = this.expand(raw);
    if (/^\s{0,20}(?:rem\b|::)/i.test(text)) return;
    this.assign(text);
    for (const part of splitCommands(text)) this.readCommand(part.text, raw, line, part.isPiped);
    for (const what of findSecrets(text)) this.sheet.add('secret-read', line, raw, what);
    if (STARTUP.test(text) && /\b(?:copy|xcopy|move|echo|mklink|robocopy|curl|powershell)\b|>/i.test(text)) {
      this.sheet.add('persistence', line, raw, 'the startup folder');
    }
    const written = />>?\s{0,8}(\S{1,300})/.exec(text)?.[1] ?? '';
    if (EXECUTABLE_TARGET.test(written)) this.sheet.add('write-executable', line, raw, written);
  }

  /** `%name%`, `%name:~1,2%`, `!name!`, `%%`, and carets outside quotes. */
  private expand(raw: string): string {
    if (this.expanded > MAX_EXPANDED) {
      this.sheet.isTruncated = true;
      return raw;
    }
    const expanded = raw.replaceAll(
      /%%|[%!](\w[\w ]{0,60})(?::~(-?\d{1,6})(?:,(-?\d{1,6}))?)?[%!]/g,
      (all, name?: string, from?: string, count?: string) => {
        if (name === undefined) return '%';
        const value = this.variables.get(name.toLowerCase());
        if (value === undefined) return all;
        if (from === undefined) return value;
        this.disguises++;
        const start = Number(from);
        const rest = start < 0 ? value.slice(start) : value.slice(start);
        return count === undefined
          ? rest
          : Number(count) < 0
            ? rest.slice(0, Number(count))
            : rest.slice(0, Number(count));
      },
    );
    this.expanded += expanded.length;
    return expanded.slice(0, MAX_VALUE).replaceAll(/\^(.?)/g, (_all, next: string) => {
      if (/\w/.test(next)) this.disguises++;
      return next;
    });
  }

  private assign(text: string): void {
    const match = /^[@\s(]{0,20}set\s{1,8}(?:\/[ap]\s{1,8})?"?([\w ]{1,60})=([^"\r\n]{0,20000})"?/i.exec(text);
    if (match === null || this.variables.size >= MAX_VARIABLES) return;
    this.variables.set(match[1]!.trim().toLowerCase(), match[2]!);
  }

  private readCommand(text: string, raw: string, line: number, isPiped: boolean): void {
    const words = wordsOf(text);
    if (words.length === 0) return;
    const loop = /^for$/i.test(words[0]!)
      ? /\bin\s{0,8}\(\s{0,8}['`"]?(.{1,4000}?)['`"]?\s{0,8}\)\s{0,8}do\s{1,8}(.{1,4000})/i.exec(text)
      : null;
    if (loop !== null) {
      this.readCommand(loop[1]!, raw, line, false);
      this.readCommand(loop[2]!, raw, line, false);
      return;
    }
    const conditional = /^if$/i.test(words[0]!)
      ? /^\s{0,20}if\s{1,8}(?:\/i\s{1,8})?(?:not\s{1,8})?(?:(?:exist|defined|errorlevel)\s{1,8}(?:"[^"]{0,400}"|\S{1,400})|\S{1,400}\s{0,8}(?:==|equ|neq|lss|gtr)\s{0,8}\S{1,400})\s{1,8}\(?\s{0,8}(.{1,4000})/i.exec(
          text,
        )
      : null;
    if (conditional !== null) {
      this.readCommand(conditional[1]!, raw, line, false);
      return;
    }
    factsOfCommand(this.sheet, words, { line, snippet: raw, isBackground: false });
    const program = programOf(words);
    if (isPiped && /^(?:powershell|pwsh|cmd|python|iex)$/.test(program))
      this.sheet.add('pipe-to-shell', line, raw, `what comes before is run by ${program}`);
  }
}

/** Commands between `&`, `&&`, `|`, `||` outside quotes, and whether a pipe stands before them. */
function splitCommands(text: string): { readonly text: string; readonly isPiped: boolean }[] {
  const parts: { text: string; isPiped: boolean }[] = [];
  let start = 0;
  let isPiped = false;
  let isQuoted = false;
  for (let i = 0; i < text.length && parts.length < 200; i++) {
    const c = text[i]!;
    if (c === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (c === '&' || c === '|')) {
      parts.push({ text: text.slice(start, i), isPiped });
      isPiped = c === '|' && text[i + 1] !== '|';
      if (text[i + 1] === c) i++;
      start = i + 1;
    }
  }
  parts.push({ text: text.slice(start), isPiped });
  return parts.filter((part) => part.text.trim() !== '');
}

/** Words between blanks; quotes keep blanks and go away, a leading `@` and brackets too. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const match of text.replace(/^[\s@(]{1,40}/, '').matchAll(/"([^"]{0,20000})"?|[^\s"]{1,20000}/g)) {
    words.push(match[1] ?? match[0]);
    if (words.length >= 1000) break;
  }
  return words;
}

/** Reads batch text into the sheet; lines joined by `^` count as their first. */
export function readBatch(sheet: FactSheet, text: string, first: number, layer = 0): void {
  if (layer > MAX_LAYERS) {
    sheet.isTruncated = true;
    return;
  }
  const reader = new BatchReader(sheet);
  const lines = sheet.claim(text).split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) sheet.isTruncated = true;
  let held = '';
  let heldLine = 0;
  for (const [i, line] of lines.slice(0, MAX_LINES).entries()) {
    if (held === '') heldLine = first + i;
    if (/\^$/.test(line) && !/\^\^$/.test(line) && held.length < MAX_VALUE) {
      held += line.slice(0, -1);
      continue;
    }
    reader.readLine(held + line, heldLine);
    held = '';
  }
  if (held !== '') reader.readLine(held, heldLine);
  if (reader.disguises >= MANY_DISGUISES) {
    sheet.add(
      'obfuscation',
      first,
      lines[0] ?? '',
      `${reader.disguises} pieces of variables and carets that only hide`,
    );
  }
}
