import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openMemory } from '../../src/adapters/memory/store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { salvageGroups } from '../../src/adapters/sqlite/salvage-groups.ts';
import { restoreGroups } from '../../src/daemon/rebuild-groups.ts';
import { newFolder } from './folder.ts';
import { finding, group } from './group.rules.ts';
import { memory } from './memory.rules.ts';

const ROOM = { group: 9, task: 9 };

test('groups, findings and memories are read from a database, and stored anew', async () => {
  const { path, remove } = newFolder();
  try {
    const store = openSqlite(path);
    await store.addGroup(group('g-1'));
    const gone = await store.addFinding(finding('gone'), ROOM);
    await store.dropFinding(gone?.finding.seq ?? 0);
    const found = await store.addFinding(finding('one'), ROOM);
    const from = { finding: `f-${found?.finding.seq}`, group: 'g-1', taskId: 't-1' };
    await store.putMemory(memory('m-1', { from, endedAt: 5 }));
    await store.close();
    const salvaged = salvageGroups(path);
    expect(salvaged).toEqual({
      groups: [group('g-1')],
      findings: [found?.finding],
      memories: [memory('m-1', { from, endedAt: 5 })],
    });
    const fresh = openMemory();
    expect(await restoreGroups(fresh, [path])).toEqual({ groups: ['g-1'], memories: ['m-1'] });
    expect(await restoreGroups(fresh, [path])).toEqual({ groups: [], memories: [] });
    expect((await fresh.findings('g-1')).map(({ seq, text }) => [seq, text])).toEqual([[1, 'one']]);
    expect((await fresh.memory('m-1'))?.from?.finding).toBe('f-1');
    writeFileSync(path, 'this was a database once');
    const nothing = { groups: [], findings: [], memories: [] };
    expect([salvageGroups(path), salvageGroups(`${path}-none`)]).toEqual([nothing, nothing]);
  } finally {
    remove();
  }
});
