// Owns what VBScript text does. May import batch.ts, code-tokens.ts, string-folding.ts, rules.ts, facts.ts, secrets.ts.
// Start at readVbScript.
import { readBatch } from './batch.ts';
import { tokenizeVbScript } from './code-tokens.ts';
import type { FactSheet } from './facts.ts';
import { applyRules, type Rule, sourceLines } from './rules.ts';
import { findSecrets } from './secrets.ts';
import { type Dialect, foldStrings } from './string-folding.ts';

const MANY_FOLDS = 20;

const DIALECT: Dialect = {
  joins: new Set(['&', '+']),
  quote: '"',
  variable: (word) => (/^[a-z_]\w{0,60}$/i.test(word) ? word.toLowerCase() : undefined),
  call(callee, args) {
    const [first = '', second = '', third = ''] = args;
    if (/^chrw?\$?$/.test(callee)) return charOf(first);
    if (callee === 'strreverse') return Array.from(first).reverse().join('');
    if (callee === 'replace') return first.replaceAll(second, third);
    if (callee === 'lcase') return first.toLowerCase();
    if (callee === 'ucase') return first.toUpperCase();
    if (callee === 'cstr' || callee === 'trim') return first;
    return undefined;
  },
  operate: () => undefined,
};

function charOf(text: string): string | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value <= 0xffff ? String.fromCharCode(value) : undefined;
}

const RULES: readonly Rule[] = [
  { kind: 'dynamic-code', pattern: /\b(?:execute|executeglobal|eval)\s{0,4}[("a-z]/i },
  { kind: 'spawn', pattern: /\.(?:run|exec|shellexecute)\b.{0,300}/i },
  {
    kind: 'hidden-window',
    pattern:
      /\.run\b.{0,1000},\s{0,4}(?:0|vbhide)\s{0,4}(?:,|\)|$)|\.shellexecute\b.{0,600},\s{0,4}0\s{0,4}\)?\s{0,4}$/i,
  },
  { kind: 'spawn', pattern: /win32_process/i, detail: 'Win32_Process' },
  {
    kind: 'download',
    pattern:
      /createobject\(\s{0,4}"(?:msxml2\.(?:server)?xmlhttp[\w.]{0,12}|microsoft\.xmlhttp|winhttp\.winhttprequest[\w.]{0,8})"/i,
    detail: 'an HTTP request',
  },
  { kind: 'download', pattern: /\.open\b\s{0,4}\(?\s{0,4}"get"\s{0,4},\s{0,4}"[^"]{1,300}"/i },
  { kind: 'exfiltration', pattern: /\.open\b\s{0,4}\(?\s{0,4}"(?:post|put)"\s{0,4},\s{0,4}"[^"]{1,300}"/i },
  {
    kind: 'write-executable',
    pattern: /savetofile\b.{0,300}|\.createtextfile\b.{0,300}\.(?:exe|vbs|bat|cmd|ps1|js)\b/i,
  },
  {
    kind: 'persistence',
    pattern: /regwrite\b.{0,300}\\run\b.{0,300}|specialfolders\s{0,4}\(\s{0,4}"startup"|\\startup\\|schtasks/i,
  },
  { kind: 'evasion', pattern: /deletefile\b.{0,60}wscript\.scriptfullname|on error resume next.{0,200}defender/i },
  {
    kind: 'host-info',
    pattern:
      /expandenvironmentstrings\(\s{0,4}"%(?:computername|username|userdomain)%"|wscript\.network|win32_(?:computersystem|operatingsystem|bios)/i,
  },
];

/** Reads VBScript text into the sheet. Commands it starts are read as batch. */
export function readVbScript(sheet: FactSheet, text: string, first: number): void {
  const claimed = sheet.claim(text);
  const { tokens, isTruncated } = tokenizeVbScript(claimed, first);
  if (isTruncated) sheet.isTruncated = true;
  const folded = foldStrings(tokens, DIALECT);
  sheet.addHosts(folded.text);
  const source = sourceLines(claimed, first);
  applyRules(sheet, folded, source, RULES);
  for (const { text: code, line } of folded.lines) {
    for (const what of findSecrets(code.slice(0, 20_000))) sheet.add('secret-read', line, source.at(line), what);
    const command = /\.(?:run|exec)\s{0,4}\(?\s{0,4}"(.{3,20000}?)"\s{0,4}(?:,|\)|$)/i.exec(code)?.[1];
    if (command === undefined) continue;
    sheet.embed({ language: 'batch', text: command, line, how: 'WScript.Shell' });
    readBatch(sheet, command, line, 1);
  }
  if (folded.folds >= MANY_FOLDS)
    sheet.add('obfuscation', first, source.at(first), `${folded.folds} joins and character codes that only hide`);
}
