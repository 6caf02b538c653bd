/** Whatever is asked of them, in whatever order, the stores answer alike. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openMemory } from '../../src/adapters/memory/store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import type { Cap } from '../../src/domain/cap.ts';
import { reminder } from '../../src/domain/delivery.ts';
import { manualHold } from '../../src/domain/holds.ts';
import { COST_KEYS } from '../../src/domain/spent.ts';
import { apply, type Task } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import { newFolder } from './folder.ts';
import { finding } from './group.rules.ts';
import { memory } from './memory.rules.ts';
import { schedule } from './schedule-rows.rules.ts';
import { outcomeAt, someStep } from './random-steps.ts';
import { agentWork, attemptWith, candidates, newTask, NOON } from './sample.ts';

/** What is done to a store, with the numbers that fill in the details. */
interface Command {
  verb: (typeof VERBS)[number];
  which: number;
  choice: number;
}

type Ask = (store: Store) => Promise<unknown>;

const VERBS = [
  ...(['submit', 'step', 'step', 'step', 'chain', 'chain'] as const),
  ...(['amend', 'ack', 'settle', 'push', 'remind', 'remove', 'set'] as const),
  ...(['attempt', 'attempt', 'hold', 'drop', 'schedule', 'forget', 'share', 'know'] as const),
] as const;
const command = fc.record<Command>({
  verb: fc.constantFrom(...VERBS),
  which: fc.nat(999),
  choice: fc.nat(2 ** 20),
});
/** The commands of one inner list are asked for in one turn. */
const commands = fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), { maxLength: 40 });

const TARGETS = { webhooks: ['hook'], onDone: true };
const OWNERS = ['me', 'you'] as const;
const SUBSCRIBERS = ['command', 'webhook:hook'] as const;
/** One that some attempts of a run fit into. */
const CAPS: readonly Cap[] = [
  {
    from: NOON + 30,
    budget: {
      name: 'b',
      limitUsd: 5,
      window: 'ever',
      agent: 'claude',
      group: null,
      owner: null,
      warn: 1,
    },
  },
];
/** No account: a command. */
const ACCOUNTS = ['claude/default/opus', 'codex/default/default', null];

/** Every task, and after them the checks of all of them. */
async function stored(store: Store): Promise<Task[]> {
  const { tasks } = await store.list({ limit: 999 });
  return [...tasks, ...(await Promise.all(tasks.map(({ id }) => store.checksOf(id)))).flat()];
}

