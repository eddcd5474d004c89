// Owns whether a module, with all that it imports, can do anything but compute. May import python. Start at onlyComputes.
import { absoluteName } from '../python/flow/imports.ts';
import type { Unit } from '../python/flow/value.ts';

const MAX_MODULES = 60;

/** Modules of the library and of arithmetic whose own functions reach no file, process or network. */
const HARMLESS = new Set(
  (
    '__future__ abc array bisect cmath collections copy dataclasses datetime decimal enum fractions functools heapq itertools ' +
    'math numbers queue random re statistics string textwrap time typing typing_extensions numpy tqdm'
  ).split(' '),
);

/** Ways out of what was imported: interpreters, files, names made up at run time, modules behind modules. */
const REACHES_OUT =
  /\b(?:exec|eval|compile|execfile|open|input|breakpoint|getattr|setattr|globals|locals|vars|importlib|ctypes\w*|pickle|marshal|codecs)\b|__(?:import|builtins|class|bases?|mro|subclasses|globals|dict|getattr|getattribute|code|closure|loader|spec|reduce|reduce_ex|call|getstate|init_subclass)__|\.(?:os|sys|io|modules|distutils|testing|load|loads|loadtxt|save|savez\w*|savetxt|(?:from|to)file|memmap|DataSource|genfromtxt|system|popen|attrgetter|methodcaller)\b|(?<!\b(?:self|cls))\._/;

const IMPORT = /^[ \t]*(?:from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|.+)|import[ \t]+(.+))$/gm;
/** An import that does not begin its line. */
const HIDDEN_IMPORT = /[;:][ \t]*(?:from[ \t]|import[ \t])/;

/**
 * Whether code can only compute: every module that it imports is its archive's own, for which the same holds, or is one of
 * arithmetic, and no word in it leads further.
 *
 * @param path the member that runs
 * @param units all Python of the archive
 */
export function onlyComputes(path: string, units: readonly Unit[]): boolean {
  const byName = new Map(units.map((unit) => [unit.module, unit]));
  const first = units.find((unit) => unit.path === path);
  if (first === undefined) return false;
  const waiting = [first];
  const seen = new Set(waiting);
  const add = (unit: Unit | undefined): void => {
    if (unit === undefined || seen.has(unit)) return;
    seen.add(unit);
    waiting.push(unit);
  };
  for (let unit = waiting.pop(); unit !== undefined; unit = waiting.pop()) {
    if (seen.size > MAX_MODULES || REACHES_OUT.test(unit.text) || HIDDEN_IMPORT.test(unit.text)) return false;
    for (const parent of parentsOf(unit.module)) add(byName.get(parent));
    for (const { name, parts } of importsOf(unit)) {
      const own = byName.get(name);
      if (own === undefined && (name.includes('.') || !HARMLESS.has(name))) return false;
      add(own);
      for (const parent of parentsOf(name)) add(byName.get(parent));
      for (const part of parts) {
        const module = byName.get(`${name}.${part}`);
        // What a package has no word of is a member of another kind.
        if (module === undefined && own?.isPackage === true && !own.text.includes(part)) return false;
        add(module);
      }
    }
  }
  return true;
}

function parentsOf(module: string): string[] {
  const parts = module.split('.');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('.'));
}

interface Import {
  /** full name of a module */
  readonly name: string;
  /** what is taken from it: modules below it, or names in it */
  readonly parts: readonly string[];
}

function importsOf(unit: Unit): Import[] {
  const imports: Import[] = [];
  for (const [, dots = '', from = '', what = '', plain] of unit.text.matchAll(IMPORT)) {
    const listed = (plain ?? what)
      .replaceAll(/#.*$/gm, '')
      .split(',')
      .map(
        (one) =>
          one
            .replace(/[()\\]/g, '')
            .trim()
            .split(/\s/)[0] ?? '',
      )
      .filter((one) => one !== '' && one !== '*');
    if (plain !== undefined) imports.push(...listed.map((name) => ({ name, parts: [] })));
    else imports.push({ name: absoluteName(unit, from === '' ? undefined : from, dots.length) ?? '?', parts: listed });
  }
  return imports;
}
