// Owns: Python that reads like a library and does nothing but compute: bulk for realistic sizes and for hiding in.
// May import: nothing. Deterministic. Start here: fillerModule, fillerCode.

const NOUNS = [
  'batch',
  'record',
  'segment',
  'window',
  'schema',
  'column',
  'region',
  'token',
  'vector',
  'cursor',
  'bucket',
  'profile',
  'metric',
  'ledger',
  'packet',
  'catalog',
  'channel',
  'matrix',
  'feature',
  'sample',
  'invoice',
  'journal',
  'snapshot',
  'quota',
];
const VERBS = [
  'normalize',
  'merge',
  'split',
  'validate',
  'summarize',
  'rank',
  'group',
  'filter',
  'align',
  'encode',
  'collapse',
  'expand',
];
const FIELDS = [
  'name',
  'kind',
  'size',
  'offset',
  'weight',
  'label',
  'status',
  'start',
  'stop',
  'unit',
  'scale',
  'parent',
];

/** One step of a linear congruential generator: the same seed gives the same library. */
function* picks(seed: number): Generator<number, never> {
  let state = (seed * 2_654_435_761) % 4_294_967_296;
  for (;;) {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    yield state >>> 8;
  }
}

type Words = {
  readonly noun: string;
  readonly verb: string;
  readonly one: string;
  readonly two: string;
  readonly n: number;
};
type Template = (words: Words) => string;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const TEMPLATES: readonly Template[] = [
  ({ noun, verb, one, n }) => `def ${verb}_${noun}_${n}(rows, ${one}=None, strict=False):
    """${capital(verb)} the rows of a ${noun}.

    :param rows: iterable of mappings
    :param ${one}: only rows with this ${one}
    :raises ValueError: in strict mode, when a row has no ${one}
    """
    result = []
    for position, row in enumerate(rows):
        value = row.get("${one}")
        if value is None:
            if strict:
                raise ValueError("row %d of the ${noun} has no ${one}" % position)
            continue
        if ${one} is not None and value != ${one}:
            continue
        result.append(dict(row, position=position))
    return result
`,
  ({ noun, one, two, n }) => `class ${capital(noun)}${n}:
    """A ${noun} with its ${one} and ${two}."""

    __slots__ = ("${one}", "${two}", "_parts")

    def __init__(self, ${one}, ${two}=0, parts=()):
        self.${one} = ${one}
        self.${two} = ${two}
        self._parts = list(parts)

    def __repr__(self):
        return "%s(${one}=%r, ${two}=%r)" % (type(self).__name__, self.${one}, self.${two})

    def __len__(self):
        return len(self._parts)

    def add(self, part):
        """Append a part and return self, so that calls can be chained."""
        self._parts.append(part)
        self.${two} += 1
        return self

    def total(self):
        return sum(getattr(part, "${two}", 1) for part in self._parts)

    @classmethod
    def from_mapping(cls, mapping):
        missing = [key for key in ("${one}",) if key not in mapping]
        if missing:
            raise KeyError("missing keys: " + ", ".join(missing))
        return cls(mapping["${one}"], mapping.get("${two}", 0))
`,
  ({ noun, one, two, n }) => `_${noun.toUpperCase()}_DEFAULTS_${n} = {
    "${one}": ${n % 97},
    "${two}": "auto",
    "limits": (${n % 7}, ${(n % 7) + 12}),
    "aliases": ["${noun}-${one}", "${noun}-${two}"],
}


def ${noun}_options_${n}(**overrides):
    """Defaults of a ${noun} with \`overrides\` applied; unknown keys are refused."""
    options = dict(_${noun.toUpperCase()}_DEFAULTS_${n})
    for key, value in overrides.items():
        if key not in options:
            known = ", ".join(sorted(options))
            raise TypeError("unknown option %r, known are: %s" % (key, known))
        options[key] = value
    return options
`,
  ({ noun, verb, n }) => `def ${verb}_${noun}_text_${n}(text, separator=",", quote='"'):
    """Split a line of a ${noun} file, honouring quotes."""
    cells, cell, quoted = [], [], False
    for character in text:
        if character == quote:
            quoted = not quoted
        elif character == separator and not quoted:
            cells.append("".join(cell).strip())
            cell = []
        else:
            cell.append(character)
    cells.append("".join(cell).strip())
    if quoted:
        raise ValueError("unbalanced quote in %r" % text)
    return cells
`,
  ({ noun, one, n }) => `def iter_${noun}_windows_${n}(values, size=${(n % 9) + 2}, step=1):
    """Yield overlapping windows of \`values\`; the last one may be shorter."""
    if size < 1 or step < 1:
        raise ValueError("size and step must be positive")
    values = list(values)
    for start in range(0, max(len(values) - size + 1, 1), step):
        window = values[start:start + size]
        yield {"${one}": start, "values": window, "mean": sum(window) / len(window) if window else 0.0}
`,
  ({ noun, verb, one, n }) => `def ${verb}_${noun}_path_${n}(path, encoding="utf-8"):
    """Read a ${noun} from a JSON lines file."""
    import json

    rows = []
    with open(path, encoding=encoding) as stream:
        for number, line in enumerate(stream, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            try:
                rows.append(json.loads(line))
            except ValueError as error:
                raise ValueError("%s:%d: %s" % (path, number, error)) from error
    return sorted(rows, key=lambda row: row.get("${one}", 0))
`,
];

/** Top-level definitions of about `lines` lines, without imports. */
export function fillerCode(lines: number, seed = 1): string {
  const source = picks(seed);
  const next = (): number => source.next().value;
  const blocks: string[] = [];
  for (let count = 0; count < lines; ) {
    const word = (list: readonly string[]): string => list[next() % list.length] ?? '';
    const words = {
      noun: word(NOUNS),
      verb: word(VERBS),
      one: word(FIELDS),
      two: word(FIELDS),
      n: blocks.length + seed * 100,
    };
    const template = TEMPLATES[next() % TEMPLATES.length];
    const distinct = words.one === words.two ? { ...words, two: 'count' } : words;
    const block = `${template?.(distinct) ?? ''}\n\n`;
    blocks.push(block);
    count += block.split('\n').length - 1;
  }
  return blocks.join('');
}

/** A whole module of about `lines` lines. */
export function fillerModule(about: string, lines: number, seed = 1): string {
  const head = `"""${about}"""\nfrom __future__ import annotations\n\nimport logging\n\nlogger = logging.getLogger(__name__)\n\n\n`;
  return head + fillerCode(lines, seed);
}