/** The question put to both stores, made from what one of them holds. */
async function questionOf(
  model: Store,
  { verb, which, choice }: Command,
  now: number,
): Promise<Ask> {
  const tasks = await stored(model);
  const task = tasks[which % Math.max(tasks.length, 1)];
  const deliveries = task === undefined ? [] : await model.deliveries(task.id);
  const delivery = deliveries[choice % Math.max(deliveries.length, 1)]?.id ?? 'd-none';
  if (verb === 'submit' || task === undefined) return submission(which, choice, now, tasks);
  switch (verb) {
    case 'step':
    case 'chain': {
      const first = someStep(task, choice, now);
      if (first === null) return (store) => store.get(task.id);
      const second = someStep(apply(task, first), choice >> 3, now + 1);
      const chain = verb === 'chain' && second !== null ? [second] : [];
      return (store) => store.commit([first, ...chain], TARGETS);
    }
    case 'attempt': {
      if (task.state !== 'queued') return (store) => store.get(task.id);
      const steps = attemptWith(task, outcomeAt(now + choice), now);
      return (store) => store.commit(steps, TARGETS, choice % 2 ? CAPS : []);
    }
    case 'amend': {
      const { id, version, node: _node, createdAt: _createdAt, spec: _spec, ...next } = task;
      return (store) => store.amend({ id, version: version - (choice % 2), next });
    }
    case 'ack':
      return (store) => store.ack(OWNERS[which % 2] ?? 'me', [delivery, delivery], now);
    case 'settle': {
      const retry = { kind: 'retry', at: now, nextAt: now + choice, error: 'no' } as const;
      const done = { kind: choice % 3 ? 'delivered' : 'dead', at: now, error: 'no' } as const;
      return (store) => store.settlePush(delivery, choice % 5 ? done : retry);
    }
    case 'push': {
      const sent = { subscriber: SUBSCRIBERS[which % 2] ?? 'command', at: now } as const;
      return async (store) => {
        await store.recordPush({ ...sent, error: choice % 3 ? null : 'no' }, choice % 3);
        const times = await store.pushTimes(sent.subscriber);
        return choice % 2 ? times : store.resend(choice % 3 ? [delivery] : 'all', now);
      };
    }
    case 'remind': {
      const due = reminder(task, now + 600_000 * (1 + (choice % 2)));
      return async (store) => due !== null && store.deliver(due);
    }
    case 'remove':
      return (store) => store.remove(task.id);
    case 'hold': {
      const time = choice % 4 ? (choice % 40) - 10 : null;
      const hold = manualHold('claude', time, 'laid aside', now);
      const account = choice & 1 ? hold.account : (ACCOUNTS[which % 3] ?? hold.account);
      return (store) => store.setHold({ ...hold, account });
    }
    case 'drop':
      return (store) =>
        store.dropHolds(
          ['claude/*', 'claude/drained', ACCOUNTS[which % 3] ?? 'claude/*'],
          choice % 2 ? 'released' : 'acknowledged',
          now,
        );
    case 'schedule': {
      const nextAt = choice % 4 ? now + (choice % 40) - 20 : null;
      const one = { createdAt: now - (choice % 3), nextAt, environment: `e-${choice % 5}` };
      return (store) => store.putSchedule(schedule(`s-${which % 4}`, one));
    }
    case 'share': {
      const [text, group] = [`text ${choice % 7}.`, `g-${which % 2}`];
      if (choice % 9 === 0) return (store) => store.dropGroup(group);
      const found = finding(text, { group, at: now, taskId: choice % 2 ? 't-1' : null });
      return (store) => store.addFinding(found, { group: 5, task: 2 });
    }
    case 'know': {
      const folder = choice % 3 ? `/${'ab'[which % 2]}` : null;
      const expiresAt = choice % 4 ? null : now + (choice % 40) - 20;
      const endedAt = choice % 5 ? null : now;
      const changes = { createdAt: now - (choice % 3), folder, expiresAt, endedAt };
      const id = `m-${which % 6}`;
      const text = `b${which % 6} ä`;
      return (store) => store.putMemory(memory(id, { ...changes, text }));
    }
    case 'forget':
      return (store) => store.dropSchedule(`s-${which % 4}`);
    default:
      return (store) => store.setSetting(`s${which % 3}`, choice % 4 ? `${choice}` : null);
  }
}

function submission(which: number, choice: number, now: number, tasks: readonly Task[]): Ask {
  const other = tasks[choice % Math.max(tasks.length, 1)]?.id ?? 't-none';
  const account = ACCOUNTS[(which >> 2) % 3] ?? null;
  const when = (['success', 'failure', 'always'] as const)[choice % 3] ?? 'always';
  const task = newTask(`t-${choice % 50}`, {
    id: choice % 5 === 0 ? `named-${which % 3}` : null,
    contentHash: `c${which % 2}`,
    runAt: choice % 3 === 0 ? now + (choice % 40) - 20 : null,
    now,
    node: which % 4 ? 'here' : 'there',
    spec: {
      ...(account !== null && { work: agentWork(account) }),
      key: choice % 4 === 0 ? `k${which % 4}` : null,
      owner: OWNERS[which % 2] ?? 'me',
      group: choice % 2 ? 'g-1' : null,
      parent: choice % 7 === 0 ? other : null,
      environment: choice % 2 ? `e-${which % 3}` : null,
      priority: (choice % 5) - 2,
      queueTimeout: choice % 6 === 0 ? 30 : null,
      notify: which % 3 ? 'always' : 'on_failure',
      after: choice % 4 === 1 ? [{ task: other, when }] : [],
      ...(choice % 6 === 2 && {
        check: { of: other, attempt: 1, what: 'verify', nth: choice % 3, commit: 'c0ffee' },
      }),
    },
  });
  return (store) => store.submit(task);
}

