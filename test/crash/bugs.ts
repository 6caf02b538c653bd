import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '../../src/engine/context.ts';
import { NO_CHILDREN } from '../../src/domain/evidence.ts';
import { holdBy } from '../../src/domain/hold-step.ts';
import { TERMINAL } from '../../src/domain/lifecycle.ts';
import { firstStep, type Task, type TaskIn } from '../../src/domain/task.ts';
import type { Agent, Agents } from '../../src/ports/agent.ts';
import type { Notifier } from '../../src/ports/notifier.ts';
import type { NewTask, Store } from '../../src/ports/store.ts';
import type { Supervisor } from '../../src/ports/supervisor.ts';

type StoreBug = (store: Store) => Partial<Store>;
type SupervisorBug = (supervisor: Supervisor, state: string) => Partial<Supervisor>;
type NotifierBug = (notifier: Notifier) => Partial<Notifier>;
type AgentBug = (agent: Agent) => Partial<Agent>;

/** Says that a task is stored, and stores nothing. */
const acknowledgesWithoutStoring: StoreBug = () => ({
  submit: async ({ freshId, spec, runAt, now, node }: NewTask) => {
    const { next } = firstStep(spec, runAt, now);
    const task: Task = { id: freshId, version: 1, node, createdAt: now, spec, ...next };
    return { task, created: true };
  },
});

/** Gives a second wrapper a folder of its own, so that the claim holds nobody back. */
const launchesTwice: SupervisorBug = (supervisor) => ({
  launch: async (task: TaskIn<'claimed'>, how) => {
    await supervisor.launch(task, how);
    const attempt = { ...task.attempt, number: task.attempt.number + 100 };
    await supervisor.launch({ ...task, attempt }, how);
  },
});

/** Takes every process that is over for one that vanished. */
const forgetsTheRecord: SupervisorBug = (supervisor) => ({
  inspect: async (task) => {
    const seen = await supervisor.inspect(task);
    return seen.kind === 'exited' ? { ...seen, kind: 'gone', how: 'vanished' } : seen;
  },
});

/** Lets go what left the command's process group. */
const leavesGrandchildren: SupervisorBug = () => ({ endSurvivors: async () => [] });

/** Takes a push for delivered that was never sent. */
const pushesNothing: NotifierBug = () => ({ push: async () => undefined });

/** Tells the same end under two ids. */
const pushesUnderNewIds: NotifierBug = (notifier) => ({
  push: async ([first, ...others]) => {
    const told = await notifier.push([first, ...others]);
    const again = { ...first, delivery: { ...first.delivery, id: `${first.delivery.id}.again` } };
    // The receiver is down when it is called first.
    await notifier.push([again]).catch(() => notifier.push([again]));
    return told;
  },
});

/** Hides every inbox after the first look into it. */
const showsAnInboxOnce: StoreBug = (store) => {
  const shown = new Set<string>();
  return {
    inbox: async (query) => {
      const found = (await store.inbox(query)).filter(({ id }) => !shown.has(id));
      for (const { id } of found) shown.add(id);
      return found;
    },
  };
};

/** Throws an output away as soon as its command has ended. */
const deletesOutputs: SupervisorBug = (supervisor, state) => ({
  inspect: async (task) => {
    const seen = await supervisor.inspect(task);
    const output = join(state, 'tasks', task.id, String(task.attempt.number), 'output');
    if (seen.kind === 'exited') rmSync(output, { force: true });
    return seen;
  },
});

/** Cleans up what its owner was not told of. */
const collectsTooEarly: StoreBug = (store) => ({
  removable: async (_, limit) => (await store.list({ states: TERMINAL, limit })).tasks,
  remove: async (id) => {
    const task = await store.get(id);
    const open = (await store.deliveries(id)).map((delivery) => delivery.id);
    if (task !== null) await store.ack(task.spec.owner, open, task.createdAt);
    for (const delivery of open)
      await store.settlePush(delivery, { kind: 'delivered', at: task?.createdAt ?? 0 });
    return store.remove(id);
  },
});

