// A real install of jupyterlab, pandas and requests by uv from pypi.org: direct, through an empty Cordon, through a warm one.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCordon } from './contestants.mjs';

const WISHES = ['jupyterlab', 'pandas', 'requests'];
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

async function installOnce(uv, index) {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-real-'));
  try {
    execFileSync('python3', ['-m', 'venv', '--without-pip', join(folder, 'venv')]);
    const startedAt = performance.now();
    const text = await new Promise((resolve, reject) => {
      execFile(
        uv,
        [
          'pip',
          'install',
          '--no-cache',
          '--no-config',
          '--python',
          join(folder, 'venv/bin/python'),
          '--default-index',
          index,
          ...WISHES,
        ],
        { maxBuffer: 1e8 },
        (error, _stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stderr)),
      );
    });
    return { seconds: (performance.now() - startedAt) / 1000, wheels: (text.match(/^ \+ /gm) ?? []).length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** File system of the folder for temporary files: uv unpacks there, and on a slow disk that is most of an install. */
function findTemporaryKind() {
  return execFileSync('stat', ['--file-system', '--format', '%T', tmpdir()]).toString().trim();
}

/**
 * Direct and proxied runs alternate, so that a slow minute of the network hits both.
 *
 * @param uv path of a uv binary
 * @param rounds each a direct install, one through an empty Cordon and one through the same Cordon, now warm
 */
export async function realInstall(uv, rounds) {
  console.log(`\nreal installs, ${rounds} rounds, medians; TMPDIR is on ${findTemporaryKind()}`);
  const direct = [];
  const cold = [];
  const warm = [];
  let wheels = 0;
  for (let round = 0; round < rounds; round++) {
    const plain = await installOnce(uv, 'https://pypi.org/simple/');
    direct.push(plain.seconds);
    wheels = plain.wheels;
    const cordon = await startCordon({ pypi: 'https://pypi.org/simple/' });
    try {
      for (const list of [cold, warm]) {
        const run = await installOnce(uv, `${cordon.url}/simple/`);
        if (run.wheels !== wheels) throw new Error(`${run.wheels} wheels through Cordon, ${wheels} direct`);
        list.push(run.seconds);
      }
    } finally {
      await cordon.close();
    }
  }
  const rows = [
    ['cold', cold],
    ['warm', warm],
  ].map(([name, list]) => ({
    name: `uv pip install of ${wheels} wheels, ${name}`,
    unit: 's',
    temporaryFolder: findTemporaryKind(),
    figures: { cordon: median(list), direct: median(direct) },
    ratios: { direct: median(list) / median(direct) },
  }));
  for (const row of rows)
    console.log(
      `${row.name.padEnd(44)} s       cordon ${row.figures.cordon.toFixed(2)}  direct ${row.figures.direct.toFixed(2)}   ${row.ratios.direct.toFixed(2)} x the time of direct`,
    );
  return rows;
}
