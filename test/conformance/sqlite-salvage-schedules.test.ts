import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { salvageSchedules } from '../../src/adapters/sqlite/salvage-schedules.ts';
import { newFolder } from './folder.ts';
import { schedule } from './schedule-rows.rules.ts';

test('schedules are read from a database as far as that is possible', async () => {
  const { path, remove } = newFolder();
  try {
    const store = openSqlite(path);
    const kept = [schedule('s-1'), schedule('s-2', { nextAt: null, paused: true })];
    for (const one of kept) await store.putSchedule(one);
    await store.close();
    expect(salvageSchedules(path)).toEqual(kept);
    writeFileSync(path, 'this was a database once');
    expect(salvageSchedules(path)).toEqual([]);
    expect(salvageSchedules(`${path}-none`)).toEqual([]);
  } finally {
    remove();
  }
});
