import { openMemoryStore } from '../../../src/storage/memory/memory-store.ts';
import { describeDecisionStore } from '../../contract/decision-store.ts';

describeDecisionStore('memory', (clock) => {
  const store = openMemoryStore({ clock });
  return Promise.resolve({ store, close: () => store.close() });
});
