// Owns this folder's door: what a script in any of its languages does. May import all of script/. Start at readScript.
// script/ owns shell, PowerShell, batch, VBScript and JavaScript text; it may import ../python/decoders and nothing above.
// Facts only: whether a fact is bad depends on who runs the script, and when, which evidence/ knows.
import { readBatch } from './batch.ts';
import { FactSheet, type ScriptFacts } from './facts.ts';
import { readJavaScript } from './javascript.ts';
import { guessLanguage, type ScriptLanguage } from './language.ts';
import { readPowerShell } from './powershell.ts';
import { readShell } from './shell.ts';
import { readVbScript } from './vbscript.ts';

const EXTENSIONS: Readonly<Record<string, ScriptLanguage>> = {
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  command: 'shell',
  ps1: 'powershell',
  psm1: 'powershell',
  bat: 'batch',
  cmd: 'batch',
  vbs: 'vbscript',
  vbe: 'vbscript',
  wsf: 'vbscript',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jse: 'javascript',
  hta: 'vbscript',
};

/** The language of a file by its name (`install.ps1`) or, failing that, by its text. */
export function languageOfScript(path: string, text: string): ScriptLanguage | undefined {
  const extension = /\.(\w{1,8})$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return EXTENSIONS[extension] ?? guessLanguage(text)?.language;
}

/**
 * Reads a script and what is encoded or embedded in it. Never throws; time and memory are bounded (facts.ts).
 *
 * @param language Python gives an empty sheet: that is python/'s business
 * @param firstLine number of the text's first line in its file
 */
export function readScript(text: string, language: ScriptLanguage, firstLine = 1): ScriptFacts {
  const sheet = new FactSheet(language);
  switch (language) {
    case 'shell':
      readShell(sheet, text, firstLine);
      break;
    case 'powershell':
      readPowerShell(sheet, text, firstLine);
      break;
    case 'batch':
      readBatch(sheet, text, firstLine);
      break;
    case 'vbscript':
      readVbScript(sheet, text, firstLine);
      break;
    case 'javascript':
      readJavaScript(sheet, text, firstLine);
      break;
    case 'python':
      break;
  }
  for (const code of sheet.takeUnread()) {
    if (code.language === 'powershell') readPowerShell(sheet, code.text, code.line);
  }
  return sheet.result();
}

/** Reads a command line as a system's shell would, e.g. the argument of `os.system`. */
export function readCommandLine(command: string): ScriptFacts {
  const isWindows =
    /\b(?:cmd|powershell|pwsh|reg|schtasks|mshta|certutil|bitsadmin|start|wscript|cscript)(?:\.exe)?\b|%\w{1,40}%/i.test(
      command.slice(0, 2000),
    );
  return readScript(command, isWindows ? 'batch' : 'shell');
}
