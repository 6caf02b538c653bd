/** The verbs of workers and of questions, over HTTP. */
import { expect } from 'vitest';
import { step, type TaskIn } from '../../src/domain/task.ts';
import type { Client, Output, Verb } from '../../src/interfaces/client/index.ts';
import type { FixtureEngine } from './fixture-engine.ts';

const PROCESS = { pid: 1, startTime: '1', bootId: 'b' };

/** A task that runs, and the token of its worker. */
export async function running(engine: FixtureEngine, id: string) {
  const queued = (await engine.store.get(id)) as TaskIn<'queued'>;
  const open = {
    number: 1,
    node: 'n',
    claimedAt: 1,
    process: null,
    startedAt: null,
    deadlineAt: null,
    endedAt: null,
    outcome: null,
  };
  const { tasks } = engine.asking;
  const claimed = await tasks.commit(queued, [
    step('claim', queued, { state: 'claimed', attempt: open }, 1),
  ]);
  const started = { ...open, process: PROCESS, startedAt: 2, deadlineAt: 9e12, idleFrom: 2 };
  const task = (await tasks.commit(claimed as TaskIn<'claimed'>, [
    step('start', claimed as TaskIn<'claimed'>, { state: 'running', attempt: started }, 2),
  ])) as TaskIn<'running'>;
  const { createdAt } = task;
  return { task, token: engine.asking.tokens.of({ taskId: id, createdAt, attempt: 1 }) };
}

type Checked = <K extends Verb>(verb: K, ...given: Parameters<Client[K]>) => Promise<Output<K>>;

/** Calls each of them once; `checked` sees to it that they answer what they promise. */
export async function callWorkerVerbs(engine: FixtureEngine, checked: Checked): Promise<void> {
  const { id } = await checked('submit', { command: 'make', cwd: '/', id: 'asks' });
  const { token } = await running(engine, id);
  expect((await checked('workerTask', { token })).id).toBe(id);
  await checked('workerProgress', { token, text: 'half', percent: 50 });
  expect((await checked('workerMemory', { token })).text).toEqual(expect.any(String));
  await expect(checked('workerFinding', { token, text: 'x' })).rejects.toMatchObject({
    code: 'unsupported',
  });
  const { question } = await checked('workerAsk', { token, question: 'Which one?' });
  const open = (await checked('questions', { task: id })).questions;
  expect(open).toMatchObject([{ id: question.id, kind: 'worker', state: 'open' }]);
  const act = { token, tool: 'Bash', subject: 'make' };
  expect((await checked('workerPermit', act)).ruling).not.toBe('allow');
  expect((await checked('answer', { id, text: 'this' })).question.state).toBe('answered');
  await checked('workerFinish', { token, result: 'done' });
}
