import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ASKED_GRACE } from '../../src/domain/agent-watch.ts';
import type { Task } from '../../src/domain/task.ts';
import { answers, inTurn, openStage, refuses, type Stage, type Step } from '../agents/ground.ts';
import { SPEC } from './ground.ts';
import { asks, letGo, refusal, runs, tokenOf, waits } from './questions-ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const list = (all = false) => stage.ground.node.questions.list({ owner: null, taskId: null, all });
const answer = (id: string, text = 'the second') =>
  stage.ground.node.questions.answer(id, text, 'cli:7');
const deliveries = async (id: string): Promise<string[]> =>
  (await stage.completions(id)).map(({ kind }) => kind);

/** An agent that asks and ends, and what it says with the answer. */
async function parked(...then: readonly (readonly Step[])[]): Promise<Task> {
  stage.plays('claude', ...inTurn(waits(1, ...answers('I stop.').slice(1)), ...then));
  const task = await runs(stage, (await stage.ask('Fix it.')).id);
  await asks(stage, task);
  letGo(stage, 1);
  return stage.ground.reaches(task.id, 'awaiting_input');
}

describe('a question', () => {
  test('parks its task without a process, is told, and its answer resumes the session', async () => {
    const task = await parked(answers('The second, then.'));
    expect(task.attempt).toMatchObject({ outcome: { kind: 'parked' } });
    expect((await stage.ground.node.agents.list(null)).map(({ active }) => active)).not.toContain(
      1,
    );
    const [open] = await list();
    expect(open).toMatchObject({
      kind: 'worker',
      taskId: task.id,
      text: 'Which parser?',
      options: ['the first', 'the second'],
      state: 'open',
    });
    expect(await deliveries(task.id)).toEqual(['question']);
    const { asked, task: goesOn } = await answer(open?.id ?? '');
    expect(asked).toMatchObject({ state: 'answered', answer: { text: 'the second', by: 'cli:7' } });
    expect(goesOn?.state).toBe('queued');
    const { end, answer: said } = await stage.ended(task.id);
    expect([end, said]).toEqual(['completed', 'The second, then.']);
    const [, second] = stage.calls();
    const session = task.attempt?.agent?.sessionId;
    expect(second?.argv.join(' ')).toContain(`--resume ${session}`);
    expect(`${second?.argv.join(' ')}${second?.stdin}`).toContain(
      'A person answered:\n\nthe second',
    );
    expect(await deliveries(task.id)).toEqual(['question', 'completion']);
    expect(await list()).toEqual([]);
    expect(await list(true)).toMatchObject([{ state: 'answered', taskId: task.id }]);
  });

  test('is answered once: the other answer is refused, by question and by task', async () => {
    const task = await parked(answers());
    const given = await Promise.all([
      refusal(answer(task.id, 'one')),
      refusal(answer(task.id, 'two')),
    ]);
    expect(given).toEqual(expect.arrayContaining(['already_answered', null]));
    expect((await stage.ended(task.id)).end).toBe('completed');
    expect(await refusal(answer(task.id))).toBe('already_ended');
    const [past] = await list(true);
    expect(await refusal(answer(past?.id ?? ''))).toBe('already_answered');
  });

  test('that is answered while its process runs goes on at its end', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers('I stop.').slice(1)), answers('Done.')));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const question = await asks(stage, task);
    await answer(question.id);
    expect(await asks(stage, task, { text: 'Another one?' })).toMatchObject({
      id: question.id,
      answer: { text: 'the second' },
    });
    letGo(stage, 1);
    expect((await stage.ended(task.id)).answer).toBe('Done.');
    const events = (await stage.ground.node.history(task.id)).map(({ event }) => event);
    expect(events).not.toContain('ask');
    expect(events.filter((event) => event === 'requeue')).toHaveLength(1);
  });

  test('of a worker that dies right after it parks all the same', async () => {
    stage.plays('claude', ...inTurn(waits(1, { signal: 'SIGKILL' }), answers('Done.')));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    await asks(stage, task);
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    expect(await stage.holds()).toEqual([]);
    await answer(task.id);
    expect((await stage.ended(task.id)).end).toBe('completed');
  });

  test('of a worker that does not stop is waited for without it', async () => {
    stage.plays('claude', ...inTurn([...waits(1).slice(0, 2), { hang: true }], answers('Done.')));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    await asks(stage, task);
    await stage.once(task.id, ({ attempt }) => (attempt?.agent?.report?.turns ?? 0) > 0);
    await stage.later(ASKED_GRACE - 1_000);
    expect((await stage.ground.node.find(task.id)).state).toBe('running');
    await stage.later(2_000);
    const waiting = await stage.ground.reaches(task.id, 'awaiting_input');
    expect(waiting.attempt).toMatchObject({ outcome: { kind: 'parked' } });
    await answer(task.id);
    expect((await stage.ended(task.id)).answer).toBe('Done.');
  });

  test('is asked once of an attempt, and again of a later one', async () => {
    stage.plays(
      'claude',
      ...inTurn(
        waits(1, ...answers('I stop.').slice(1)),
        waits(2, ...answers('I stop again.').slice(1)),
        answers('Done.'),
      ),
    );
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const first = await asks(stage, task);
    expect(await asks(stage, task, { text: 'Another one?' })).toEqual(first);
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    await answer(task.id);
    const second = await asks(stage, await runs(stage, task.id, 2), { text: 'Which lexer?' });
    expect(second.id).not.toBe(first.id);
    expect(await refusal(stage.ground.node.worker.task(tokenOf(stage, task)))).toBe(
      'already_ended',
    );
    letGo(stage, 2);
    await stage.ground.reaches(task.id, 'awaiting_input');
    await answer(second.id, 'none');
    await stage.ended(task.id);
    expect(await deliveries(task.id)).toEqual(['question', 'question', 'completion']);
    expect((await list(true)).map(({ text }) => text)).toEqual(['Which parser?', 'Which lexer?']);
  });

  test('survives whoever holds the engine, at every step', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers('I stop.').slice(1)), answers('Done.')));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const question = await asks(stage, task);
    await stage.ground.reopen(async () => letGo(stage, 1));
    await stage.ground.reaches(task.id, 'awaiting_input');
    await stage.ground.reopen();
    expect(await list()).toMatchObject([{ id: question.id, state: 'open' }]);
    await answer(question.id);
    await stage.ground.reopen();
    expect((await stage.ended(task.id)).answer).toBe('Done.');
    expect(await deliveries(task.id)).toEqual(['question', 'completion']);
  });

  test('wakes who waits for the inbox, and who follows events', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers().slice(1)), answers()));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const signal = AbortSignal.timeout(10_000);
    const inbox = stage.ground.node.inbox({ owner: SPEC.owner, limit: 9, wait: 10_000 }, signal);
    await asks(stage, task);
    expect((await inbox).map(({ delivery }) => delivery.kind)).toEqual(['question']);
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    await answer(task.id);
    await stage.ended(task.id);
  });
});

