import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { answers } from '../agents/ground.ts';
import { after, AgentHome } from './agent-home.ts';

const stage = new AgentHome();
const { home } = stage;
beforeAll(async () => {
  stage.plays('claude', ...answers('Fixed it.'));
  stage.plays('codex', { json: { type: 'thread.started', thread_id: 'th-1' } }, { exit: 1 });
  await stage.start('--id', 'first', 'claude', 'Fix it');
  await home.tend(['wait', 'first']);
  await home.run('--id', 'plain', '--', 'true');
  await home.tend(['wait', 'plain']);
});
let session: string | undefined;
beforeAll(() => {
  session = after(stage.calls()[0], '--session-id');
});
beforeEach(() => {
  stage.calls();
});
afterAll(() => stage.close());

describe('tend resume', () => {
  test('goes on with the session, and shows the answer', async () => {
    const { code, stdout } = await home.tend(['resume', '--wait', 'first', 'Now', 'add a test']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Fixed it.\n' });
    const [call] = stage.calls();
    expect(after(call, '--resume')).toBe(session);
    expect(after(call, '-p')).toBe('Now add a test');
  });

  test('in the background prints the new id', async () => {
    const task = await home.json<Task>('resume', 'first');
    expect(task).toMatchObject({ resumeOf: 'first', retryOf: null, kind: 'agent' });
    expect((await home.tend(['wait', task.id])).code).toBe(0);
    expect(after(stage.calls()[0], '-p')).toMatch(/^Go on where you stopped/);
    expect(await home.out('show', '--prompt', task.id)).toMatch(/^Go on where you stopped/);
  });

  test('is not for a command, nor for what has not ended', async () => {
    const command = await home.tend(['resume', 'plain']);
    expect(command.code).toBe(2);
    expect(command.stderr).toContain('tend retry plain');
    stage.plays('claude', { hang: true });
    const id = await stage.start('claude', 'Fix it');
    const open = await home.tend(['resume', id]);
    expect(open.code).toBe(1);
    expect(open.stderr).toContain(`tend wait ${id}`);
    await home.tend(['kill', '--wait', id]);
    stage.plays('claude', ...answers('Fixed it.'));
  });
});

describe('tend retry of an agent', () => {
  test('shows the answer, as run does', async () => {
    const { code, stdout, stderr } = await home.tend(['retry', '--wait', 'first']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Fixed it.\n' });
    expect(stderr).not.toContain('"type"');
    const [call] = stage.calls();
    expect(after(call, '-p')).toBe('Fix it');
    expect(after(call, '--session-id')).not.toBe(session);
  });

  test('tells what was wrong, and may go to another agent', async () => {
    const words = ['retry', '--feedback', 'Still red.', 'first'];
    const { id } = await home.json<Task>(...words);
    await home.tend(['wait', id]);
    expect(after(stage.calls()[0], '-p')).toBe(
      'Fix it\n\n## What was wrong the last time\n\nStill red.',
    );
    const other = await home.json<Task>('retry', '--agent', 'codex', '--feedback', 'No.', id);
    expect(other).toMatchObject({ retryOf: id, agent: { name: 'codex' } });
    await home.tend(['wait', other.id]);
    const [call] = stage.calls();
    expect(call?.argv[0]).toBe('codex');
    expect(call?.argv.at(-1)).toMatch(
      /^Fix it\n[\s\S]*Still red\.[\s\S]*No\.(?:$|\n\n## How to work)/,
    );
  });

  test('to an agent that is not there, or of a command, is refused with 2', async () => {
    const missing = await home.tend(['retry', '--agent', 'gemini', 'first']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('gemini is not installed');
    const wrong = await home.tend(['retry', '--agent', 'claud', 'first']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Did you mean claude?');
    const command = await home.tend(['retry', '--feedback', 'No.', 'plain']);
    expect(command.code).toBe(2);
    expect(stage.calls()).toEqual([]);
  });
});
