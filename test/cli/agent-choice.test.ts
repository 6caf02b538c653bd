import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { answers, line, opens, refuses, says, type Step } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';

const stage = new AgentHome();
const { home } = stage;
const KEYS = { ANTHROPIC_API_KEY: 'k', CODEX_API_KEY: 'k' };
const codex = (text: string): Step[] => [
  { json: { type: 'thread.started', thread_id: 'th-1' } },
  { json: { type: 'turn.started' } },
  { json: { type: 'item.completed', item: { id: 'i0', type: 'agent_message', text } } },
  { json: { type: 'turn.completed', usage: { input_tokens: 1, output_tokens: 1 } } },
];
beforeAll(() => {
  stage.plays('claude', ...answers('By claude.'));
  stage.plays('codex', ...codex('By codex.'));
});
afterAll(() => stage.close());

const tend = (args: readonly string[], env: Record<string, string> = KEYS) =>
  home.tend(args, { env });
const run = (args: readonly string[], env: Record<string, string> = KEYS) =>
  stage.run(args, { env });
async function json<T>(args: readonly string[]): Promise<T> {
  return JSON.parse((await tend([...args, '--json'])).stdout) as T;
}
const configured = async (text: string): Promise<void> => {
  await home.out('daemon', 'stop');
  writeFileSync(join(home.path, 's/config.toml'), text, { mode: 0o600 });
};

describe('tend run auto', () => {
  test('takes whoever is here, and tells why', async () => {
    const { code, stdout } = await run(['--wait', '--json', 'auto', 'Fix it']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      answer: 'By claude.',
      agent: {
        name: 'claude',
        others: ['codex'],
        chosen: 'auto: claude, codex can do it; the least busy one is taken',
      },
      attempts: [{ agent: 'claude' }],
    });
    const { id } = JSON.parse(stdout) as Task;
    expect(await home.out('show', id)).toMatch(/chosen\s+auto: claude, codex can do it/);
  });

  test('says why nobody can', async () => {
    const { code, stderr } = await run(['auto', 'Fix it'], {});
    expect(code).toBe(2);
    expect(stderr).toContain('claude is not logged in');
    expect(stderr).toContain('gemini is not installed');
  });

  test('does a task again', async () => {
    expect((await run(['--id', 'first', '--wait', 'claude', 'Fix it'])).code).toBe(0);
    const again = await json<Task>(['retry', '--agent', 'auto', 'first']);
    expect(again).toMatchObject({ retryOf: 'first', agent: { others: ['codex'] } });
    await tend(['wait', again.id]);
  });
});

describe('tend run --fallback', () => {
  test('goes on with the next agent when the account is refused', async () => {
    stage.plays(
      'claude',
      opens(),
      says('Half done.'),
      line({ type: 'assistant', message: { content: [] } }),
      ...refuses(Math.ceil(Date.now() / 1_000) + 3_600),
    );
    const words = ['--id', 'second', '--fallback', 'codex', 'claude', 'Fix it', '--wait'];
    const { code, stdout } = await run(words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'By codex.\n' });
    const task = await json<Task>(['show', 'second']);
    expect(task).toMatchObject({
      agent: {
        name: 'codex',
        others: ['claude'],
        onQuota: 'fallback',
        account: expect.stringMatching(/^codex\//),
      },
      attempts: [{ agent: 'claude' }, { agent: 'codex' }],
    });
    const shown = await home.out('show', 'second');
    expect(shown).toMatch(/1\. claude started[^]*2\. codex started/);
    const prompt = await home.out('show', '--prompt', 'second');
    expect(prompt).toContain('- Attempt 1: claude stopped because of its limit');
    const { agents } = await json<Output<'agents'>>(['agents']);
    const held = agents.flatMap((one) => (one.held === null ? [] : [one.name]));
    expect(held).toEqual(['claude']);
    await home.out('agents', 'release', 'claude');
    stage.plays('claude', ...answers('By claude.'));
  });

  test.each([
    [['--fallback', 'gemini', 'claude', 'x'], 'gemini is not installed'],
    [['--fallback', 'codx', 'claude', 'x'], 'Did you mean codex?'],
    [['--fallback', 'codex,', 'claude', 'x'], 'is no list of names'],
    [['--fallback', 'codex', 'auto', 'x'], 'auto takes no fallback'],
    [['--on-quota', 'fallback', 'claude', 'x'], 'Name one, as in: --fallback codex'],
    [['--fallback', 'codex', '--', 'true'], '--fallback is for agents'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('tend agents --advise', () => {
  test('says whom auto would take, and why no other', async () => {
    const { code, stdout } = await tend(['agents', '--advise', 'Fix it']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/now\s+claude \(standard\)/);
    expect(stdout).toMatch(/candidates\s+claude \(standard\), codex \(standard\)/);
    expect(stdout).toContain('gemini is not installed');
    expect((await tend(['agents', '--advise', 'Fix it', '-q'])).stdout).toBe('claude\n');
  });

  test('goes by rules and classifier, and runs nothing else', async () => {
    const classifier = join(home.path, 'classify');
    writeFileSync(classifier, `#!/bin/sh\necho '{"agent":"codex","reason":"Small."}'\n`, {
      mode: 0o755,
    });
    await configured(`
[[auto.rules]]
labels = { kind = "docs" }
agents = ["claude"]
tier = "lite"

[auto.classifier]
command = ["${classifier}"]
`);
    stage.calls();
    const advice = await json<Output<'advise'>>(['agents', '--advise', 'Fix it', '--cwd', '/']);
    expect(advice).toMatchObject({
      now: { agent: 'codex' },
      classifier: { agent: 'codex', reason: 'Small.', failure: null },
      chosen: 'auto: the classifier chose codex: Small.',
    });
    const { stdout } = await tend(['agents', '--advise', 'Fix it', '--label', 'kind=docs']);
    expect(stdout).toMatch(/now\s+claude \(lite\)/);
    expect(stdout).toMatch(/rule\s+1: kind=docs/);
    expect(stdout).toMatch(/classifier\s+named "codex", which is no candidate/);
    expect(stage.calls()).toEqual([]);
  });

  test('ends with 1 where nobody can', async () => {
    const { code, stdout } = await tend(['agents', '--advise', 'Fix it'], {});
    expect(code).toBe(1);
    expect(stdout).toContain('no agent can do it');
  });
});
