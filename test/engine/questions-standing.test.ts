import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answers, inTurn, openStage, type Stage } from '../agents/ground.ts';
import { SPEC } from './ground.ts';
import { asks as asksPerson, letGo, refusal, runs, waits } from './questions-ground.ts';
import { asks, endedOf, makeYard, type Yard } from './yard.ts';

let stage: Stage;
let yard: Yard;
beforeEach(async () => {
  yard = makeYard();
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  yard.remove();
  expect(stage.ground.faults).toEqual([]);
});

const list = (query = {}) =>
  stage.ground.node.questions.list({ owner: null, taskId: null, all: false, ...query });
const answer = (id: string, text: string) => stage.ground.node.questions.answer(id, text, 'cli:7');

describe('work that waits for a person', () => {
  const reviewed = async (): Promise<string> => {
    const { id } = await stage.ground.submit('echo more >>a.txt', {
      cwd: yard.root,
      workspace: yard.workspace(),
      checks: asks({ review: true }),
    });
    await stage.ground.reaches(id, 'awaiting_review');
    return id;
  };

  test('is a question, which is answered by taking it', async () => {
    const id = await reviewed();
    const [question] = await list();
    expect(question).toMatchObject({ kind: 'review', taskId: id, options: ['accept', 'reject'] });
    expect(await list({ taskId: id })).toEqual([question]);
    expect(await list({ owner: 'somebody else' })).toEqual([]);
    const given = await Promise.all(
      [question?.id ?? '', id].map((of) => refusal(answer(of, ' Accept '))),
    );
    expect(given).toEqual(expect.arrayContaining(['already_answered', null]));
    expect(await stage.ground.node.find(id)).toMatchObject({ state: 'completed' });
    expect(await refusal(answer(question?.id ?? '', 'reject'))).toBe('already_answered');
    expect(await list({ all: true })).toEqual([]);
  });

  test('is sent back with any other words', async () => {
    const id = await reviewed();
    const [first] = await list();
    expect((await answer(id, 'Twice, please.')).task).toMatchObject({ state: 'queued' });
    const again = await stage.ground.reaches(id, 'awaiting_review');
    expect(again.attempt?.number).toBe(2);
    expect(await refusal(answer(first?.id ?? '', 'accept'))).toBe('already_answered');
    const [attempt] = await stage.attempts(id);
    expect(attempt?.product?.review).toMatchObject({ feedback: 'Twice, please.' });
    await answer(id, 'reject');
    await stage.ground.reaches(id, 'awaiting_review');
    expect((await stage.attempts(id))[1]?.product?.review?.feedback).toBeNull();
    await stage.ground.stop(id);
    const [, , last] = await stage.attempts(id);
    expect(last?.number).toBe(3);
    expect(await refusal(answer((first?.id ?? '').replace('1w', '3w'), 'accept'))).toBe(
      'already_ended',
    );
    expect(await refusal(answer((first?.id ?? '').replace('1w', '9w'), 'accept'))).toBe(
      'already_ended',
    );
  });
});

test('a drained agent is a question, which is answered by acknowledging it', async () => {
  stage.plays('claude', { exit: 1 });
  for (const _ of [1, 2]) {
    const { id } = await stage.ask('Fix it.');
    await stage.ground.settled(id);
  }
  const [drained] = await list({ owner: SPEC.owner });
  expect(drained).toMatchObject({ id: 'q-drained:claude', kind: 'drained', taskId: null });
  expect(await refusal(answer('q-drained:claude', 'perhaps'))).toBe('invalid_input');
  const { asked, task } = await answer('q-drained:claude', 'acknowledge');
  expect([asked.state, task]).toEqual(['answered', null]);
  expect(await list()).toEqual([]);
  expect(await stage.holds()).toEqual([]);
  expect(await refusal(answer('q-drained:claude', 'acknowledge'))).toBe('not_found');
});

