import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { call } from '../agents/claude-lines.ts';
import { answers, ends, line, opens, refuses, says } from '../agents/ground.ts';
import { after, AgentHome } from './agent-home.ts';
import { until } from './home.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());
beforeEach(() => {
  stage.plays('claude', ...answers('Fixed it.'));
  stage.calls();
});

const toldId = (stderr: string): string => /tend wait (\S+)/.exec(stderr)?.[1] ?? '';

describe('tend run <agent> --wait', () => {
  test('has the answer on stdout, and what was done on stderr', async () => {
    stage.plays(
      'claude',
      opens(),
      says('I look.'),
      line(call('Bash', { command: 'npm test' })),
      says('Fixed it.\nAll of it.'),
      ends({ result: 'Fixed it.\nAll of it.' }),
    );
    const { code, stdout, stderr } = await stage.run(['claude', 'Fix the bug', '--wait']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Fixed it.\nAll of it.\n' });
    expect(stderr).toContain('I look.');
    expect(stderr).toContain('Bash');
    expect(after(stage.calls()[0], '-p')).toBe('Fix the bug');
  });

  test('takes options on both sides of the prompt', async () => {
    const { code } = await stage.run([
      '--tier',
      'lite',
      'claude',
      'Fix',
      'it',
      '--max-turns',
      '7',
      '-w',
      '--model',
      'opus',
    ]);
    expect(code).toBe(0);
    const [one] = stage.calls();
    expect(
      ['-p', '--max-turns', '--max-budget-usd', '--model'].map((word) => after(one, word)),
    ).toEqual(['Fix it', '7', '0.5', 'opus']);
  });

  test('asks for permissions, and must tell its result, where it is told to', async () => {
    const options = ['--ask-permissions', '--require-finish', '--wait', '--json'];
    const { code, stdout } = await stage.run([...options, 'claude', 'Fix it']);
    expect([code, (JSON.parse(stdout) as Task).reason]).toEqual([1, 'no_final_answer']);
    const words = stage.calls()[0]?.argv.join(' ');
    expect(words).toContain('--permission-prompt-tool mcp__tend__permit');
    expect(words).toContain('without it the task counts as failed');
  });

  test('with --json prints the task and nothing else', async () => {
    const { code, stdout, stderr } = await stage.run(['--json', '--wait', 'claude', 'Fix it']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const task = JSON.parse(stdout) as Task;
    const session = after(stage.calls()[0], '--session-id');
    expect(task).toMatchObject({
      kind: 'agent',
      state: 'completed',
      verdict: 'delivered',
      answer: 'Fixed it.',
      title: 'Fix it',
      agent: { name: 'claude', prompt: 'Fix it', sessionId: session, model: 'a-model' },
      usage: { inputTokens: 15, outputTokens: 5, cachedTokens: 3, costUsd: 0.25, turns: 1 },
      attempts: [{ number: 1, sessionId: session, resumed: null, outcome: { kind: 'ok' } }],
    });
  });

  test('says on stderr what was said before the answer', async () => {
    stage.plays(
      'claude',
      opens(),
      says('One.', { id: 'm1' }),
      says('Two.', { id: 'm2' }),
      ends({ result: 'Two.' }),
    );
    const { stdout, stderr } = await stage.run(['claude', 'Fix it', '--wait']);
    expect({ stdout, stderr }).toEqual({ stdout: 'Two.\n', stderr: 'One.\n' });
  });

  test('ends with 1 when it failed, and says why', async () => {
    stage.plays(
      'claude',
      opens(),
      says('I tried.'),
      ends({ is_error: true, result: 'API Error: broken' }),
      {
        exit: 1,
      },
    );
    const { code, stdout, stderr } = await stage.run(['claude', 'Fix it', '--wait']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/I tried\.[\s\S]*API Error: broken/);
    stage.plays('claude', opens(), says('I tried.'), { exit: 3 });
    expect((await stage.run(['claude', 'Fix it', '--wait'])).stderr).toContain('I tried.');
    await home.out('agents', 'ack', '-q', 'claude');
  });

  test('ends with 124 when its time is over', async () => {
    stage.plays('claude', opens(), { hang: true });
    const words = ['claude', 'Fix it', '--wait', '--timeout', '1s'];
    expect((await stage.run(words)).code).toBe(124);
  });

  test('ends with 75 when the account is held, and the task goes on by itself', async () => {
    stage.plays('claude', opens(), ...refuses(Math.ceil(Date.now() / 1_000) + 3_600));
    const { code, stdout, stderr } = await stage.run(['claude', 'Fix it', '--wait']);
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    const id = toldId(stderr);
    const task = await home.json<Task>('show', id);
    expect(task).toMatchObject({ state: 'queued', queueReason: 'held', held: { class: 'until' } });
    const next = await stage.run(['claude', 'Fix it', '--wait']);
    expect(next.code).toBe(75);
    const failing = [
      'claude',
      'Fix it',
      '--wait',
      '--on-quota',
      'fail',
      '--env',
      'ANTHROPIC_API_KEY=x',
    ];
    const failed = await stage.run(failing);
    expect(failed.code).toBe(75);
    expect(failed.stderr).toContain('limit');
    await home.out('agents', 'release', 'claude');
    stage.plays('claude', ...answers('At last.'));
    expect((await home.tend(['wait', id, toldId(next.stderr)])).code).toBe(0);
  });

  test('is interrupted by leaving it alone', async () => {
    stage.plays('claude', opens(), { wait_for: stage.at('go') }, ...answers('Done.').slice(1));
    const { child, said, result } = home.start(stage.runWords(['claude', 'Fix it', '--wait']));
    await until('the call', () => stage.calls().length > 0);
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    const id = toldId(said.stderr);
    writeFileSync(stage.at('go'), '');
    expect((await home.tend(['wait', id])).code).toBe(0);
  });
});

describe('the prompt', () => {
  const given = async (args: string[], input?: string): Promise<string | undefined> => {
    const { child, result } = home.start(stage.runWords(['--wait', ...args]));
    child.stdin?.end(input);
    const { code, stderr } = await result;
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    return after(stage.calls()[0], '-p');
  };

  test('comes from stdin, from a file, or from several words', async () => {
    writeFileSync(stage.at('review.md'), 'Review\n  this.\n');
    expect(await given(['claude', '-'], 'From\nstdin.\n')).toBe('From\nstdin.\n');
    expect(await given(['claude', '@review.md'])).toBe('Review\n  this.\n');
    expect(await given(['claude', 'Fix', 'it', 'now'])).toBe('Fix it now');
    expect(await given(['claude', 'mail @review.md', 'to me'])).toBe('mail @review.md to me');
  });

  test('arrives as it is, whatever stands in it', async () => {
    const prompt = `it's "$(touch ran)" \`touch ran\` \\ $HOME\n\n--wait; 'ü😀'`;
    expect(await given(['claude', prompt])).toBe(prompt);
  });

  test('may be longer than an argument', async () => {
    const prompt = `Long: ${'ü'.repeat(150_000)} end`;
    const { child, result } = home.start(stage.runWords(['--wait', 'claude', '-']));
    child.stdin?.end(prompt);
    expect((await result).code).toBe(0);
    const [call] = stage.calls();
    expect(call?.stdin.startsWith(`${prompt}\n`)).toBe(true);
  });

  test('may begin with a dash, after --', async () => {
    expect(await given(['claude', '--', '--fix the bug'])).toBe(' --fix the bug');
    expect(await given(['claude', '--', '-x'])).toBe(' -x');
    const { code, stderr } = await stage.run(['claude', '--fix the bug']);
    expect(code).toBe(2);
    expect(stderr).toContain('--fix the bug');
  });

  test('has files as data', async () => {
    writeFileSync(stage.at('notes.md'), 'NOTES');
    const prompt = await given(['claude', 'Fix it', '--context', 'notes.md']);
    expect(prompt).toContain('## Task\n\nFix it');
    expect(prompt).toContain('```\nNOTES\n```');
  });

  test.each([
    [['claude'], 'there is no prompt for claude'],
    [['claude', ''], 'there is no prompt for claude'],
    [['claude', '  \n '], 'there is no prompt for claude'],
    [['claude', '-'], 'there is no prompt for claude'],
    [['claude', '@missing.md'], 'there is no file'],
    [['claude', '@.'], 'is no file'],
    [['claude', 'x', '--context', 'missing.md'], 'there is no file'],
    [['claude', 'x', '--skill', 'none'], 'there is no skill "none"'],
    [['claude', 'x', '--max-turns', '0'], '--max-turns'],
    [['claude', 'x', '--max-cost', 'much'], '--max-cost'],
    [['claude', 'x', '--tier', 'huge'], '--tier'],
    [['claud', 'Fix it'], 'Did you mean claude?'],
    [['auto', 'Fix it'], 'claude is not logged in'],
    [['make', 'test'], 'tend run -- make test'],
    [['kilo', 'Fix it'], 'kilo is not installed'],
    [['--model', 'x', '--', 'true'], '--model is for agents'],
  ])('%j is refused with 2', async (args, message) => {
    const { code, stdout, stderr } = await stage.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stage.calls()).toEqual([]);
  });
});

test('in the background: its id, then everything about it', async () => {
  const id = await stage.start('claude', 'Fix it');
  expect((await home.tend(['wait', id])).code).toBe(0);
  const shown = await home.out('show', id);
  expect(shown).toContain('claude 2.1.329, a-model');
  expect(shown).toContain('Fixed it.');
  expect(shown).toMatch(/1 turns, 15 tokens in \(3 cached\), 5 out, \$0\.2500/);
  expect(await home.out('show', '--prompt', id)).toBe('Fix it\n');
  const { deliveries } = await home.json<Output<'inbox'>>('inbox');
  expect(deliveries.filter(({ taskId }) => taskId === id)).toMatchObject([
    { kind: 'completion', preview: 'Fixed it.', truncated: false },
  ]);
});

test('a key stands in no file but that of the environment', async () => {
  const secret = 'sk-hidden-0123456789';
  stage.plays('claude', opens(), ends({ is_error: true, result: 'Broken.' }), { exit: 1 });
  const id = await stage.start('claude', 'Fix it', '--env', `ANTHROPIC_API_KEY=${secret}`);
  await home.tend(['wait', id]);
  expect(stage.calls()[0]?.env['ANTHROPIC_API_KEY']).toBe(secret);
  const root = join(home.path, 's');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, name)).isFile())
    .filter((name) => readFileSync(join(root, name)).includes(secret));
  expect(names.map((name) => name.split('/')[0])).toContain('env');
  expect(names.filter((name) => !/^env\/|\/env$/.test(name))).toEqual([]);
  expect(JSON.stringify(await home.json('show', id))).not.toContain(secret);
});
