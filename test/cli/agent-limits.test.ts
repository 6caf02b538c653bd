import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery, Output, Task } from '../../src/interfaces/client/index.ts';
import { answers, isAlive, opens, says } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import { until } from './home.ts';

const stage = new AgentHome();
const { home } = stage;
beforeAll(() => {
  stage.plays('claude', opens(), says('Half.'), { err: 'boom' }, { exit: 1 });
});
afterAll(() => stage.close());

type Agents = Output<'agents'>['agents'];
type Changes = Output<'agentChanges'>['changes'];
const agent = async (): Promise<Agents[number] | undefined> =>
  (await home.json<{ agents: Agents }>('agents')).agents.find(({ name }) => name === 'claude');
const row = async (): Promise<string> =>
  (await home.out('agents')).split('\n').find((line) => line.startsWith('claude')) ?? '';
const changes = async (...words: string[]): Promise<Changes> =>
  (await home.json<Output<'agentChanges'>>('agents', 'history', ...words)).changes;

/** Nothing is forgiven by the next one. */
async function killDaemon(): Promise<void> {
  const { pid } = await home.json<{ pid: number }>('daemon', 'status');
  expect(home.processes().map((one) => one.pid)).toContain(pid);
  process.kill(pid, 'SIGKILL');
  await until('the daemon is gone', () => !isAlive(pid));
}

test('nothing was ever held', async () => {
  const none = await home.tend(['agents', 'history']);
  expect(none).toMatchObject({ code: 0, stdout: '' });
  expect(none.stderr).toContain('nothing was ever held');
  expect(await changes()).toEqual([]);
  const ack = await home.tend(['agents', 'ack', 'claude']);
  expect(ack).toMatchObject({ code: 0, stdout: '' });
  expect(ack.stderr).toContain('claude was not drained');
});

test('an agent that failed twice in a row waits for an ack', async () => {
  for (const words of ['One', 'Two']) {
    expect((await stage.run(['--wait', 'claude', words])).code).toBe(1);
    await killDaemon();
  }
  expect(await agent()).toMatchObject({ drained: true, held: { class: 'drained', until: null } });
  expect(await row()).toMatch(
    /drained: failed twice in a row \(agent error: .*tend agents ack claude/,
  );
  const { deliveries } = await home.json<{ deliveries: Delivery[] }>('inbox');
  const [question] = deliveries.filter(({ kind }) => kind === 'question');
  expect(question?.preview).toContain('nothing of it starts before: tend agents ack claude');
  expect((await home.tend(['doctor'])).stdout).toContain('claude is drained');

  stage.plays('claude', ...answers());
  const id = await stage.start('claude', 'Three');
  expect(await home.json<Task>('show', id)).toMatchObject({
    state: 'queued',
    queueReason: 'held',
    held: { account: 'claude/drained', class: 'drained' },
  });
  const ack = await home.tend(['agents', 'ack', 'claude']);
  expect(ack).toMatchObject({ code: 0, stdout: '' });
  expect(ack.stderr).toContain('claude is used again');
  expect((await home.tend(['wait', id])).code).toBe(0);
  expect(await agent()).toMatchObject({ drained: false, held: null });
});

test('the history of agents, of one, and short', async () => {
  await home.out('agents', 'hold', 'codex', '--for', '2h', '--reason', 'a break');
  const { holds } = await home.json<Output<'release'>>('agents', 'release', 'codex');
  expect(holds).toHaveLength(1);
  expect((await changes()).map(({ account, kind }) => `${account} ${kind}`)).toEqual([
    'codex/* released',
    'codex/* manual',
    'claude/drained acknowledged',
    'claude/drained drained',
  ]);
  expect(await changes('codex')).toHaveLength(2);
  expect(await changes('--limit', '1')).toMatchObject([{ kind: 'released' }]);
  const table = (await home.out('agents', 'history')).trimEnd().split('\n');
  expect(table[0]).toMatch(/^when\s+account\s+what\s+task\s+why$/i);
  expect(table[1]).toMatch(/claude\/drained\s+drained\s+t-\w+\s+failed twice in a row/);
  expect(table[3]).toMatch(/codex\/\*\s+manual\s+a break; until \d.* UTC/);
  expect(await home.out('agents', 'history', '-q', 'codex')).toMatch(
    /^\S+Z codex\/\* manual\n\S+Z codex\/\* released\n$/,
  );
  const wrong = await home.tend(['agents', 'history', 'claud']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean claude?');
});

test('what is tried again, and why something was not', async () => {
  const words = ['run', '-q', '--retry', '2', '--backoff', '1ms,2ms'];
  const run = async (...more: string[]): Promise<Task> => {
    const id = (await home.out(...words, ...more)).trim();
    await home.tend(['wait', id]);
    return home.json<Task>('show', id);
  };
  expect(await run('--', 'exit 3')).toMatchObject({
    attempt: 3,
    detail: expect.not.stringContaining('not retried') as string,
  });
  const other = await run('--retry-on', 'timed_out,signal', '--', 'exit 3');
  expect(other).toMatchObject({
    attempt: 1,
    detail:
      'the command exited with code 3; not retried: exit_code is none of the reasons to retry it',
  });
  expect(await home.out('show', other.id)).toContain('not retried: exit_code is none of');
  const same = await run('--', 'echo "failed after $(date +%N) ns" >&2; exit 3');
  expect(same.attempt).toBe(2);
  expect(same.detail).toContain('not retried: it failed twice in the same way');
  const bad = await home.tend([...words, '--retry-on', 'bad_luck', '--', 'true']);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('--retry-on "bad_luck" is none of: exit_code, signal');
  expect((await home.tend([...words, '--backoff', 'soon', '--', 'true'])).code).toBe(2);
});

test('an agent that acted outside its folder is not tried again by itself', async () => {
  const tool = { type: 'tool_use', id: 'c1', name: 'Bash', input: { command: 'git push' } };
  const json = {
    type: 'assistant',
    session_id: '{{session}}',
    message: { id: 'm1', role: 'assistant', content: [tool] },
  };
  stage.plays('claude', opens(), { json }, { err: 'boom' }, { exit: 1 });
  const id = await stage.start('--retry', '1', '--backoff', '1ms', 'claude', 'Go');
  await home.tend(['wait', id]);
  const { attempt, detail } = await home.json<Task>('show', id);
  expect(attempt).toBe(1);
  expect(detail).toMatch(
    /; not retried: it had acted outside its folder \(git push\); .*--idempotent$/,
  );
  stage.plays('claude', opens(), { json }, { err: 'bang' }, { exit: 1 });
  const words = ['--retry', '1', '--backoff', '1ms', '--idempotent', 'claude', 'Go'];
  const twice = await stage.start(...words);
  await home.out('agents', 'ack', '-q', 'claude');
  await home.tend(['wait', twice]);
  expect((await home.json<Task>('show', twice)).attempt).toBe(2);
});

test('quiet hours and the off switch are settings', async () => {
  await home.out('config', 'set', 'resume.quiet', '22:00-07:00');
  await home.out('config', 'set', 'resume.automatic', 'false');
  const { values } = await home.json<Output<'config'>>('config');
  expect(values).toMatchObject({ 'resume.quiet': '22:00-07:00', 'resume.automatic': false });
  const wrong = await home.tend(['config', 'set', 'resume.quiet', 'at night']);
  expect(wrong.code).not.toBe(0);
  expect(wrong.stderr).toContain('resume.quiet');
  expect(wrong.stderr).toContain('22:00-07:00');
  writeFileSync(join(home.path, 's/config.toml'), '', { mode: 0o600 });
});
