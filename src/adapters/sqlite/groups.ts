import { bareGroup, findingKey, type Group, type GroupFinding } from '../../domain/group.ts';
import type { CountedGroup, GroupStore } from '../../ports/group-store.ts';
import type { Core } from './core.ts';

interface Row {
  seq: number;
  facts: string;
}

const SQL = {
  all: `SELECT facts, (SELECT count(*) FROM finding INDEXED BY finding_newest
    WHERE group_name = task_group.name) AS findings FROM task_group ORDER BY name`,
  one: 'SELECT facts FROM task_group WHERE name = ?',
  add: 'INSERT INTO task_group (name, facts) VALUES (?, ?) ON CONFLICT (name) DO NOTHING',
  // Not replaced: its findings would go with the old row.
  put: `INSERT INTO task_group (name, facts) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET facts = excluded.facts`,
  drop: 'DELETE FROM task_group WHERE name = ?',
  known: 'SELECT seq, facts FROM finding WHERE group_name = ? AND key = ?',
  counts: `SELECT count(*) AS inGroup, coalesce(sum(task_id = ?), 0) AS ofTask FROM finding
    WHERE group_name = ?`,
  addFinding: 'INSERT INTO finding (group_name, key, task_id, facts) VALUES (?, ?, ?, ?)',
  findings: `SELECT seq, facts FROM finding INDEXED BY finding_newest
    WHERE group_name = ? ORDER BY seq DESC`,
  finding: 'SELECT seq, facts FROM finding WHERE seq = ?',
  dropFinding: 'DELETE FROM finding WHERE seq = ?',
};

const toGroup = (facts: string): Group => JSON.parse(facts) as Group;
const toFinding = ({ seq, facts }: Row): GroupFinding => ({
  ...(JSON.parse(facts) as GroupFinding),
  seq,
});

export function groupVerbs(core: Core): GroupStore {
  return { ...rowVerbs(core), ...findingVerbs(core) };
}

type FindingVerb = 'addFinding' | 'findings' | 'finding' | 'dropFinding';

function rowVerbs({ db, read, write }: Core): Omit<GroupStore, FindingVerb> {
  const all = db.prepare<[], { facts: string; findings: number }>(SQL.all);
  const one = db.prepare<[string], string>(SQL.one).pluck();
  const add = db.prepare<[string, string]>(SQL.add);
  const put = db.prepare<[string, string]>(SQL.put);
  const drop = db.prepare<[string]>(SQL.drop);
  return {
    groups: () =>
      read(() =>
        all.all().map(({ facts, findings }): CountedGroup => ({ group: toGroup(facts), findings })),
      ),
    group: (name) =>
      read(() => {
        const facts = one.get(name);
        return facts === undefined ? null : toGroup(facts);
      }),
    addGroup: (group) => write(() => add.run(group.name, JSON.stringify(group)).changes > 0),
    putGroup: (group) => write(() => void put.run(group.name, JSON.stringify(group))),
    dropGroup: (name) => write(() => drop.run(name).changes > 0),
  };
}

function findingVerbs({ db, read, write }: Core): Pick<GroupStore, FindingVerb> {
  const addGroup = db.prepare<[string, string]>(SQL.add);
  const known = db.prepare<[string, string], Row>(SQL.known);
  const counts = db.prepare<[string | null, string], { inGroup: number; ofTask: number }>(
    SQL.counts,
  );
  const add = db.prepare<[string, string, string | null, string]>(SQL.addFinding);
  const all = db.prepare<[string], Row>(SQL.findings);
  const one = db.prepare<[number], Row>(SQL.finding);
  const drop = db.prepare<[number]>(SQL.dropFinding);
  return {
    addFinding: (finding, limits) =>
      write(() => {
        const { group, taskId, at } = finding;
        const same = known.get(group, findingKey(finding));
        if (same !== undefined) return { finding: toFinding(same), repeated: true };
        const { inGroup, ofTask } = counts.get(taskId, group) ?? { inGroup: 0, ofTask: 0 };
        if (inGroup >= limits.group || (taskId !== null && ofTask >= limits.task)) return null;
        addGroup.run(group, JSON.stringify(bareGroup(group, at)));
        const facts = JSON.stringify(finding);
        const { lastInsertRowid } = add.run(group, findingKey(finding), taskId, facts);
        return { finding: { ...finding, seq: Number(lastInsertRowid) }, repeated: false };
      }),
    findings: (group) => read(() => all.all(group).map(toFinding)),
    finding: (seq) =>
      read(() => {
        const row = one.get(seq);
        return row === undefined ? null : toFinding(row);
      }),
    dropFinding: (seq) => write(() => drop.run(seq).changes > 0),
  };
}