/** Does not see a task whose stop was asked for before a restart. */
const overlooksStops: StoreBug = (store) => ({
  live: async (node) => (await store.live(node)).filter(({ state }) => state !== 'stopping'),
  due: async (...given) => (await store.due(...given)).filter(({ state }) => state !== 'stopping'),
});

/** Skips a number, as if an attempt had never been recorded. */
const skipsAttempts: StoreBug = (store) => ({
  commit: (steps, targets) => {
    const [{ event, next }] = steps;
    if (event === 'claim' && next.attempt !== null) next.attempt.number += 1;
    return store.commit(steps, targets);
  },
});

/** Holds a refused account only after the end of the attempt was stored. */
const holdsTooLate: StoreBug = (store) => ({
  commit: async (steps, targets) => {
    const spec = (await store.get(steps[0].id))?.spec;
    const holds = spec === undefined ? [] : steps.map((step) => holdBy(step, spec, null) ?? []);
    const accounts = holds.flat().map(({ account }) => account);
    // Calls of one turn are one transaction.
    const [task] = await Promise.all([
      store.commit(steps, targets),
      store.dropHolds(accounts, 'released', steps[0].at),
    ]);
    for (const hold of holds.flat()) await store.setHold(hold);
    return task;
  },
});

/** Takes in each line twice. */
const readsTwice: AgentBug = (agent) => ({
  reader: () => {
    const reader = agent.reader();
    return {
      line: (...given) => {
        const events = reader.line(...given);
        return events === null ? null : [...events, ...events];
      },
    };
  },
});

/** Begins a session where one is to be gone on with. */
const resumesNothing: AgentBug = (agent) => ({
  launch: (request) => agent.launch({ ...request, resume: false }),
});

/** Gives the program another session than the one that was stored at the claim. */
const choosesSessionsAnew: AgentBug = (agent) => ({
  launch: (request) => agent.launch({ ...request, sessionId: randomUUID() }),
});

/** Takes a task with children for one without. */
const forgetsChildren: StoreBug = () => ({ children: async () => NO_CHILDREN });

const OF_STORE: Record<string, StoreBug> = {
  forgetsChildren,
  acknowledgesWithoutStoring,
  showsAnInboxOnce,
  collectsTooEarly,
  overlooksStops,
  skipsAttempts,
  holdsTooLate,
};
const OF_SUPERVISOR: Record<string, SupervisorBug> = {
  launchesTwice,
  forgetsTheRecord,
  leavesGrandchildren,
  deletesOutputs,
};
const OF_NOTIFIER: Record<string, NotifierBug> = { pushesNothing, pushesUnderNewIds };
const OF_AGENT: Record<string, AgentBug> = { readsTwice, resumesNothing, choosesSessionsAnew };

/** The port with one defect in it, for the port that has it. */
export function withBug<K extends keyof Ports>(
  bug: string,
  state: string,
  name: K,
  port: Ports[K],
): Ports[K] {
  return overlay(port, faults(bug, state, name, port));
}

function faults(bug: string, state: string, name: keyof Ports, port: Ports[keyof Ports]): object {
  switch (name) {
    case 'store':
      return OF_STORE[bug]?.(port as Store) ?? {};
    case 'supervisor':
      return OF_SUPERVISOR[bug]?.(port as Supervisor, state) ?? {};
    case 'notifier':
      return OF_NOTIFIER[bug]?.(port as Notifier) ?? {};
    case 'agents':
      return withAgentBug(port as Agents, OF_AGENT[bug]);
    default:
      return {};
  }
}

const withAgentBug = (agents: Agents, bug: AgentBug | undefined): Partial<Agents> =>
  bug === undefined
    ? {}
    : {
        get: (name) => {
          const agent = agents.get(name);
          return agent === null ? null : overlay(agent, bug(agent));
        },
      };

/** `base` with some methods replaced; the others keep their `this`. */
function overlay<T extends object>(base: T, methods: object): T {
  return new Proxy(base, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
