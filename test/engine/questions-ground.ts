/** Agents that ask, on the stage of fake agents. */
import { join } from 'node:path';
import * as fs from 'node:fs';
import { isTendError } from '../../src/domain/errors.ts';
import type { Question } from '../../src/domain/question.ts';
import type { Task, TaskId } from '../../src/domain/task.ts';
import type { AskRequest } from '../../src/engine/facade.ts';
import { opens, says, type Stage, type Step } from '../agents/ground.ts';

export const ASK: AskRequest = {
  text: 'Which parser?',
  options: ['the first', 'the second'],
  context: '',
  within: null,
  fallback: null,
};

/** Claude opens its session, says something, and waits until the test lets it go on. */
export const waits = (nth: number, ...then: readonly Step[]): Step[] => [
  opens(),
  says('I look.'),
  { wait_for: `go-${nth}` },
  ...then,
];

/** The agent of call `nth` goes on. */
export const letGo = (stage: Stage, nth: number): void =>
  fs.writeFileSync(join(stage.cwd, `go-${nth}`), '');

/** The token of the attempt that runs. */
export const tokenOf = (stage: Stage, task: Task): string =>
  stage.ground.ports.tokens.of({
    taskId: task.id,
    createdAt: task.createdAt,
    attempt: task.attempt?.number ?? 0,
  });

/** The task once attempt `number` of it runs. */
export const runs = (stage: Stage, id: TaskId, number = 1): Promise<Task> =>
  stage.once(id, (task) => task.state === 'running' && task.attempt.number === number);

/** Asks for the attempt that runs. */
export const asks = (
  stage: Stage,
  task: Task,
  request: Partial<AskRequest> = {},
): Promise<Question> => stage.ground.node.worker.ask(tokenOf(stage, task), { ...ASK, ...request });

/** The code of the error; null = it worked. */
export const refusal = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => (isTendError(error) ? error.code : String(error)),
  );
