/** What `decide` promises about every task and every evidence, however odd. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLimit } from '../../src/domain/agent-outcome.ts';
import { settlesAt } from '../../src/domain/agent-watch.ts';
import { decide, decideAll, requestStop } from '../../src/domain/decide.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { holdBy } from '../../src/domain/hold-step.ts';
import { isTerminal, LIFECYCLE, STATES, type State, TERMINAL } from '../../src/domain/lifecycle.ts';
import { apply, dueAt, type Next, type Step, type Task } from '../../src/domain/task.ts';
import { parks } from '../../src/domain/worker.ts';
import { hold } from './agent-arbitraries.ts';
import { attemptEvidence, evidence, moment, task, taskIn } from './arbitraries.ts';
import { orNull } from './values.ts';

const RUNS = { numRuns: 1_000 };
/** A durable write and a new daemon: nothing but what can be stored comes through. */
const restarted = (seen: Task): Task => JSON.parse(JSON.stringify(seen)) as Task;

test('it is total, and proposes legal steps only', () => {
  fc.assert(
    fc.property(task, evidence, moment, (seen, shown, now) => {
      const next = decide(seen, shown, now);
      if (next === null) return;
      const row: { from: readonly State[]; to: readonly State[] } = LIFECYCLE[next.event];
      expect(row.from).toContain(seen.state);
      expect(row.to).toContain(next.next.state);
      expect(next).toMatchObject({ id: seen.id, version: seen.version, at: now });
    }),
    RUNS,
  );
});

test('it is a function: the same task and evidence, the same step', () => {
  fc.assert(
    fc.property(task, evidence, moment, (seen, shown, now) => {
      expect(decide(restarted(seen), shown, now)).toEqual(decide(seen, shown, now));
    }),
    RUNS,
  );
});

test('ended is ended, whatever is shown', () => {
  fc.assert(
    fc.property(taskIn(...TERMINAL), evidence, moment, (seen, shown, now) => {
      expect(decide(seen, shown, now)).toBeNull();
      expect(decideAll(seen, shown, now)).toEqual([]);
    }),
    RUNS,
  );
});

test('a pass ends where nothing is left to decide, or where a wait has to be durable first', () => {
  fc.assert(
    fc.property(task, evidence, moment, (seen, shown, now) => {
      const steps = decideAll(seen, shown, now);
      expect(steps.length).toBeLessThanOrEqual(4);
      const end = steps.reduce(apply, seen);
      const last = steps.at(-1)?.event;
      if (last !== 'requeue' && last !== 'unclaim') expect(decide(end, shown, now)).toBeNull();
    }),
    RUNS,
  );
});

test('dying between any two steps of a pass changes nothing: the next pass goes on', () => {
  fc.assert(
    fc.property(task, evidence, moment, (seen, shown, now) => {
      const straight = decideAll(seen, shown, now);
      let survivor = restarted(seen);
      for (const step of straight) {
        const again = decideAll(survivor, shown, now)[0];
        expect(again).toEqual(step);
        survivor = restarted(apply(survivor, again as Step));
      }
      expect(survivor).toEqual(restarted(straight.reduce(apply, seen)));
    }),
    RUNS,
  );
});

test('a stored stop reason wins, unless the record proves that the work ended first', () => {
  const exited = evidence.chain((shown) =>
    attemptEvidence.map((attempt): Evidence => ({ ...shown, attempt })),
  );
  fc.assert(
    fc.property(taskIn('stopping'), exited, moment, (seen, shown, now) => {
      const next = decide(seen, shown, now)?.next;
      if (next?.state !== 'finishing') return;
      const { attempt } = shown;
      const proved = attempt.kind === 'exited' && attempt.at + 10 < seen.stop.requestedAt;
      const { outcome } = next.attempt;
      const { worker } = seen.attempt;
      const said = shown.agent?.outcome ?? null;
      // A process was known, and its folder is gone.
      const ran = ['exited', 'gone', 'none'].includes(attempt.kind);
      const isSettled = seen.stop.reason === 'settled';
      if ((proved || isSettled) && ran && parks(worker))
        expect(outcome).toEqual({ kind: 'parked' });
      // One that was stopped because it had said what it came to has come to that.
      else if (said !== null && (proved || isSettled))
        expect([said, ...(worker?.finish ? [{ kind: 'ok' }] : [])]).toContainEqual(outcome);
      else if (proved) expect(['exited', 'signaled']).toContain(outcome.kind);
      else expect(outcome).toEqual({ kind: 'stopped', reason: seen.stop.reason });
    }),
    RUNS,
  );
});

