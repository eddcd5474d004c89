import { expect, test } from 'vitest';
import { explainRefusal } from '../../src/gate/explanation.ts';
import { MALWARE } from '../fakes/fake-judge.ts';
import { makeGateWorld } from '../support/gate-world.ts';
import { makeFinding, makeReport, PYPI } from '../support/stored-facts.ts';

async function withRefusal(settings = {}) {
  const world = makeGateWorld(settings);
  const files = await world.announce({ 'six-1.0.tar.gz': { bytes: 'x', verdict: MALWARE, validUntil: 99 } });
  const file = files['six-1.0.tar.gz']!;
  await world.deps.store.reports.saveReport(makeReport(file, { findings: [makeFinding()] }), 0, undefined, []);
  return { world, file, id: await world.deps.store.explanations.getId(file.key) };
}

test('gives the verdict as of now, and the report', async () => {
  const { world, file, id } = await withRefusal();

  expect(await explainRefusal(id, world.deps)).toMatchObject({
    kind: 'explanation',
    file: { key: file.key },
    verdict: MALWARE,
    validUntil: 99,
    report: { findings: [{ detector: 'start-up-code' }] },
    thresholds: { refuse: 10, quarantine: 5 },
  });

  world.judge.set('six-1.0.tar.gz', { kind: 'allow', reason: 'waiver', detail: 'waived by ada' });
  expect(await explainRefusal(id, world.deps)).toMatchObject({ verdict: { kind: 'allow' } });
});

test("says nothing of a private upstream's file", async () => {
  const { world, id } = await withRefusal({ privateUpstreams: [PYPI] });

  expect(await explainRefusal(id, world.deps)).toEqual({ kind: 'private', id });
});

test.each([['nothing23456789'], ['../../etc'], [''], ['x'.repeat(10_000)]])('%.20s is absent', async (id) => {
  const { world } = await withRefusal();

  expect(await explainRefusal(id, world.deps)).toMatchObject({ kind: 'absent' });
});
