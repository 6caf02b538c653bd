import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EndedTask, TaskId } from '../../src/domain/task.ts';
import type { RetryChange } from '../../src/engine/facade.ts';
import {
  answers,
  ends,
  inTurn,
  only,
  opens,
  openStage,
  says,
  type Stage,
  type Step,
} from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const RECORDINGS = join(import.meta.dirname, '../fixtures/recordings');
const after = (nth: number, word: string): string | undefined => {
  const argv = stage.calls()[nth]?.argv ?? [];
  return argv.includes(word) ? argv[argv.indexOf(word) + 1] : undefined;
};
const outcomes = async (id: TaskId) =>
  (await stage.attempts(id)).map(({ outcome }) => outcome.kind);
const promptOf = async (id: TaskId, attempt: number | null = null): Promise<string> =>
  (await stage.ground.node.agents.prompt(id, attempt)).prompt;
const resumed = async (id: TaskId, text: string | null) => {
  const task = (await stage.ground.node.find(id)) as EndedTask;
  return stage.ended((await stage.ground.node.resume(task, text, null)).task.id);
};
const retried = async (id: TaskId, change: Partial<RetryChange> = {}) => {
  const task = (await stage.ground.node.find(id)) as EndedTask;
  const whole = { environment: null, feedback: null, agent: null, ...change };
  return stage.ended((await stage.ground.node.retry(task, whole)).task.id);
};

/** Codex in a thread, with the totals of the thread. */
const thread = (id: string, text: string, total: number): Step[] => [
  { json: { type: 'thread.started', thread_id: id } },
  { json: { type: 'turn.started' } },
  { json: { type: 'item.completed', item: { id: 'i0', type: 'agent_message', text } } },
  {
    json: {
      type: 'turn.completed',
      usage: { input_tokens: total, cached_input_tokens: 0, output_tokens: total },
    },
  },
];