test('a cancelled task was stopped, a completed one exited with 0 or its agent said that it is done', () => {
  fc.assert(
    fc.property(task, evidence, moment, (seen, shown, now) => {
      if (isTerminal(seen.state)) return;
      const end = decideAll(seen, shown, now).reduce(apply, seen);
      if (end.state === 'completed')
        expect([{ kind: 'exited', code: 0 }, { kind: 'ok' }]).toContainEqual(end.attempt.outcome);
      const isNeeded = !(shown.orphaned && (seen.state === 'waiting' || seen.state === 'queued'));
      // Or it had ended by itself just then, and would have been tried again.
      if (end.state === 'cancelled' && isNeeded && end.attempt?.cancelled !== end.reason)
        expect(end.attempt?.outcome).toEqual({ kind: 'stopped', reason: end.reason });
      if (end.state === 'skipped') expect(end.attempt).toBeNull();
    }),
    RUNS,
  );
});

test('no task ends well before its children have ended, nor when one of them failed', () => {
  fc.assert(
    fc.property(task, evidence, moment, (seen, shown, now) => {
      const end = decideAll(seen, shown, now).reduce(apply, seen);
      if (isTerminal(seen.state) || end.state !== 'completed') return;
      expect(shown.children).toMatchObject({ open: 0, failed: 0 });
      expect(end.endedAt).toBeGreaterThanOrEqual(shown.children.endedAt ?? 0);
    }),
    RUNS,
  );
});

test('an attempt keeps its number, node, claim and plan through every step', () => {
  fc.assert(
    fc.property(taskIn('claimed', 'running', 'stopping'), evidence, moment, (seen, shown, now) => {
      const { number, node, claimedAt, agent } = seen.attempt;
      for (const { next } of decideAll(seen, shown, now)) {
        expect(next.attempt).toMatchObject({ number, node, claimedAt });
        expect(next.attempt?.agent?.resumed).toBe(agent?.resumed);
        expect(next.attempt?.agent?.before).toEqual(agent?.before);
      }
    }),
    RUNS,
  );
});

test('an agent that has said what it came to, or has asked, is stopped for no other reason', () => {
  fc.assert(
    fc.property(taskIn('running'), evidence, moment, (seen, shown, now) => {
      const next = decide(seen, shown, now)?.next;
      if (next?.state !== 'stopping') return;
      const isSettled = settlesAt(seen.attempt) < Infinity;
      expect(next.stop.reason === 'settled').toBe(isSettled);
    }),
    RUNS,
  );
});

test('an agent is interrupted, then asked, then killed; a command is asked at once', () => {
  fc.assert(
    fc.property(taskIn('claimed', 'running'), moment, moment, (seen, grace, now) => {
      const { next } = requestStop(seen, 'user', grace, now);
      const { requestedAt, termAt, killAt } = (next as Next<'stopping'>).stop;
      expect([requestedAt, killAt]).toEqual([now, now + grace]);
      expect(termAt !== undefined).toBe(seen.spec.work.kind === 'agent' && grace > 0);
      if (termAt === undefined) return;
      expect(termAt).toBeGreaterThan(requestedAt);
      expect(termAt).toBeLessThan(killAt);
    }),
  );
});

test("only the end of an agent's attempt changes a hold, and only of its own account", () => {
  fc.assert(
    fc.property(task, evidence, orNull(hold), moment, (seen, shown, previous, now) => {
      for (const step of decideAll(seen, shown, now)) {
        const after = holdBy(step, seen.spec, previous);
        if (after === undefined) continue;
        expect(step.event).toBe('exit');
        const { work } = seen.spec;
        const account = work.kind === 'agent' ? work.account : null;
        expect([account, previous?.account]).toContain(after?.account ?? account);
        const kind = step.next.attempt?.outcome?.kind ?? '';
        expect(kind === 'ok' || isLimit(kind)).toBe(true);
        expect(after === null).toBe(kind === 'ok');
      }
    }),
    RUNS,
  );
});

test('what only the passing of time decides is announced by dueAt', () => {
  const twoMoments = fc
    .tuple(moment, moment)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const unwatched = evidence.map((shown): Evidence => ({ ...shown, vitals: null }));
  fc.assert(
    fc.property(taskIn(...STATES), unwatched, twoMoments, (seen, shown, [earlier, later]) => {
      if (decide(seen, shown, earlier) !== null || decide(seen, shown, later) === null) return;
      const due = dueAt(seen);
      expect(due).not.toBeNull();
      expect(due).toBeGreaterThan(earlier);
      expect(due).toBeLessThanOrEqual(later);
    }),
    { numRuns: 5_000 },
  );
});
