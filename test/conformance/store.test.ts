import { openMemory } from '../../src/adapters/memory/store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { newFolder } from './folder.ts';
import { describeStore } from './store.conformance.ts';

describeStore('memory', () => ({ store: openMemory() }));

describeStore('sqlite', () => {
  const { path, remove } = newFolder();
  return { store: openSqlite(path), release: remove };
});
