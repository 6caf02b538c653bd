import { expect, test } from 'vitest';
import { answering, type Asking } from '../../src/domain/answering.ts';
import type { PushTargets } from '../../src/domain/delivery.ts';
import type { Question } from '../../src/domain/question.ts';
import { amend, apply, type Step, step, type TaskIn } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import { claim, exit, inState, NOON, QUIET, start, submitQueued } from './sample.ts';

const LOUD: PushTargets = { webhooks: ['chat'], onDone: true };
const LATE = NOON + 60_000;

export const question = (askedAt: number, of: Partial<Question> = {}): Question => ({
  id: `q-${askedAt}`,
  asker: 'worker',
  text: 'Which one? "ü"\n',
  options: ['this', 'that'],
  context: '',
  askedAt,
  deadlineAt: LATE,
  fallback: null,
  answer: null,
  ...of,
});
const answer = { text: 'this', at: NOON + 50, by: 'cli:1' };

type Running = TaskIn<'running'>;
const asks = (task: Running, asked: Question) =>
  amend(task, {
    attempt: { ...task.attempt, worker: { ...task.attempt.worker, question: asked } },
  });

async function running(store: Store, id: string): Promise<Running> {
  const queued = await submitQueued(store, id);
  const claiming = claim(queued);
  const starting = start(inState(apply(queued, claiming), 'claimed'));
  return inState(await store.commit([claiming, starting], QUIET), 'running');
}

const parks = (task: Running): [Step, ...Step[]] => {
  const exiting = exit(task, 0, NOON + 9, { kind: 'parked' });
  const finishing = inState(apply(task, exiting), 'finishing');
  const { attempt } = finishing;
  return [exiting, step('ask', finishing, { state: 'awaiting_input', attempt }, NOON + 9)];
};

/** A task that has asked, and waits for the answer. */
export async function submitParked(store: Store, id: string): Promise<TaskIn<'awaiting_input'>> {
  const task = await running(store, id);
  const asked = inState(await store.amend(asks(task, question(NOON)), QUIET), 'running');
  return inState(await store.commit(parks(asked), QUIET), 'awaiting_input');
}

export function questionRules(store: () => Store): void {
  const told = async (id: string): Promise<string[]> =>
    (await store().deliveries(id)).map(({ kind, subscriber }) => `${kind} ${subscriber}`).sort();
  const due = async (at: number): Promise<string[]> =>
    (await store().due(at, 9))
      .filter(({ state }) => state === 'awaiting_input')
      .map(({ id }) => id);

  test('a question is stored and told in one stroke, once', async () => {
    const task = await running(store(), 't-1');
    const asked = inState(await store().amend(asks(task, question(NOON)), LOUD), 'running');
    expect(asked.attempt.worker).toEqual({ question: question(NOON) });
    expect(await told('t-1')).toEqual(['question owner:cli:1000', 'question webhook:chat']);
    // Stale: nobody is told.
    expect(await store().amend(asks(task, question(NOON + 1)), LOUD)).toBeNull();
    const progress = { at: NOON, text: 'half', percent: 50 };
    const worker = { ...asked.attempt.worker, progress };
    await store().amend(amend(asked, { attempt: { ...asked.attempt, worker } }), LOUD);
    expect(await told('t-1')).toHaveLength(2);
  });

  test('who asked is found, whoever asked last first, with the task as it is', async () => {
    for (const [nth, id] of ['t-1', 't-2', 't-3'].entries()) {
      const task = await running(store(), id);
      if (id !== 't-2') await store().amend(asks(task, question(NOON + nth)), QUIET);
    }
    const same = await running(store(), 't-4');
    await store().amend(asks(same, question(NOON)), QUIET);
    const found = async (limit: number) =>
      (await store().asked(limit)).map(({ task, attempt }) => [
        task.id,
        task.state,
        attempt.worker?.question?.askedAt,
      ]);
    expect(await found(9)).toEqual([
      ['t-3', 'running', NOON + 2],
      ['t-4', 'running', NOON],
      ['t-1', 'running', NOON],
    ]);
    expect(await found(1)).toEqual([['t-3', 'running', NOON + 2]]);
    expect(await store().asked(0)).toEqual([]);
  });

  test('a parked task is due at the deadline of its question; an answer lets it go on', async () => {
    const task = await running(store(), 't-1');
    const asked = inState(await store().amend(asks(task, question(NOON)), QUIET), 'running');
    const parked = inState(await store().commit(parks(asked), QUIET), 'awaiting_input');
    expect(await store().live('here')).toEqual([]);
    expect(await due(LATE - 1)).toEqual([]);
    expect(await due(LATE)).toEqual(['t-1']);
    const step = answering(parked as Asking, question(NOON), answer) as Step;
    const goesOn = inState(await store().commit([step], QUIET), 'queued');
    expect(goesOn).toMatchObject({ queuedAt: answer.at });
    expect(await store().commit([step], QUIET)).toBeNull();
    expect(await due(LATE)).toEqual([]);
    const [first] = await store().endedAttempts('t-1');
    expect(first?.worker?.question?.answer).toEqual(answer);
    // Asked by an earlier attempt than the one that runs.
    const again = claim(goesOn);
    const claimed = inState(await store().commit([again], QUIET), 'claimed');
    expect(claimed.attempt).not.toHaveProperty('worker');
    expect(
      (await store().asked(9)).map(({ task: now, attempt }) => [now.state, attempt.number]),
    ).toEqual([['claimed', 1]]);
  });

  test('what was told in between is kept', async () => {
    const task = await running(store(), 't-1');
    const asked = inState(await store().amend(asks(task, question(NOON)), QUIET), 'running');
    const kept = answering(asked, question(NOON), answer);
    expect('event' in kept).toBe(false);
    const later = inState(await store().amend(kept as never, LOUD), 'running');
    const parked = inState(await store().commit(parks(later), LOUD), 'awaiting_input');
    expect(parked.attempt.worker?.question?.answer).toEqual(answer);
    expect(await told('t-1')).toEqual(['question owner:cli:1000']);
    expect(await due(NOON + 9)).toEqual(['t-1']);
  });

  test('what was asked is forgotten with its task', async () => {
    const task = await running(store(), 't-1');
    const asked = inState(await store().amend(asks(task, question(NOON)), QUIET), 'running');
    const [exiting, asking] = parks(asked) as [Step, Step];
    const parked = inState(await store().commit([exiting, asking], QUIET), 'awaiting_input');
    expect(await store().remove('t-1')).toBe(false);
    const { attempt } = parked;
    const facts = { state: 'cancelled', reason: 'user', attempt, endedAt: NOON + 20 } as const;
    await store().commit([step('cancel', parked, facts, NOON + 20)], QUIET);
    const ids = (await store().deliveries('t-1')).map(({ id }) => id);
    expect(await store().ack('cli:1000', ids, NOON + 30)).toHaveLength(2);
    expect(await store().remove('t-1')).toBe(true);
    expect(await store().asked(9)).toEqual([]);
  });
}
