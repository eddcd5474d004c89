// Checks the layers of src and that the checker really looked: with a compiler it cannot use, dependency-cruiser reports "0 modules, no violations".
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const root = fileURLToPath(new URL('..', import.meta.url));

const rules = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs'));
/** names of the rules */
export const RULES = rules.forbidden.map((rule) => rule.name);

/** Cruises `<folder>/src` with the project's rules. Gives the module count and one line a violation. */
export async function checkLayers(folder) {
  const { output } = await cruise(
    ['src'],
    { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true, baseDir: folder },
    undefined,
    { tsConfig: extractTSConfig(join(root, 'tsconfig.json')) },
  );
  const own = output.modules.filter((module) => module.source.startsWith('src/'));
  const violations = output.summary.violations.map((found) => ({
    rule: found.rule.name,
    from: found.from,
    to: found.to,
  }));
  return { modules: own.length, violations };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { modules, violations } = await checkLayers(root);
  for (const { rule, from, to } of violations) console.error(`${rule}: ${from} → ${to}`);
  console.log(`${String(modules)} modules, ${String(violations.length)} violations of the layers`);
  if (modules === 0) console.error('no module was read: the check is blind');
  process.exitCode = modules > 0 && violations.length === 0 ? 0 : 1;
}
