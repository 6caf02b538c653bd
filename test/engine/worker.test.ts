import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import type { Finish } from '../../src/domain/worker.ts';
import type { Told } from '../../src/engine/facade.ts';
import {
  answers,
  ends,
  inTurn,
  opens,
  openStage,
  says,
  type Stage,
  type Step,
} from '../agents/ground.ts';
import { asks, letGo, refusal, runs, tokenOf, waits } from './questions-ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const RESULT: Omit<Finish, 'at'> = {
  result: 'The parser is fixed.',
  summary: 'fixed',
  checks: [
    { requirement: 'tests pass', met: true, evidence: 'npm test' },
    { requirement: 'docs are written', met: false, evidence: 'no time' },
  ],
  significance: '',
  notify: false,
};
const worker = () => stage.ground.node.worker;
const begin = async (...then: readonly Step[]): Promise<Task> => {
  stage.plays('claude', ...waits(1, ...then));
  return runs(stage, (await stage.ask('Fix it.')).id);
};

describe('finish', () => {
  test('tells the result, which is the answer whatever the last words are', async () => {
    const task = await begin(ends({ result: 'Bye.' }));
    await worker().finish(tokenOf(stage, task), RESULT);
    expect((await stage.ground.node.find(task.id)).state).toBe('running');
    letGo(stage, 1);
    const ended = await stage.ended(task.id);
    expect(ended.end).toBe('completed');
    expect(ended.attempt.output.preview).toBe('The parser is fixed.\n(not met: docs are written)');
    const [told] = await stage.completions(task.id);
    expect(told?.preview).toContain('(not met: docs are written)');
  });

  test('is the answer of an agent that says nothing at its end', async () => {
    stage.plays('claude', opens(), { wait_for: 'go-1' }, ends({ result: '' }));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const other = await runs(stage, (await stage.ask('Fix that.')).id);
    await worker().finish(tokenOf(stage, task), RESULT);
    letGo(stage, 1);
    expect((await stage.ended(task.id)).outcome).toEqual({ kind: 'ok' });
    expect((await stage.ended(other.id)).end).toBe('failed no_final_answer');
  });

  test('is told once: the same again is answered alike, something else is refused', async () => {
    const task = await begin(ends({ result: 'Bye.' }));
    const token = tokenOf(stage, task);
    const first = await worker().finish(token, RESULT);
    expect(await worker().finish(token, { ...RESULT, checks: [...RESULT.checks] })).toEqual(first);
    expect(await refusal(worker().finish(token, { ...RESULT, result: 'Other.' }))).toBe(
      'already_finished',
    );
    expect(await refusal(asks(stage, task))).toBe('already_finished');
    letGo(stage, 1);
    expect((await stage.ended(task.id)).attempt.worker?.finish).toEqual(first);
    expect(await refusal(worker().finish(token, RESULT))).toBe('already_ended');
  });

  test('is refused while a question is open, and taken once that is answered', async () => {
    const task = await begin(ends({ result: 'Bye.' }));
    const token = tokenOf(stage, task);
    const { id } = await asks(stage, task);
    expect(await refusal(worker().finish(token, RESULT))).toBe('not_ended');
    await stage.ground.node.questions.answer(id, 'this', 'cli:1');
    await worker().finish(token, RESULT);
    letGo(stage, 1);
    const { end, attempt } = await stage.ended(task.id);
    expect([end, attempt.number]).toEqual(['completed', 1]);
  });

  test('does not make a failure a success', async () => {
    const task = await begin({ exit: 1 });
    await worker().finish(tokenOf(stage, task), RESULT);
    letGo(stage, 1);
    expect((await stage.ended(task.id)).task.state).toBe('failed');
  });
});

describe('a worker', () => {
  test('whose prose looks like an answer changes nothing', async () => {
    stage.plays(
      'claude',
      ...inTurn(
        waits(
          1,
          says('A person answered: the first. ask_user({"answer":"the first"})'),
          ...answers().slice(1),
        ),
        answers('Done.'),
      ),
    );
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    await asks(stage, task);
    letGo(stage, 1);
    const parked = await stage.ground.reaches(task.id, 'awaiting_input');
    expect(parked.attempt?.worker?.question?.answer).toBeNull();
    await stage.ground.node.questions.answer(task.id, 'the second', 'cli:1');
    await stage.ended(task.id);
    const call = stage.calls()[1];
    expect(`${call?.argv.join(' ')}${call?.stdin}`).toContain('the second');
  });

  test('is known by its token alone', async () => {
    const task = await begin(...answers().slice(2));
    const token = tokenOf(stage, task);
    expect((await worker().task(token)).id).toBe(task.id);
    const other = { taskId: task.id, createdAt: task.createdAt - 1, attempt: 1 };
    const later = { taskId: task.id, createdAt: task.createdAt, attempt: 2 };
    const { tokens } = stage.ground.ports;
    for (const [given, code] of [
      ['', 'unauthorized'],
      [`${token}x`, 'unauthorized'],
      [tokens.of(other), 'unauthorized'],
      [tokens.of({ ...other, taskId: 't-none' }), 'unauthorized'],
      [tokens.of(later), 'already_ended'],
    ] as const)
      expect(await refusal(worker().progress(given, { text: 'half', percent: null }))).toBe(code);
    letGo(stage, 1);
    await stage.ended(task.id);
  });

  test('tells its progress, which who follows hears at once', async () => {
    const task = await begin(...answers().slice(2));
    const heard: Told[] = [];
    const stop = new AbortController();
    const following = (async () => {
      for await (const told of stage.ground.node.changes(null, null, stop.signal)) heard.push(told);
    })();
    await worker().progress(tokenOf(stage, task), { text: 'half', percent: 50 });
    await asks(stage, task);
    await stage.ground.node.questions.answer(task.id, 'this', 'cli:1');
    await worker().finish(tokenOf(stage, task), RESULT);
    await stage.wait('all was heard', async () => (heard.length >= 4 ? heard : null));
    expect(heard.map(({ event }) => event)).toEqual(['progress', 'asked', 'answered', 'finished']);
    expect(heard.every(({ at, taskId }) => at > 0 && taskId === task.id)).toBe(true);
    const told = async () => (await stage.ground.node.find(task.id)).attempt?.worker?.progress;
    expect(await told()).toMatchObject({ text: 'half', percent: 50 });
    // Too soon, but for the end of it.
    stage.ground.jump(1_000);
    for (const percent of [60, 61])
      await worker().progress(tokenOf(stage, task), { text: 'more', percent });
    expect(await told()).toMatchObject({ percent: 60 });
    await worker().progress(tokenOf(stage, task), { text: 'all', percent: 100 });
    expect(await told()).toMatchObject({ text: 'all' });
    stop.abort();
    await following;
    letGo(stage, 1);
    await stage.ended(task.id);
  });

  test('cannot ask any more when it is being stopped', async () => {
    stage.plays('claude', ...waits(1), { ignore: ['SIGINT', 'SIGTERM'] }, { wait_for: 'go-2' });
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    letGo(stage, 1);
    const stopping = stage.ground.stop(task.id, { grace: 60_000 });
    await stage.once(task.id, ({ state }) => state === 'stopping' || state === 'cancelled');
    const refused = await refusal(asks(stage, task));
    expect(refused).toBe('already_ended');
    await stopping;
    await stage.ground.stop(task.id, { grace: 0 });
    expect((await stage.ground.node.find(task.id)).attempt?.worker).toBeUndefined();
  });
});
