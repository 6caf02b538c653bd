import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answers, inTurn, opens, openStage, type Stage, type Step } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a retry', () => {
  const retry = { attempts: 3, backoff: [1] };
  /** Claude runs a command, then breaks off in one way or another. */
  const pushes = (command: string, last: string): Step[] => [
    opens(),
    {
      json: {
        type: 'assistant',
        session_id: '{{session}}',
        message: {
          id: `m-${last}`,
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'c1', name: 'Bash', input: { command } }],
        },
      },
    },
    { err: last },
    { exit: 1 },
  ];

  test('does not follow an act outside the folder, and that is told', async () => {
    stage.plays('claude', ...pushes('git push origin main', 'a'));
    const { end, task, report } = await stage.asked('Go.', { spec: { retry } });
    expect(end).toBe('failed agent_error');
    expect(report.outside).toBe('git push origin main');
    expect(task.attempt?.number).toBe(1);
  });

  test('follows it where the task may do so twice', async () => {
    stage.plays('claude', ...inTurn(pushes('git push', 'a'), answers()));
    const spec = { retry: { ...retry, idempotent: true } };
    expect((await stage.asked('Go.', { spec })).end).toBe('completed');
    expect(stage.calls()).toHaveLength(2);
  });

  test('is counted over restarts', async () => {
    const { ground } = stage;
    const { id } = await ground.submit('exit 3', {
      retry: { attempts: 2, backoff: [MINUTE] },
      timeout: HOUR,
    });
    for (const number of [1, 2]) {
      await ground.reaches(id, 'waiting');
      expect((await ground.node.find(id)).attempt?.number).toBe(number);
      await ground.reopen();
      expect((await ground.node.find(id)).state).toBe('waiting');
      await stage.later(2 * MINUTE);
      await stage.once(id, ({ attempt }) => (attempt?.number ?? 0) > number);
    }
    await ground.settled(id);
    expect(await ground.node.find(id)).toMatchObject({ state: 'failed', attempt: { number: 3 } });
  });
});