describe('a task that is parked', () => {
  const parked = async (spec: object = {}): Promise<string> => {
    stage.plays('claude', ...inTurn(waits(1, ...answers('I stop.').slice(1)), answers('Done.')));
    const task = await runs(stage, (await stage.ask('Fix it.', { spec })).id);
    await asksPerson(stage, task);
    letGo(stage, 1);
    await stage.ground.reaches(task.id, 'awaiting_input');
    return task.id;
  };

  test('has its work saved, and goes on in the same place', async () => {
    stage.plays(
      'claude',
      { file: 'new.txt', text: 'half', unless_argument: '--resume' },
      ...waits(1, ...answers().slice(1)).map((step) => ({ ...step, unless_argument: '--resume' })),
      ...answers('Done.').map((step) => ({ ...step, if_argument: '--resume' })),
    );
    const spec = { cwd: yard.root, workspace: yard.workspace() };
    const task = await runs(stage, (await stage.ask('Fix it.', { spec })).id);
    await asksPerson(stage, task);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${task.attempt?.workspace?.cwd}/go-1`, '');
    const waiting = await stage.ground.reaches(task.id, 'awaiting_input');
    const { saved } = endedOf(waiting).product ?? {};
    expect(yard.fileAt(saved?.commit ?? '', 'new.txt')).toBe('half');
    await answer(task.id, 'this');
    const { end, attempt } = await stage.ended(task.id);
    expect(end).toBe('completed');
    expect(attempt.workspace?.cwd).toBe(task.attempt?.workspace?.cwd);
  });

  test('keeps who depends on it waiting, and takes no slot', async () => {
    stage.ground.settings.limits.slots = 1;
    const id = await parked();
    const after = [{ task: id, when: 'success' as const }];
    const dependent = await stage.ground.submit('true', { after });
    const other = await stage.ground.submit('true');
    await stage.ground.settled(other.id);
    expect((await stage.ground.node.find(dependent.id)).state).toBe('waiting');
    await answer(id, 'this');
    await stage.ground.settled(dependent.id);
  });

  test('keeps its parent waiting, and is stopped with it', async () => {
    const parent = await stage.ground.submit('sleep 1', {}, 'parent');
    const id = await parked({ parent: parent.id });
    await stage.ground.reaches(parent.id, 'awaiting_children');
    await stage.ground.stop(parent.id, { tree: true });
    expect(await stage.ground.node.find(id)).toMatchObject({
      state: 'cancelled',
      reason: 'parent',
    });
  });

  test('fails at a deadline that passed while nobody looked', async () => {
    stage.plays('claude', ...waits(2, ...answers().slice(1)));
    const other = await runs(stage, (await stage.ask('Fix that.')).id);
    await asksPerson(stage, other, { within: 60_000 });
    await stage.ground.reopen(async () => {
      letGo(stage, 2);
      stage.ground.jump(61_000);
    });
    expect((await stage.ended(other.id)).end).toBe('failed question_expired');
  });

  test('counts as no failure: neither its retries nor its agent are worse off', async () => {
    const id = await parked({ retry: { attempts: 0, backoff: [] } });
    expect(await stage.holds()).toEqual([]);
    await answer(id, 'this');
    expect((await stage.ended(id)).end).toBe('completed');
  });
});

test('a task that failed without an answer is tried again with the answers so far', async () => {
  stage.plays(
    'claude',
    ...inTurn(
      waits(1, ...answers().slice(1)),
      waits(2, ...answers().slice(1)),
      answers('By myself.'),
    ),
  );
  const task = await runs(stage, (await stage.ask('Fix it.')).id);
  await asksPerson(stage, task, { text: 'Which parser?' });
  letGo(stage, 1);
  await stage.ground.reaches(task.id, 'awaiting_input');
  await answer(task.id, 'the second one');
  await asksPerson(stage, await runs(stage, task.id, 2), { text: 'Which lexer?', within: 60_000 });
  letGo(stage, 2);
  await stage.ground.reaches(task.id, 'awaiting_input');
  await stage.later(61_000);
  const failed = await stage.ended(task.id);
  expect(failed.end).toBe('failed question_expired');
  const change = { feedback: 'Use flex.', agent: null, environment: null };
  const again = await stage.ground.node.retry(failed.task as never, change);
  expect((await stage.ended(again.task.id)).answer).toBe('By myself.');
  const call = stage.calls().at(-1);
  const prompt = `${call?.argv.join(' ')}${call?.stdin}`;
  expect(prompt).toMatch(/Already answered[^]*Which parser\?[^]*the second one/);
  expect(prompt).toContain('Use flex.');
  expect(prompt).not.toContain('Which lexer?');
});
