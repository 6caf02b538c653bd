/** No question that is asked again and again may cost more the more is stored. */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import type { Outcome } from '../../src/domain/attempt.ts';
import { manualHold } from '../../src/domain/holds.ts';
import { laneOf } from '../../src/domain/lane.ts';
import type { Store } from '../../src/ports/store.ts';
import { newFolder } from './folder.ts';
import { finding } from './group.rules.ts';
import { memory } from './memory.rules.ts';
import { merge } from './merge.rules.ts';
import { schedule } from './schedule-rows.rules.ts';
import {
  agentWork,
  attemptWith,
  claim,
  NOON,
  QUIET,
  refused,
  spec,
  submit,
  submitEnded,
  submitQueued,
} from './sample.ts';

const OPUS = 'claude/default/opus';

/** Asks that a pass, a door or a receiver makes all the time. */
const HOT: Record<string, (store: Store) => Promise<unknown>> = {
  submit: (store) => submit(store, 't-new', { id: 'named', spec: { key: 'k' } }),
  'submit with dependencies': (store) =>
    submit(store, 't-dependent', { spec: { after: [{ task: 't-1', when: 'success' }] } }),
  commit: async (store) =>
    store.commit([claim(await submitQueued(store, 't-claimed'))], {
      webhooks: ['w'],
      onDone: true,
    }),
  end: (store) => submitEnded(store, 't-ended'),
  get: (store) => store.get('t-1'),
  resolve: (store) => store.resolve('t-', 5),
  'list all': (store) => store.list({ limit: 50 }),
  'list further': (store) => store.list({ limit: 50, cursor: `${NOON}.t-1` }),
  'list by state': (store) => store.list({ limit: 50, states: ['queued', 'failed'] }),
  'list by owner': (store) => store.list({ limit: 50, owner: 'me' }),
  'list by owner and state': (store) => store.list({ limit: 50, owner: 'me', states: ['failed'] }),
  'list by group': (store) => store.list({ limit: 50, group: 'g-1' }),
  'list by parent': (store) => store.list({ limit: 50, parent: 't-1' }),
  'list by task': (store) => store.list({ limit: 50, checksOf: 't-1', states: ['failed'] }),
  checksOf: (store) => store.checksOf('t-1'),
  addMerge: (store) => store.addMerge(merge('t-1')),
  putMerge: (store) => store.putMerge({ ...merge('t-1'), seq: 1 }),
  merges: (store) => store.merges(['t-1', 't-2']),
  openMerges: (store) => store.openMerges(),
  workingOn: (store) => store.workingOn('/r/.git', 'tend/t-1'),
  'removable, one': (store) => store.removable(NOON, 1, 't-1'),
  asked: (store) => store.asked(200),
  attempts: (store) => store.attempts('t-1'),
  history: (store) => store.history('t-1'),
  changes: (store) => store.changes(5, 100),
  lastSeq: (store) => store.lastSeq(),
  live: (store) => store.live('here'),
  lanes: (store) => store.lanes(),
  waiting: (store) => store.waiting(laneOf(spec()), 8),
  ahead: (store) => store.ahead(laneOf(spec()), NOON),
  'end of a refused agent': (store) => submitAgent(store, refused('overloaded', 'transient')),
  'end of an agent that succeeded': async (store) => {
    const before = manualHold('claude', null, 'not now', NOON);
    await store.setHold({ ...before, account: OPUS });
    await submitAgent(store, { kind: 'ok' });
  },
  setHold: (store) => store.setHold(manualHold('claude', null, 'holidays', NOON)),
  dropHolds: (store) => store.dropHolds(['claude/*'], 'released', NOON),
  agentChanges: (store) => store.agentChanges(50),
  'agentChanges of one': (store) => store.agentChanges(50, 'claude'),
  'end of an agent that failed': (store) =>
    submitAgent(store, { kind: 'agent_error', message: 'boom' }),
  children: (store) => store.children('t-1'),
  released: (store) => store.released('t-1', ['failure']),
  spent: (store) => store.spent({ from: NOON, agent: 'claude' }),
  'capped claim': async (store) => {
    const task = await submitQueued(store, 't-agent', { spec: { work: agentWork(OPUS) } });
    const budget = { name: 'b', limitUsd: 9, agent: null, group: null, owner: null, warn: 1 };
    await store.commit([claim(task)], QUIET, [
      { from: NOON, budget: { ...budget, window: 'day' } },
    ]);
  },
  due: (store) => store.due(NOON, 100),
  nextDue: (store) => store.nextDue(),
  states: (store) => store.states(['t-1', 't-2']),
  inbox: (store) => store.inbox({ owner: 'me', limit: 50 }),
  ack: (store) => store.ack('cli:1000', ['d-t-1.mpv5pc00.c'], NOON),
  duePushes: (store) => store.duePushes('command', NOON, 50),
  'duePushes that pass': (store) => store.duePushes('command', NOON, 50, ['question', 'failure']),
  pushQueues: (store) => store.pushQueues(),
  pushTimes: (store) => store.pushTimes('command'),
  recordPush: (store) => store.recordPush({ subscriber: 'command', at: NOON, error: null }, 5),
  resend: (store) => store.resend(['d-t-1.mpv5pc00.c.command'], NOON),
  endedIn: (store) => store.endedIn({ from: NOON, to: NOON + 9, owner: 'me' }, 9),
  settlePush: (store) =>
    store.settlePush('d-t-1.mpv5pc00.c.command', { kind: 'delivered', at: NOON }),
  deliveries: (store) => store.deliveries('t-1'),
  dead: (store) => store.dead(50),
  remove: (store) => store.remove('t-1'),
  setting: (store) => store.setting('paused'),
  group: (store) => store.group('g-1'),
  addFinding: (store) => store.addFinding(finding('new'), { group: 9, task: 9 }),
  findings: (store) => store.findings('g-1'),
  finding: (store) => store.finding(1),
  putMemory: (store) => store.putMemory(memory('m-1')),
  memory: (store) => store.memory('m-1'),
  schedule: (store) => store.schedule('s-1'),
  dueSchedules: (store) => store.dueSchedules(NOON),
  nextFiring: (store) => store.nextFiring(),
  putSchedule: (store) => store.putSchedule(schedule('s-1')),
};

