/** Whatever a task does, and whatever its checks say: what holds of its work from the first attempt to the end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentWork } from '../../src/domain/agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from '../../src/domain/attempt.ts';
import type { CheckKind, Checks } from '../../src/domain/checks.ts';
import { decideAll } from '../../src/domain/decide.ts';
import { type CheckSeen, type Evidence, NO_CHILDREN } from '../../src/domain/evidence.ts';
import { judgeMarker } from '../../src/domain/judging.ts';
import { reasonOf } from '../../src/domain/delivery.ts';
import { look } from '../../src/domain/pipeline.ts';
import { NO_CHANGE, NO_PRODUCT, resultIn, type Saved } from '../../src/domain/product.ts';
import { sentBack } from '../../src/domain/review.ts';
import { stopFinishing } from '../../src/domain/stop.ts';
import { apply, isEnded, type Task, type TaskIn } from '../../src/domain/task.ts';
import { verdict, verificationOf } from '../../src/domain/verdict.ts';
import { finishing, VERIFY } from '../../src/domain/work-sample.ts';

const ENDS: Record<string, CheckSeen['ended']> = {
  passed: { kind: 'exited', code: 0 },
  failed: { kind: 'exited', code: 1 },
  missing: { kind: 'exited', code: 127 },
  late: { kind: 'stopped', reason: 'timed_out' },
  cancelled: 'cancelled',
  lost: { kind: 'lost', how: 'vanished' },
};
const OUTCOMES: readonly Outcome[] = [
  { kind: 'exited', code: 0 },
  { kind: 'exited', code: 0 },
  { kind: 'exited', code: 0 },
  { kind: 'exited', code: 1 },
  { kind: 'lost', how: 'vanished' },
  { kind: 'stopped', reason: 'timed_out' },
];

/** What an attempt leaves behind. */
interface Made {
  outcome: Outcome;
  on: Saved['on'] | 'unsaved' | 'refused';
  isSuspect: boolean;
  isIdle: boolean;
  outside: boolean;
}
const made = fc.record<Made>({
  outcome: fc.constantFrom(...OUTCOMES),
  on: fc.constantFrom('branch', 'branch', 'branch', 'aside', 'unfinished', 'unsaved', 'refused'),
  isSuspect: fc.boolean(),
  isIdle: fc.boolean(),
  outside: fc.constantFrom(false, false, false, true),
});
const checks = fc.record<Checks>({
  verify: fc.constantFrom(null, VERIFY, VERIFY, { ...VERIFY, from: 'base' as const }),
  fix: fc.nat({ max: 3 }),
  template: fc.constant(null),
  judge: fc.option(fc.record({ work: fc.constant({} as AgentWork), rounds: fc.nat({ max: 2 }) }), {
    nil: null,
  }),
  review: fc.boolean(),
  scope: fc.constant([]),
  denied: fc.constant([]),
  checklist: fc.constantFrom([], [], [], ['documented']),
  bestOf: fc.integer({ min: 1, max: 3 }),
  metric: fc.constantFrom(null, 'wc -l'),
});
/** What is drawn when something is needed: the nth of these, again from the first when they are used up. */
const world = fc.record({
  made: fc.array(made, { minLength: 1, maxLength: 12 }),
  ends: fc.array(fc.constantFrom('passed', 'passed', 'passed', 'failed', ...Object.keys(ENDS)), {
    minLength: 1,
    maxLength: 30,
  }),
  says: fc.array(fc.constantFrom('approve', 'revise', 'escalate', 'nonsense'), { minLength: 1 }),
  /** Look at which the task is stopped; beyond the last = never. */
  stopAt: fc.nat({ max: 60 }),
  reviews: fc.nat({ max: 2 }),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

interface Life {
  task: Task;
  attempts: EndedAttempt[];
  runs: CheckSeen[];
  /** What was done, in order: `save 1`, `verify 1.2`. */
  acts: string[];
  stopped: boolean;
  reviewed: number;
}

const drawn = <T>(from: readonly T[], nth: number): T => from[nth % from.length] as T;

/** Lives through a task from its first attempt to its end. */
function live(asked: Checks, retry: number, given: World): Life {
  const sample = finishing({ ...endedWith(1, drawn(given.made, 0)) }, { checks: asked });
  const spec = { ...sample.spec, retry: { attempts: retry, backoff: [0] } };
  let task: Task = { ...sample, spec };
  const life: Life = { task, attempts: [], runs: [], acts: [], stopped: false, reviewed: 0 };
  const earlier = (): EndedAttempt[] =>
    life.attempts.filter(({ number }) => number < (task.attempt?.number ?? 0));
  for (let looks = 0; !isEnded(task); looks++) {
    if (looks > 400) throw new Error(`it never ends: ${life.acts.join(', ')}`);
    if (task.state === 'finishing' && looks === given.stopAt) {
      life.stopped = true;
      const amendment = stopFinishing(task, 'user');
      if (amendment !== null) task = { ...task, ...amendment.next } as Task;
    }
    const evidence = seen(life.runs, earlier());
    const steps = decideAll(task, evidence, 1_000 + looks);
    task = steps.reduce(apply, task);
    if (task.state === 'finishing') task = act(task, evidence, life, given);
    else if (task.state === 'waiting' || task.state === 'queued') {
      life.attempts.push(task.attempt as EndedAttempt);
      const number = life.attempts.length + 1;
      const attempt = endedWith(number, drawn(given.made, number - 1));
      task = { ...sample, spec, version: task.version + 1, attempt };
    } else if (task.state === 'awaiting_review') {
      if (life.reviewed >= given.reviews) break;
      life.reviewed += 1;
      task = apply(task, sentBack(task, 'Shorter.', 1_000 + looks));
    }
  }
  return { ...life, task };
}

const seen = (runs: readonly CheckSeen[], earlier: readonly EndedAttempt[]): Evidence => ({
  checks: [...runs],
  attempt: { kind: 'none' },
  agent: null,
  readiness: { kind: 'ready' },
  children: NO_CHILDREN,
  earlier,
  vitals: null,
  outputLimit: 1,
  overBudget: false,
  orphaned: false,
  chance: 0,
});

function endedWith(number: number, { outcome, on }: Made): EndedAttempt {
  const refusal = on === 'refused' ? 'no room' : null;
  const prepared = { at: 1, base: 'base', head: 'base', before: null, checkout: null, refusal };
  return {
    number,
    node: 'n',
    claimedAt: 10,
    process: null,
    startedAt: 20,
    deadlineAt: 90,
    endedAt: 30 + number,
    outcome: on === 'refused' ? { kind: 'spawn_failed', detail: 'no room' } : outcome,
    exit: null,
    output: NO_OUTPUT,
    survivors: [],
    workspace: { path: '/w', cwd: '/w', branch: 'b', prepared },
  };
}

/** Does what the work calls for, as the engine does, or ends a check that is waited for. */
function act(task: TaskIn<'finishing'>, evidence: Evidence, life: Life, given: World): Task {
  const due = look(task, evidence);
  const { attempt, version } = task;
  const { number } = attempt;
  if (due.kind === 'wait') {
    const nth = life.runs.indexOf(due.for);
    life.runs[nth] = ended(due.for, life, given, attempt.endedAt);
    return task;
  }
  if (due.kind !== 'act') throw new Error(`nothing is done about ${due.kind}`);
  if (due.act.kind === 'save') {
    life.acts.push(`save ${number}`);
    const product = saving(number, drawn(given.made, number - 1));
    return { ...task, version: version + 1, attempt: { ...attempt, product } };
  }
  const { what, nth, commit } = due.act;
  const name = `${what} ${number}.${nth}`;
  expect(life.acts, 'no check is asked for twice').not.toContain(name);
  // `c3` and `h3` are of the third attempt.
  if (commit !== 'base') expect(life.acts, 'it was saved').toContain(`save ${commit.slice(1)}`);
  expect(attempt.cancelled, 'nothing is asked of a task that was stopped').toBeUndefined();
  life.acts.push(name);
  const id = `t-c${life.runs.length}`;
  const of = 't-1';
  life.runs.push({ of, id, attempt: number, what, nth, commit, ended: null, text: '' });
  return task;
}

function saving(number: number, { on, isSuspect, isIdle, outside }: Made) {
  if (on === 'unsaved' || on === 'refused') return { saved: null, unsaved: 'gone' };
  const change = { ...NO_CHANGE, files: 1, insertions: number };
  const saved: Saved = {
    at: 40,
    commit: `c${number}`,
    tree: `tree${number}`,
    ref: 'r',
    snapshot: 's',
    on,
    change,
    since: isIdle ? NO_CHANGE : change,
    outside: outside ? ['.env'] : [],
    suspects: isSuspect ? ['a.test.ts'] : [],
    honest: isSuspect ? `h${number}` : null,
    touched: [],
  };
  return { saved, unsaved: null };
}

function ended(
  check: CheckSeen,
  { runs }: Life,
  { ends, says }: World,
  endedAt: number,
): CheckSeen {
  const nth = runs.filter((one) => one.ended !== null).length;
  const end = drawn(ends, nth);
  const marker = judgeMarker(check.commit, endedAt);
  const text = JSON.stringify({ decision: drawn(says, nth), reasons: ['so'], marker });
  if (check.what === 'judge')
    return { ...check, ended: end === 'passed' ? { kind: 'ok' } : (ENDS[end] ?? null), text };
  return { ...check, ended: ENDS[end] ?? null, text: `FAIL test ${nth % 3}` };
}

const passed = ({ runs }: Life, number: number, what: CheckKind, commit: string | null): boolean =>
  runs.some(
    (one) =>
      one.attempt === number &&
      one.what === what &&
      one.commit === commit &&
      one.ended !== null &&
      typeof one.ended === 'object' &&
      one.ended.kind === 'exited' &&
      one.ended.code === 0,
  );

const lives = (check: (life: Life, asked: Checks, retry: number) => void): void =>
  fc.assert(
    fc.property(checks, fc.nat({ max: 2 }), world, (asked, retry, given) =>
      check(live(asked, retry, given), asked, retry),
    ),
    { numRuns: 2_000 },
  );

test('it ends, after no more attempts than were allowed', () => {
  lives(({ task, attempts, reviewed }, { bestOf, fix, judge }, retry) => {
    const once = fix + (judge?.rounds ?? 0) + 1;
    const most = bestOf - 1 + once * (reviewed + 1) + retry;
    expect(task.state).toMatch(/completed|failed|cancelled|awaiting_review/);
    expect(attempts.length + 1).toBeLessThanOrEqual(most);
  });
});

test('whatever an attempt came to, its work is saved before anything else', () => {
  lives(({ task, attempts, acts }) => {
    const all = [...attempts, task.attempt as EndedAttempt];
    const begun = all.filter(({ workspace }) => workspace?.prepared?.refusal === null);
    for (const { number, product } of begun) {
      expect(product === undefined || (product.saved ?? product.unsaved)).not.toBeNull();
      const own = acts.filter((name) => name.split(' ')[1]?.split('.')[0] === `${number}`);
      expect(own[0]).toBe(`save ${number}`);
    }
  });
});

test('nothing is verified but what passed, on the very tree, with the checks that it did not change', () => {
  const seenOf = new Set<string>();
  lives((life, { verify }) => {
    const { task } = life;
    const told = verdict(task.state, reasonOf(task), verificationOf(task));
    seenOf.add(told);
    if (told !== 'verified') return;
    const { product = NO_PRODUCT } = task.attempt as EndedAttempt;
    const number = product.best?.number ?? task.attempt?.number ?? 0;
    const { saved, verification } = resultIn(product);
    expect(saved?.commit).toBe(`c${number}`);
    expect(verification?.tree).toBe(`tree${number}`);
    const { honest = null } = saved ?? {};
    if (verify?.from !== 'base' || honest === null)
      expect(passed(life, number, 'verify', `c${number}`)).toBe(true);
    if (honest !== null) expect(passed(life, number, 'honest', honest)).toBe(true);
  });
  expect([...seenOf]).toEqual(expect.arrayContaining(['verified', 'unverified', 'broken']));
});

test('what fails twice, where the base does not, is never done', () => {
  lives(({ task: { state, attempt } }) => {
    const { product = NO_PRODUCT } = attempt as EndedAttempt;
    if (state === 'completed') expect(resultIn(product).verification?.result).not.toBe('failed');
  });
});

test('what is stopped is cancelled, once it is saved', () => {
  let count = 0;
  lives(({ task, stopped }) => {
    if (!stopped) return;
    count += 1;
    expect(task.state).toBe('cancelled');
    const { workspace, product } = task.attempt as EndedAttempt;
    if (workspace?.prepared?.refusal === null)
      expect(product?.saved ?? product?.unsaved ?? null).not.toBeNull();
  });
  expect(count).toBeGreaterThan(50);
});
