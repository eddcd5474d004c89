import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/storage/sqlite/sqlite-store.ts';
import { describeDecisionStore } from '../../contract/decision-store.ts';

describeDecisionStore('sqlite', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-store-'));
  const store = openSqliteStore({ folder, clock, onAccessLost: fail });
  return {
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

function fail(error: unknown): void {
  throw error;
}