describe('a session is gone on with', () => {
  test('under its id, with what is said now alone', async () => {
    stage.plays('claude', ...answers('First.'));
    const first = await stage.asked('Fix it.');
    const session = after(0, '--session-id');
    const second = await resumed(first.task.id, 'Now add a test.');
    expect(second.end).toBe('completed');
    expect(second.task.spec).toMatchObject({ resumeOf: first.task.id, retryOf: null });
    expect(after(1, '--resume')).toBe(session);
    expect(after(1, '-p')).toBe('Now add a test.');
    expect(second.task.attempt?.agent).toMatchObject({ sessionId: session, resumed: session });
    const third = await resumed(second.task.id, null);
    expect(after(2, '--resume')).toBe(session);
    expect(after(2, '-p')).toMatch(/^Go on where you stopped\./);
    expect(await promptOf(third.task.id)).toBe(after(2, '-p'));
  });

  test('and what it had used before is not used again', async () => {
    stage.plays(
      'codex',
      ...only('unless', 'resume', thread('th-1', 'First.', 100)),
      ...only('if', 'resume', thread('th-1', 'Second.', 130)),
    );
    const first = await stage.asked('Fix it.', { agent: 'codex' });
    expect(first.report.usage).toMatchObject({ inputTokens: 100, outputTokens: 100 });
    const second = await resumed(first.task.id, 'And this.');
    expect(second.report.usage).toMatchObject({ inputTokens: 30, outputTokens: 30 });
    const third = await resumed(second.task.id, 'And this.');
    expect(third.report.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 });
  });

  test('whatever became of it: a failure, a stop', async () => {
    stage.plays('claude', ...inTurn([opens(), { hang: true }], answers('Done.')));
    const { id } = await stage.ask('Fix it.');
    await stage.once(id, ({ attempt }) => (attempt?.agent?.report?.sessionId ?? '') !== '');
    await stage.ground.stop(id, { grace: 0 });
    await stage.ended(id);
    expect((await resumed(id, null)).end).toBe('completed');
    expect(after(1, '--resume')).toBe(after(0, '--session-id'));
  });

  test('unless none was ever opened: then all is told again', async () => {
    stage.plays('claude', ...inTurn([{ err: 'No.' }, { exit: 1 }], answers('Done.')));
    const first = await stage.asked('Fix it.');
    expect(first.end).toBe('failed agent_error');
    expect((await resumed(first.task.id, 'Go on.')).end).toBe('completed');
    expect(after(1, '--resume')).toBeUndefined();
    expect(after(1, '-p')).toMatch(/^## Task\n\nFix it\.\n[\s\S]*## Now\n\nGo on\.$/);
  });

  test('but a command has none', async () => {
    const { id } = await stage.ground.submit('true');
    await stage.ground.settled(id);
    const task = (await stage.ground.node.find(id)) as EndedTask;
    await expect(stage.ground.node.resume(task, null, null)).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(stage.ground.node.agents.prompt(id, null)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

describe('a session that cannot be loaded', () => {
  const unknown = (name: string, exit: number): Step[] => [
    { replay: join(RECORDINGS, name) },
    { exit },
  ];

  test('is begun anew, with the task, the last answer and what is said now', async () => {
    stage.plays(
      'claude',
      ...only('unless', '--resume', answers('First.')),
      ...only('if', '--resume', unknown('claude/resume-not-uuid', 1)),
    );
    const first = await stage.asked('Fix it.');
    const { end, task } = await resumed(first.task.id, 'Now add a test.');
    expect(end).toBe('completed');
    expect(await outcomes(task.id)).toEqual(['resume_unavailable', 'ok']);
    expect(after(1, '-p')).toBe('Now add a test.');
    expect(after(2, '--resume')).toBeUndefined();
    expect(after(2, '--session-id')).not.toBe(after(0, '--session-id'));
    const prompt = after(2, '-p');
    expect(prompt).toMatch(/^## Task\n\nFix it\.\n/);
    expect(prompt).toContain('```\nFirst.\n```');
    expect(prompt).toMatch(/## Now\n\nNow add a test\.$/);
    expect(await promptOf(task.id)).toBe(prompt);
    expect(await promptOf(task.id, 1)).toBe('Now add a test.');
    expect(await stage.completions(task.id)).toHaveLength(1);
  });

  test.each([
    ['copilot', 'copilot/resume-unknown', 1, 'copilot/success'],
    ['gemini', 'gemini/resume-unknown', 42, 'gemini/success'],
  ])('of %s is begun anew', async (agent, name, exit, good) => {
    const ok = [{ replay: join(RECORDINGS, good) }];
    const isResume = (argv: readonly string[]): boolean =>
      argv.some((word) => word.startsWith('--resume'));
    stage.plays(agent, ...inTurn(ok, unknown(name, exit)));
    const first = await stage.asked('Fix it.', { agent });
    expect(first.end).toBe('completed');
    const { task } = await resumed(first.task.id, 'Go on.');
    const [kind, ...others] = await outcomes(task.id);
    expect(kind).toBe('resume_unavailable');
    // The second one fails as well, which has not been a session to load.
    expect(others).toHaveLength(1);
    expect(stage.calls().map(({ argv }) => isResume(argv))).toEqual([false, true, false]);
  });

  test('is not passed off as loaded by an agent that begins another one in silence', async () => {
    stage.plays(
      'codex',
      ...only('unless', 'resume', thread('th-1', 'Fresh.', 10)),
      ...only('if', 'resume', thread('th-stranger', 'What was it about?', 10)),
    );
    const first = await stage.asked('Fix it.', { agent: 'codex' });
    const { end, answer, task } = await resumed(first.task.id, 'Go on.');
    expect({ end, answer }).toEqual({ end: 'completed', answer: 'Fresh.' });
    expect(await outcomes(task.id)).toEqual(['resume_unavailable', 'ok']);
    expect(stage.calls()[2]?.argv.at(-1)).toMatch(/^## Task\n\nFix it\./);
  });
});

describe('a further attempt', () => {
  const retry = { attempts: 1, backoff: [1] };

  test('after a failure is a new session that is told what went wrong', async () => {
    const broken = [opens(), says('I try.'), ends({ is_error: true, result: 'Broken "pipe".' })];
    stage.plays('claude', ...inTurn([...broken, { exit: 1 }], answers('Done.')));
    const { end, task } = await stage.asked('Fix it.', { spec: { retry } });
    expect(end).toBe('completed');
    expect(await outcomes(task.id)).toEqual(['agent_error', 'ok']);
    expect(after(1, '--resume')).toBeUndefined();
    expect(after(1, '--session-id')).not.toBe(after(0, '--session-id'));
    expect(after(0, '-p')).toBe('Fix it.');
    const prompt = after(1, '-p') ?? '';
    expect(prompt).toMatch(/^Fix it\.\n\n## What happened before\n/);
    expect(prompt).toContain('Attempt 1 failed (agent error).');
    expect(prompt).toContain('```\nBroken "pipe".\n```');
    expect(await promptOf(task.id)).toBe(prompt);
    expect(await promptOf(task.id, 1)).toBe('Fix it.');
    await expect(promptOf(task.id, 3)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('after a time-out goes on in the session', async () => {
    stage.plays('claude', ...inTurn([opens(), says('Half.'), { hang: true }], answers('Done.')));
    const { end, task } = await stage.asked('Fix it.', {
      wish: { minutes: 0.02 },
      spec: { retry },
    });
    expect(end).toBe('completed');
    expect(await outcomes(task.id)).toEqual(['stopped', 'ok']);
    expect(after(1, '--resume')).toBe(after(0, '--session-id'));
  });

  test('after its process was lost goes on in the session', async () => {
    stage.plays('claude', ...inTurn([opens(), says('Half.'), { hang: true }], answers('Done.')));
    const { id } = await stage.ask('Fix it.', { spec: { retry } });
    const seen = await stage.once(id, ({ attempt }) => (attempt?.agent?.report?.turns ?? 0) > 0);
    process.kill(seen.attempt?.process?.pid ?? 0, 'SIGKILL');
    const { end } = await stage.ended(id);
    expect(end).toBe('completed');
    expect(await outcomes(id)).toEqual(['lost', 'ok']);
    expect(after(1, '--resume')).toBe(after(0, '--session-id'));
  });
});

describe('a retry', () => {
  test('is a new task with the same prompt and another session', async () => {
    stage.plays('claude', ...answers());
    const first = await stage.asked('Fix it.');
    const { task } = await retried(first.task.id);
    expect(task.spec).toMatchObject({ retryOf: first.task.id, resumeOf: null });
    expect(after(1, '-p')).toBe('Fix it.');
    expect(after(1, '--session-id')).not.toBe(after(0, '--session-id'));
  });

  test('tells what a person says about the last one', async () => {
    stage.plays('claude', ...answers());
    const first = await stage.asked('Fix it.');
    await retried(first.task.id, { feedback: 'The test is still red.' });
    expect(after(1, '-p')).toBe(
      'Fix it.\n\n## What was wrong the last time\n\nThe test is still red.',
    );
  });

  test('may go to another agent, with all of the prompt', async () => {
    stage.plays('claude', ...answers());
    stage.plays('codex', ...thread('th-1', 'Done.', 1));
    const context = [{ name: 'a.md', text: 'AAA' }];
    const first = await stage.asked('Fix it.', { context, model: 'opus', wish: { turns: 7 } });
    const { end, task } = await retried(first.task.id, { agent: 'codex', feedback: 'No.' });
    expect(end).toBe('completed');
    const { argv = [] } = stage.calls()[1] ?? {};
    expect(argv[0]).toBe('codex');
    expect(argv.join(' ')).not.toContain('opus');
    expect(argv.at(-1)).toContain('AAA');
    expect(argv.at(-1)).toMatch(/## What was wrong the last time\n\nNo\.$/);
    expect(task.spec.work).toMatchObject({ agent: 'codex', envelope: { turns: 7 } });
    await expect(retried(first.task.id, { agent: 'cod' })).rejects.toMatchObject({
      code: 'unknown_agent',
    });
  });

  test('of a command takes neither', async () => {
    const { id } = await stage.ground.submit('true');
    await stage.ground.settled(id);
    await expect(retried(id, { feedback: 'No.' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(retried(id, { agent: 'claude' })).rejects.toMatchObject({ code: 'unsupported' });
  });
});
