/** A daemon is killed around everything that it stores of a firing; each firing is one task all the same. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { StoredEnvironments } from '../../src/adapters/process/environments.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import type { Schedule } from '../../src/domain/schedule.ts';
import { SPEC } from '../engine/ground.ts';
import { DATABASE, type Home, linesOf, newHome } from './home.ts';
import { forgetCompiled, startLife } from './life.ts';
import type { Plan } from './points.ts';
import { until } from './until.ts';

const HOUR = 3_600_000;
const MISSED = 3;
const ID = 's-crashing';

afterAll(() => forgetCompiled());

/** Three firings were missed while no daemon ran, and each is to be made up for. */
async function prepare(home: Home): Promise<Schedule> {
  const environment = await new StoredEnvironments(home.state).put({ PATH: '/usr/bin:/bin' });
  const createdAt = Date.now() - (MISSED + 0.5) * HOUR;
  const work = { kind: 'command', command: `echo ran >>${home.effects}`, shell: '/bin/sh' };
  const schedule: Schedule = {
    id: ID,
    name: null,
    when: { kind: 'every', every: HOUR },
    catchUp: 'all',
    overlap: 'queue',
    request: { spec: { ...SPEC, cwd: home.cwd, work } },
    environment,
    createdAt,
    paused: false,
    nextAt: createdAt + HOUR,
    lastAt: null,
    lastTask: null,
    lastError: null,
    lastSkip: null,
  };
  const store = openSqlite(join(home.state, DATABASE));
  await store.putSchedule(schedule);
  await store.close();
  return schedule;
}

interface Stored {
  schedule: Schedule;
  tasks: { id: string; key: string; open: 0 | 1 }[];
}

function stored(home: Home): Stored {
  const db = new Database(join(home.state, DATABASE), { readonly: true });
  try {
    const facts = db.prepare<[], string>('SELECT facts FROM schedule').pluck().get() ?? '';
    const tasks = db
      .prepare<[], Stored['tasks'][number]>(
        'SELECT id, key, ended_at IS NULL AS open FROM task ORDER BY key',
      )
      .all();
    return { schedule: JSON.parse(facts) as Schedule, tasks };
  } finally {
    db.close();
  }
}

const isOver = ({ schedule, tasks }: Stored): boolean =>
  (schedule.nextAt ?? 0) > Date.now() && tasks.every(({ open }) => open === 0);

const PLANS: readonly Plan[] = (['before', 'after'] as const).flatMap((when) =>
  ['store.submit', 'store.putSchedule'].flatMap((label) =>
    [1, MISSED].map((at): Plan => ({ level: 'port', label, at, when })),
  ),
);

test.each(PLANS)('killed $when $label number $at', async (plan) => {
  const home = newHome(() => 'http://127.0.0.1:9/');
  try {
    const { createdAt } = await prepare(home);
    const first = startLife(home, { plan });
    expect(await first.end).toBe('killed');
    const second = startLife(home);
    expect(await second.ready).toBe(true);
    await until('all firings are over', () => isOver(stored(home)));
    expect(await second.close()).toBe('ended');
    const { schedule, tasks } = stored(home);
    const times = Array.from({ length: MISSED }, (_, n) => createdAt + (n + 1) * HOUR);
    expect(tasks.map(({ key }) => key)).toEqual(times.map((at) => `schedule:${ID}:${at}`));
    expect(schedule).toMatchObject({ lastAt: times.at(-1), lastTask: tasks.at(-1)?.id });
    expect(linesOf(home.effects)).toEqual(Array.from({ length: MISSED }, () => 'ran'));
  } finally {
    home.remove();
  }
});
