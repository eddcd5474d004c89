// Owns guessing in which language a text is written. Imports nothing. Start at guessLanguage.

export type ScriptLanguage = 'python' | 'shell' | 'powershell' | 'batch' | 'vbscript' | 'javascript';

/** Characters looked at. */
const SAMPLE = 20_000;

type Clue = readonly [pattern: RegExp, weight: number];

// Every pattern is linear: no repetition inside a repetition, every open repetition bounded.
const CLUES: Readonly<Record<ScriptLanguage, readonly Clue[]>> = {
  python: [
    [/^#!.{0,80}\bpython/, 10],
    [/^[ \t]{0,80}(?:from [\w.]{1,80} )?import [\w.*(]/m, 4],
    [/^[ \t]{0,80}(?:async )?def \w{1,80}\(.{0,200}\).{0,80}:/m, 5],
    [/^[ \t]{0,80}class \w{1,80}.{0,100}:[ \t]{0,10}$/m, 3],
    [/^[ \t]{0,80}(?:if|elif|for|while|with|try|except|else)\b.{0,200}:[ \t]{0,10}(?:#.{0,100})?$/m, 3],
    [/\b(?:__import__|__name__|__file__|exec|compile|globals|lambda \w{0,40}:|print)\s{0,4}[(:=[]/, 2],
    [/\b(?:self\.\w|None\b|True\b|False\b|elif\b)/, 1],
    [/\bimport (?:os|sys|base64|subprocess|requests|socket)\b/, 3],
    [/\b(?:b64decode|exec|eval)\(/, 1],
  ],
  shell: [
    [/^#!.{0,80}\b(?:ba|z|k|da)?sh\b/, 10],
    [
      /^[ \t]{0,40}(?:sudo|apt-get|yum|curl|wget|chmod|mkdir -p|rm -rf|export \w|nohup|crontab|systemctl|echo ["$-])/m,
      3,
    ],
    [/\|[ \t]{0,8}(?:sudo )?(?:ba|z)?sh\b/, 4],
    [/\$\((?!\$)[a-z]/, 2],
    [/^[ \t]{0,40}(?:if \[|fi$|done$|esac$|then$|do$)/m, 4],
    [/(?:^|[;&|]) {0,4}[A-Z_]{2,40}=\S/m, 1],
    [/\/dev\/(?:tcp|null)\b/, 3],
    [/ 2>&1| >\/dev\/null|&& /, 1],
  ],
  powershell: [
    [/^#!.{0,80}\bpwsh/, 10],
    [
      /\b(?:Invoke-(?:WebRequest|Expression|RestMethod|Command)|New-Object|Start-Process|Get-(?:Item|Content|Process|WmiObject|ChildItem)|Set-(?:Content|ItemProperty|MpPreference|ExecutionPolicy)|Add-(?:Type|MpPreference)|Write-(?:Host|Output)|Out-(?:File|Null)|Expand-Archive|ConvertTo-\w{1,20}|Start-(?:Sleep|BitsTransfer))\b/i,
      5,
    ],
    [/\bpowershell(?:\.exe)?["']? {1,4}-[a-z]/i, 4],
    [/\[(?:System\.)?(?:Convert|Text\.Encoding|Net\.|Reflection\.|IO\.|Byte\[\])/i, 4],
    [/\$(?:env:|PSHome|ErrorActionPreference|_\.|null\b|true\b)/i, 3],
    [/^[ \t]{0,40}\$\w{1,40} {0,4}=/m, 2],
    [/\biex\b|\bIWR\b| -(?:eq|ne|like|match) /, 2],
    [/^[ \t]{0,40}param\s{0,4}\(|\bfunction \w{1,40}-\w{1,40}/im, 3],
  ],
  batch: [
    [/^@?echo off\b/im, 8],
    [
      /^[ \t]{0,20}(?:set(?:local)?|goto|call|rem|start|taskkill|reg add|schtasks|copy|xcopy|del|if (?:not )?exist)\b/im,
      2,
    ],
    [/%(?:~dp0|appdata|temp|userprofile|localappdata|systemroot|programdata|cd|random|~?\d)%?/i, 4],
    [/^:[a-z_]\w{0,40}[ \t]{0,4}$/im, 3],
    [/ >nul\b|\berrorlevel\b| \/(?:f|q|s|min|b)\b/i, 2],
  ],
  vbscript: [
    [/\bCreateObject\s{0,4}\(\s{0,4}"/i, 6],
    [/\bWScript\.(?:Shell|CreateObject|Echo|Sleep|ScriptFullName|Arguments)\b/i, 5],
    [
      /^[ \t]{0,40}(?:Dim|Set|Sub|End (?:Sub|If|Function)|On Error Resume Next|Function \w{1,40}\(|ElseIf .{0,100} Then|Wend|Loop)\b/im,
      3,
    ],
    [/\bChr[W$]?\(\d{1,6}\)\s{0,4}&/i, 4],
    [/" & vb(?:CrLf|Lf|Tab)\b/i, 3],
  ],
  javascript: [
    [/^#!.{0,80}\bnode\b/, 10],
    [/\b(?:var|let|const) [\w$]{1,60} {0,4}(?:=|,|;)/, 4],
    [/\bfunction ?[\w$]{0,60} ?\([\w$, ]{0,200}\) {0,4}\{/, 5],
    [/(?:\)|\b[\w$]{1,40}) {0,2}=> {0,2}[({\w]/, 3],
    [/===|!==|\|\|\{\}|\bundefined\b|\bnew (?:Promise|Date|XMLHttpRequest|Map)\b/, 2],
    [/\b(?:document|window|navigator|chrome|process|module|exports|console|JSON)\.[a-z]\w{2}/, 3],
    [/\brequire\(['"][\w@./-]{1,80}['"]\)/, 3],
    [/\b_0x[0-9a-f]{3,8}\b/, 5],
    [/;[ \t]{0,8}$/m, 1],
    [/^[ \t]{0,40}(?:\}|\/\/|\/\*)/m, 1],
  ],
};

/** Points from which a guess is worth naming. */
const THRESHOLD = 4;

export interface LanguageGuess {
  readonly language: ScriptLanguage;
  /** points; the second best language has fewer */
  readonly score: number;
}

/** The language with most clues; undefined when none has enough (prose, data). Linear; looks at the first 20,000 characters. */
export function guessLanguage(text: string): LanguageGuess | undefined {
  const sample = text.slice(0, SAMPLE).replace(/^\ufeff/, '');
  let best: LanguageGuess | undefined;
  for (const [language, clues] of Object.entries(CLUES) as [ScriptLanguage, readonly Clue[]][]) {
    let score = 0;
    for (const [pattern, weight] of clues) if (pattern.test(sample)) score += weight;
    if (score >= THRESHOLD && (best === undefined || score > best.score)) best = { language, score };
  }
  return best;
}