const settle = async (answers: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(answers)).map((answer) =>
    answer.status === 'fulfilled' ? answer.value : `refused: ${String(answer.reason)}`,
  );

/** Everything the store can be asked without changing it. */
async function everything(store: Store, now: number): Promise<unknown[]> {
  const tasks = await stored(store);
  const ids = tasks.map(({ id }) => id);
  const perTask = ids.flatMap((id) => [
    store.attempts(id),
    store.endedAttempts(id),
    store.history(id),
    store.deliveries(id),
    store.released(id, ['success', 'failure']),
    store.children(id),
    store.checksOf(id),
  ]);
  const answers = [
    store.list({ limit: 999 }),
    store.list({ limit: 3, states: ['queued', 'failed', 'completed'] }),
    store.list({ limit: 3, owner: 'me' }),
    store.list({ limit: 9, group: 'g-1', states: ['waiting', 'queued'] }),
    store.list({ limit: 9, text: 'named' }),
    store.resolve('t-1', 5),
    store.changes(3, 999),
    store.lastSeq(),
    store.counts(),
    store.live('here'),
    store.lanes(),
    candidates(store, 5, now),
    candidates(store, 5, now + 40),
    candidates(store, 99, now + 24 * 3_600_000),
    store.holds(),
    store.spent({ from: 0 }),
    store.spent({ from: NOON + 30, to: now, agent: 'claude', owner: 'me' }),
    ...COST_KEYS.map((by) => store.costs({ from: 0, by: by === 'day' ? null : by, limit: 3 })),
    store.agentChanges(99),
    store.agentChanges(2, 'claude'),
    store.due(now, 999),
    store.nextDue(),
    store.states(ids),
    store.releasable(5),
    store.inbox({ owner: 'me', limit: 5 }),
    ...SUBSCRIBERS.map((one) => store.duePushes(one, now + 1000, 5)),
    store.duePushes('command', now, 5, ['failure']),
    store.pushQueues(),
    store.receivers(),
    store.endedIn({ from: 0, to: now, owner: null }, 5),
    store.endedIn({ from: NOON + 9, to: now, owner: 'me' }, 5),
    store.dead(5),
    store.removable(now, 5),
    store.environments(),
    store.schedules(),
    store.schedule('s-1'),
    store.dueSchedules(now),
    store.nextFiring(),
    store.setting('s1'),
    store.groups(),
    store.findings('g-1'),
    store.memories({ folders: null, words: [], at: null, limit: 99 }),
    store.memories({ folders: ['/a'], words: ['b'], at: now, limit: 2 }),
    store.countMemories(now),
    ...perTask,
  ];
  return Promise.all<unknown>(answers);
}

test('memory and sqlite answer every sequence of questions alike', async () => {
  const both = fc.asyncProperty(commands, async (turns) => {
    const { path, remove } = newFolder();
    const [memory, sqlite] = [openMemory(), openSqlite(path)];
    try {
      let now = NOON;
      for (const turn of turns) {
        now += 7;
        const asks = await Promise.all(turn.map((one) => questionOf(memory, one, now)));
        const expected = await settle(asks.map((ask) => ask(memory)));
        expect(await settle(asks.map((ask) => ask(sqlite)))).toEqual(expected);
      }
      expect(await everything(sqlite, now)).toEqual(await everything(memory, now));
    } finally {
      await sqlite.close();
      remove();
    }
  });
  await fc.assert(both, { numRuns: 150 });
});
