import type { Attempt } from '../../domain/attempt.ts';
import { NO_TARGETS, reasonOf } from '../../domain/delivery.ts';
import { type Event, LIFECYCLE, type State } from '../../domain/lifecycle.ts';
import { assertSameContent, chooseId } from '../../domain/submission.ts';
import { apply, firstStep, isEnded, type Step, type Task } from '../../domain/task.ts';
import { toldBy } from '../../domain/told.ts';
import type { NewTask, Store, Submitted } from '../../ports/store.ts';
import { settleHolds } from './holds.ts';
import { addDelivery, checksOf, copy, isProtected, type Records } from './records.ts';
import { isOverdrawn, settleExpense } from './spending.ts';

type Verb =
  | 'submit'
  | 'commit'
  | 'amend'
  | 'get'
  | 'keyed'
  | 'attempts'
  | 'endedAttempts'
  | 'remove'
  | 'uncleared'
  | 'cleared';

export function taskVerbs(records: Records): Pick<Store, Verb> {
  const { tasks, attempts } = records;
  const attemptsOf = (id: string): Attempt[] =>
    copy([...(attempts.get(id)?.values() ?? [])].sort((a, b) => a.number - b.number));
  return {
    submit: async (asked) => copy(submit(records, asked)),
    commit: async (steps, targets, caps = []) => {
      const before = tasks.get(steps[0].id);
      if (before === undefined || !isNext(before, steps[0])) return null;
      if (isOverdrawn(records, steps, before.spec, caps)) return null;
      const chain: Task[] = [];
      for (const step of steps) chain.push(apply(chain.at(-1) ?? before, copy(step)));
      for (const [at, task] of chain.entries()) {
        put(records, task);
        const step = steps[at] ?? steps[0];
        record(records, task, step.event, step.at);
        settleHolds(records, task, step, targets);
        settleExpense(records, task.spec, step);
        const from = chain[at - 1] ?? before;
        for (const one of toldBy(from, task, step.at, targets)) addDelivery(records, one);
      }
      return copy(chain.at(-1) ?? null);
    },
    amend: async ({ id, version, next }, targets = NO_TARGETS) => {
      const task = tasks.get(id);
      if (task?.version !== version || task.state !== next.state) return null;
      const { node, createdAt, spec } = task;
      const amended: Task = { id, node, createdAt, spec, version: version + 1, ...copy(next) };
      put(records, amended);
      for (const one of toldBy(task, amended, createdAt, targets)) addDelivery(records, one);
      return copy(amended);
    },
    get: async (id) => copy(tasks.get(id) ?? null),
    keyed: async (keys) =>
      new Map(
        keys.flatMap((key) => {
          const task = tasks.get(records.keys.get(key)?.id ?? '');
          if (task === undefined) return [];
          const { id, state, createdAt } = task;
          return [[key, { id, state, createdAt }] as const];
        }),
      ),
    attempts: async (id) => attemptsOf(id),
    endedAttempts: async (id) => attemptsOf(id).filter((attempt) => attempt.outcome !== null),
    uncleared: async () => [...records.uncleared].sort(),
    cleared: async (id) => void records.uncleared.delete(id),
    remove: async (id) => {
      const task = tasks.get(id);
      if (task === undefined || !isEnded(task) || isProtected(records, task)) return false;
      for (const gone of [task, ...checksOf(tasks, id)]) {
        forget(records, gone);
        records.uncleared.add(gone.id);
      }
      return true;
    },
  };
}

function isNext(task: Task, { version, event }: Step): boolean {
  const from: readonly State[] = LIFECYCLE[event].from;
  return task.version === version && from.includes(task.state);
}

function submit(records: Records, asked: NewTask): Submitted {
  const { tasks, keys } = records;
  const { spec, contentHash, node, now } = asked;
  const known = spec.key === null ? undefined : keys.get(spec.key);
  const earlier = known && tasks.get(known.id);
  if (spec.key !== null && known && earlier) {
    assertSameContent(spec.key, known.id, known.contentHash, contentHash);
    return { task: earlier, created: false };
  }
  const id = chooseId(asked.id, asked.freshId, {
    stateOf: (other) => tasks.get(other)?.state,
    isUncleared: (other) => records.uncleared.has(other),
  });
  const { event, next } = firstStep(spec, asked.runAt, now);
  const task: Task = { id, version: 1, node, createdAt: now, spec: copy(spec), ...next };
  if (spec.key !== null) keys.set(spec.key, { id, contentHash });
  put(records, task);
  record(records, task, event, now);
  return { task, created: true };
}

function put({ tasks, attempts }: Records, task: Task): void {
  tasks.set(task.id, task);
  if (task.attempt === null) return;
  const rows = attempts.get(task.id) ?? new Map<number, Attempt>();
  attempts.set(task.id, rows.set(task.attempt.number, task.attempt));
}

function record(records: Records, task: Task, event: Event, at: number): void {
  const { id: taskId, version, state } = task;
  const seq = ++records.lastSeq;
  records.history.push({ seq, taskId, version, event, state, reason: reasonOf(task), at });
}

function forget(records: Records, { id, spec }: Task): void {
  records.tasks.delete(id);
  records.attempts.delete(id);
  if (spec.key !== null) records.keys.delete(spec.key);
  records.history = records.history.filter((change) => change.taskId !== id);
  for (const one of records.deliveries.values())
    if (one.taskId === id) records.deliveries.delete(one.id);
  for (const one of records.merges.values()) if (one.taskId === id) records.merges.delete(one.seq);
  for (const one of records.watches.values()) if (one.taskId === id) records.watches.delete(one.id);
}
