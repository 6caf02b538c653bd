import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

export function settingVerbs({ db, read, write }: Core): Pick<Store, 'setting' | 'setSetting'> {
  const get = db.prepare<[string], string>('SELECT value FROM setting WHERE name = ?').pluck();
  const put = db.prepare<[string, string]>('INSERT OR REPLACE INTO setting VALUES (?, ?)');
  const forget = db.prepare<[string]>('DELETE FROM setting WHERE name = ?');
  return {
    setting: (name) => read(() => get.get(name) ?? null),
    setSetting: async (name, value) => {
      await write(() => (value === null ? forget.run(name) : put.run(name, value)));
    },
  };
}
