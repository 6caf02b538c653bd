import type { Attempt } from '../../domain/attempt.ts';
import { NO_TARGETS } from '../../domain/delivery.ts';
import { LIFECYCLE, type State } from '../../domain/lifecycle.ts';
import { assertSameContent, chooseId } from '../../domain/submission.ts';
import { apply, firstStep, type Step, type Task } from '../../domain/task.ts';
import { toldBy } from '../../domain/told.ts';
import type { NewTask, Store, Submitted } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';
import { rows } from './rows.ts';
import { expenseRows } from './spending.ts';

type Verb = 'submit' | 'commit' | 'amend' | 'get' | 'attempts' | 'endedAttempts';

export function taskVerbs(core: Core): Pick<Store, Verb> {
  const { db, read, write } = core;
  const { updateTask, addHistory, keepAttempt, settleHolds, addDelivery } = rows(db);
  const { settleExpense, isCapped } = expenseRows(db);
  const byId = db.prepare<[string], TaskRow>(`SELECT ${TASK_COLUMNS} FROM task WHERE id = ?`);
  const ofTask = db
    .prepare<[string], string>('SELECT facts FROM attempt WHERE task_id = ? ORDER BY number')
    .pluck();
  const find = (id: string): Task | null => {
    const row = byId.get(id);
    return row === undefined ? null : toTask(row);
  };
  const attempts = (id: string): Attempt[] =>
    ofTask.all(id).map((facts) => JSON.parse(facts) as Attempt);
  const submit = submission(core);

  return {
    submit: (asked) => write(() => submit(asked)),
    commit: (steps, targets, caps = []) =>
      write(() => {
        const before = find(steps[0].id);
        if (before === null || !isNext(before, steps[0])) return null;
        if (isCapped(steps, before.spec, caps)) return null;
        let after = before;
        const chain = steps.map((step) => ({
          step,
          from: after,
          task: (after = apply(after, step)),
        }));
        if (!updateTask(before, after)) return null;
        for (const { step, from, task } of chain) {
          addHistory(task, step.event, step.at);
          keepAttempt(task.id, task.attempt);
          settleHolds(task, step, targets);
          settleExpense(task.spec, step);
          for (const one of toldBy(from, task, step.at, targets)) addDelivery(one);
        }
        return after;
      }),
    amend: ({ id, version, next }, targets = NO_TARGETS) =>
      write(() => {
        const before = find(id);
        if (before?.version !== version || before.state !== next.state) return null;
        const { node, createdAt, spec } = before;
        const after: Task = { id, node, createdAt, spec, version: version + 1, ...next };
        if (!updateTask(before, after)) return null;
        keepAttempt(id, after.attempt);
        for (const one of toldBy(before, after, createdAt, targets)) addDelivery(one);
        return after;
      }),
    get: (id) => read(() => find(id)),
    attempts: (id) => read(() => attempts(id)),
    endedAttempts: (id) => read(() => attempts(id).filter((attempt) => attempt.outcome !== null)),
  };
}

function isNext(task: Task, { version, event }: Step): boolean {
  const from: readonly State[] = LIFECYCLE[event].from;
  return task.version === version && from.includes(task.state);
}

function submission({ db }: Core) {
  const { addTask, addHistory } = rows(db);
  const byKey = db.prepare<[string], TaskRow & { content_hash: string }>(
    `SELECT ${TASK_COLUMNS}, content_hash FROM task WHERE key = ?`,
  );
  const state = db.prepare<[string], State>('SELECT state FROM task WHERE id = ?').pluck();
  const uncleared = db.prepare<[string], 1>('SELECT 1 FROM uncleared WHERE id = ?').pluck();

  return ({ id: asked, freshId, spec, contentHash, runAt, now, node }: NewTask): Submitted => {
    const known = spec.key === null ? undefined : byKey.get(spec.key);
    if (spec.key !== null && known !== undefined) {
      assertSameContent(spec.key, known.id, known.content_hash, contentHash);
      return { task: toTask(known), created: false };
    }
    const id = chooseId(asked, freshId, {
      stateOf: (other) => state.get(other),
      isUncleared: (other) => uncleared.get(other) === 1,
    });
    const { event, next } = firstStep(spec, runAt, now);
    const task: Task = { id, version: 1, node, createdAt: now, spec, ...next };
    addTask(task, contentHash);
    addHistory(task, event, now);
    return { task, created: true };
  };
}
