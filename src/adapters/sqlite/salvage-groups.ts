import type { Database } from 'better-sqlite3';
import type { Group, GroupFinding } from '../../domain/group.ts';
import type { Memory } from '../../domain/memory.ts';
import { connectReadOnly } from './connect.ts';

export interface SalvagedGroups {
  groups: Group[];
  /** The oldest first. */
  findings: GroupFinding[];
  memories: Memory[];
}

/** Reads what groups share and what is known, as far as that can still be read. The file is not changed. */
export function salvageGroups(path: string): SalvagedGroups {
  const found: SalvagedGroups = { groups: [], findings: [], memories: [] };
  try {
    const db = connectReadOnly(path);
    try {
      readInto(found.groups, db, 'SELECT NULL AS seq, facts FROM task_group ORDER BY name');
      readInto(found.findings, db, 'SELECT seq, facts FROM finding ORDER BY seq');
      readInto(found.memories, db, 'SELECT NULL AS seq, facts FROM memory ORDER BY seq');
    } finally {
      db.close();
    }
  } catch {
    return found;
  }
  return found;
}

/** What comes after the first damage in a table is lost: that is what salvaging is. */
function readInto<T>(found: T[], db: Database, sql: string): void {
  try {
    const rows = db.prepare<[], { seq: number | null; facts: string }>(sql);
    for (const { seq, facts } of rows.iterate())
      found.push({ ...(JSON.parse(facts) as T), ...(seq !== null && { seq }) });
  } catch {
    return;
  }
}