describe('an open question', () => {
  test('ends with its task, when that is stopped', async () => {
    const task = await parked();
    expect((await stage.ground.stop(task.id)).state).toBe('cancelled');
    expect(await refusal(answer(task.id))).toBe('already_ended');
    expect(await list(true)).toMatchObject([{ state: 'closed' }]);
  });

  test('of a task that is stopped while it runs is closed', async () => {
    stage.plays('claude', ...waits(1), { hang: true });
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const question = await asks(stage, task);
    await stage.ground.stop(task.id, { grace: 0 });
    expect((await stage.ended(task.id)).end).toBe('cancelled user');
    expect(await refusal(answer(question.id))).toBe('already_ended');
  });

  test('fails its task at the deadline, and is answered by its default where it has one', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers().slice(1)), answers('By myself.')));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const question = await asks(stage, task, { within: 60_000 });
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    await stage.later(59_000);
    expect((await stage.ground.node.find(task.id)).state).toBe('awaiting_input');
    await stage.later(2_000);
    expect((await stage.ended(task.id)).end).toBe('failed question_expired');
    expect(await refusal(answer(question.id))).toBe('question_expired');
    const resumed = await stage.ground.node.resume(
      (await stage.ended(task.id)).task as never,
      null,
      null,
    );
    expect((await stage.ended(resumed.task.id)).answer).toBe('By myself.');
    const call = stage.calls().at(-1);
    expect(`${call?.argv.join(' ')}${call?.stdin}`).toContain('Nobody answered your question');
  });

  test('goes on with its default at the deadline', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers().slice(1)), answers('The default.')));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    await asks(stage, task, { within: 60_000, fallback: 'the first' });
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    await stage.later(61_000);
    expect((await stage.ended(task.id)).answer).toBe('The default.');
    expect(await list(true)).toMatchObject([{ answer: { text: 'the first', by: 'deadline' } }]);
  });

  test('is folded into a new prompt where the session is gone, or another agent goes on', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers().slice(1)), refuses(4_000_000_000)));
    stage.plays('qwen', ...answers('Qwen did it.'));
    const asked = await stage.ask('Fix it.', { onQuota: 'fallback', fallback: ['qwen'] });
    const task = await runs(stage, asked.id);
    await asks(stage, task);
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    await answer(task.id);
    const ended = await stage.ended(task.id);
    expect(ended.end).toBe('completed');
    const last = stage.calls().at(-1);
    expect(`${last?.argv.join(' ')}${last?.stdin}`).toMatch(
      /Already answered[^]*Which parser\?[^]*the second/,
    );
  });

  test('is nobody else’s: what is no question, or asked nothing, is not found', async () => {
    const task = await parked(answers());
    const { createdAt, id } = task;
    expect(await refusal(answer(`q-${id}.${createdAt.toString(36)}.9`))).toBe('not_found');
    expect(await refusal(answer(`q-${id}.zzz.1`))).toBe('not_found');
    expect(await refusal(answer('q-drained:claude'))).toBe('not_found');
    stage.plays('qwen', { hang: true });
    const other = await stage.ask('Wait.', { agent: 'qwen' });
    expect(await refusal(answer(other.id))).toBe('not_found');
  });
});