async function submitAgent(store: Store, outcome: Outcome): Promise<void> {
  const asked = { now: NOON + 9, spec: { work: agentWork(OPUS) } };
  const task = await submitQueued(store, 't-agent', asked);
  await store.commit(attemptWith(task, outcome), QUIET);
}

/** Cheap because there are no more of them than accounts; in the order of their key. */
const FEW: typeof HOT = { holds: (store) => store.holds() };

async function plansOf(ask: (store: Store) => Promise<unknown>): Promise<string[]> {
  const { path, remove } = newFolder();
  const ran = new Set<string>();
  let listening = false;
  const store = openSqlite(path, { trace: (sql) => listening && ran.add(sql) });
  await submitEnded(store, 't-1', { targets: QUIET });
  listening = true;
  await ask(store);
  await store.close();
  const db = new Database(path);
  const steps = [...ran]
    .filter((sql) => /^\s*(WITH|SELECT|UPDATE|DELETE|INSERT)/.test(sql))
    .flatMap((sql) => db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all());
  db.close();
  remove();
  return steps.map(({ detail }) => detail);
}

const SLOW = /^SCAN (?!sqlite_sequence|CONSTANT ROW|json_each|known)|TEMP B-TREE/;

test('a plan that reads or sorts everything is seen', async () => {
  const plans = await plansOf((store) => store.counts());
  expect(plans.filter((plan) => SLOW.test(plan))).not.toEqual([]);
});

test.each(Object.entries(HOT))('%s searches indexes and sorts nothing', async (_, ask) => {
  const plans = await plansOf(ask);
  expect(plans.filter((plan) => SLOW.test(plan))).toEqual([]);
});

test.each(Object.entries(FEW))('%s sorts nothing', async (_, ask) => {
  const plans = await plansOf(ask);
  expect(plans).toEqual(['SCAN hold']);
});

test('lanes are jumped over by their index', async () => {
  const plans = await plansOf((store) => store.lanes());
  expect(plans.filter((plan) => plan.startsWith('SCAN'))).toEqual(['SCAN known', 'SCAN known']);
  expect(plans.join('\n')).toMatch(/SEARCH task USING COVERING INDEX task_to_claim \(lane>\?\)/);
});
