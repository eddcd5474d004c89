// Owns the Unicode names of ASCII characters, for `\N{…}`. Imports nothing. Start at findCharacter.
// The full database is some 30,000 names; code is hidden behind ASCII ones.

const DIGITS = ['ZERO', 'ONE', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX', 'SEVEN', 'EIGHT', 'NINE'];

const OTHERS: Readonly<Record<string, string>> = {
  NULL: '\0',
  TAB: '\t',
  'CHARACTER TABULATION': '\t',
  'LINE FEED': '\n',
  'NEW LINE': '\n',
  'CARRIAGE RETURN': '\r',
  SPACE: ' ',
  'EXCLAMATION MARK': '!',
  'QUOTATION MARK': '"',
  'NUMBER SIGN': '#',
  'DOLLAR SIGN': '$',
  'PERCENT SIGN': '%',
  AMPERSAND: '&',
  APOSTROPHE: "'",
  'LEFT PARENTHESIS': '(',
  'RIGHT PARENTHESIS': ')',
  ASTERISK: '*',
  'PLUS SIGN': '+',
  COMMA: ',',
  'HYPHEN-MINUS': '-',
  'FULL STOP': '.',
  SOLIDUS: '/',
  COLON: ':',
  SEMICOLON: ';',
  'LESS-THAN SIGN': '<',
  'EQUALS SIGN': '=',
  'GREATER-THAN SIGN': '>',
  'QUESTION MARK': '?',
  'COMMERCIAL AT': '@',
  'LEFT SQUARE BRACKET': '[',
  'REVERSE SOLIDUS': '\\',
  'RIGHT SQUARE BRACKET': ']',
  'CIRCUMFLEX ACCENT': '^',
  'LOW LINE': '_',
  'GRAVE ACCENT': '`',
  'LEFT CURLY BRACKET': '{',
  'VERTICAL LINE': '|',
  'RIGHT CURLY BRACKET': '}',
  TILDE: '~',
  'NO-BREAK SPACE': '\u00a0',
};

const NAMES = new Map<string, number>(
  Object.entries(OTHERS).map(([name, character]) => [name, character.charCodeAt(0)]),
);
for (const [digit, word] of DIGITS.entries()) NAMES.set(`DIGIT ${word}`, 48 + digit);
for (let letter = 0; letter < 26; letter++) {
  const name = String.fromCharCode(65 + letter);
  NAMES.set(`LATIN CAPITAL LETTER ${name}`, 65 + letter);
  NAMES.set(`LATIN SMALL LETTER ${name}`, 97 + letter);
}

/** The code point of a Unicode character name, in any case; undefined when it is not an ASCII character's. */
export function findCharacter(name: string): number | undefined {
  return NAMES.get(name.toUpperCase());
}
