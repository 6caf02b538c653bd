import { ID_PATTERN } from '../../domain/ids.ts';
import type { Schedule } from '../../domain/schedule.ts';
import { connectReadOnly } from './connect.ts';

/** Reads every schedule that can still be read from a damaged database. The file is not changed. */
export function salvageSchedules(path: string): Schedule[] {
  const found: Schedule[] = [];
  // What comes after the first damage in the way is lost: that is what salvaging is.
  try {
    const db = connectReadOnly(path);
    try {
      const rows = db.prepare<[], string>('SELECT facts FROM schedule').pluck();
      for (const facts of rows.iterate()) {
        const schedule = JSON.parse(facts) as Schedule;
        if (ID_PATTERN.test(schedule.id)) found.push(schedule);
      }
    } finally {
      db.close();
    }
  } catch {
    return found;
  }
  return found;
}
