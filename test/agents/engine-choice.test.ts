import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentWork } from '../../src/domain/agent-work.ts';
import { ANYBODY, type Choosing } from '../../src/domain/choice.ts';
import type { EndedTask, Task } from '../../src/domain/task.ts';
import { answers, openStage, type Stage, type Step } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  stage.plays('claude', ...answers('By claude.'));
  stage.plays('codex', ...codex('By codex.'));
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

/** Both are logged in. */
const KEYS = { ANTHROPIC_API_KEY: 'k', CODEX_API_KEY: 'k' };
const CLAUDE_AND_CODEX = 'auto: claude, codex can do it; the least busy one is taken';

const codex = (text: string): Step[] => [
  { json: { type: 'thread.started', thread_id: 'th-1' } },
  { json: { type: 'turn.started' } },
  { json: { type: 'item.completed', item: { id: 'i0', type: 'agent_message', text } } },
  { json: { type: 'turn.completed', usage: { input_tokens: 1, output_tokens: 1 } } },
];

const choosing = (change: Partial<Choosing>): void => {
  stage.ground.settings.choice = { ...ANYBODY, ...change };
};
const RULE = {
  labels: {},
  paths: [],
  longerThan: null,
  shorterThan: null,
  agents: null,
  model: null,
  tier: null,
};
const workOf = ({ spec }: Task): AgentWork => spec.work as AgentWork;
const auto = (more: Parameters<Stage['ask']>[1] = {}) =>
  stage.ask('Fix it.', { agent: 'auto', env: KEYS, ...more });
const names = (task: Task): string[] => {
  const { agent, others = [] } = workOf(task);
  return [agent, ...others.map((one) => one.agent)];
};

describe('auto', () => {
  test('takes who is installed and logged in, the preferred one by name', async () => {
    const task = await auto();
    expect(names(task)).toEqual(['claude', 'codex']);
    expect(workOf(task)).toMatchObject({
      pick: 'least_busy',
      onQuota: 'fallback',
      chosen: CLAUDE_AND_CODEX,
    });
    expect(await stage.ended(task.id)).toMatchObject({ end: 'completed', answer: 'By claude.' });
  });

  test('gives the next task to who is less busy', async () => {
    stage.plays('claude', { wait_for: stage.at('go') }, ...answers('By claude.'));
    const first = await auto();
    await stage.ground.reaches(first.id, 'running');
    const second = await auto();
    expect(await stage.ended(second.id)).toMatchObject({ end: 'completed', answer: 'By codex.' });
    expect((await stage.attempts(second.id))[0]?.agent?.seat?.agent).toBe('codex');
    const [described] = await stage.ground.node.agents.list(stage.environment);
    expect(described).toMatchObject({ name: 'claude', active: 1 });
    await stage.ground.stop(first.id, { grace: 0 });
  });

  test('leaves out who is known to be logged out', async () => {
    const task = await auto({ env: { ANTHROPIC_API_KEY: 'k' } });
    expect(names(task)).toEqual(['claude']);
    expect(workOf(task).chosen).toBe('auto: claude is the only one that can do it');
    expect(workOf(task).pick).toBeUndefined();
    await stage.ended(task.id);
  });

  test('takes an unverified one only where the configuration speaks of it', async () => {
    stage.plays('amp', { exit: 1 });
    const env = { ...KEYS, AMP_API_KEY: 'k' };
    expect(names(await auto({ env }))).toEqual(['claude', 'codex']);
    choosing({ configured: ['amp'] });
    expect(names(await auto({ env, permissions: 'full' }))).toContain('amp');
    choosing({ agents: ['amp', 'codex'] });
    expect(names(await auto({ env, permissions: 'full' }))).toEqual(['amp', 'codex']);
  });

  test('says of everybody why nobody can', async () => {
    choosing({ agents: ['claude', 'gemini'] });
    const refused = await auto({ env: {} }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'agent_unavailable' });
    const { message } = refused as Error;
    expect(message).toContain('claude is not logged in');
    expect(message).toContain('gemini is not installed');
    expect(message).toContain('codex is not in auto.agents');
  });

  test('takes no fallback', async () => {
    await expect(auto({ fallback: ['codex'] })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  test('is the same task for the same key, whoever is here', async () => {
    const first = await auto({ spec: { key: 'once' } });
    stage.plays('gemini', { exit: 1 });
    const again = await auto({ spec: { key: 'once' }, env: { ...KEYS, GEMINI_API_KEY: 'k' } });
    expect(again.id).toBe(first.id);
    const other = auto({ spec: { key: 'once' }, prompt: 'Something else.' });
    await expect(other).rejects.toMatchObject({ code: 'key_conflict' });
  });

  test('does a task again, too', async () => {
    const { task } = await stage.asked('Fix it.', { env: KEYS });
    const change = { environment: null, feedback: null, agent: 'auto' };
    const { task: again } = await stage.ground.node.retry(task as EndedTask, change);
    expect(names(again)).toEqual(['claude', 'codex']);
    expect(again.spec.retryOf).toBe(task.id);
    await stage.ended(again.id);
  });
});

describe('a rule of the configuration', () => {
  test('decides who, with which model and how much', async () => {
    choosing({
      rules: [
        { ...RULE, labels: { kind: 'code' }, agents: ['claude'] },
        { ...RULE, labels: { kind: 'docs' }, agents: ['codex'], model: 'mini', tier: 'lite' },
      ],
    });
    const task = await auto({ spec: { labels: { kind: 'docs' } } });
    expect(workOf(task)).toMatchObject({
      agent: 'codex',
      model: 'mini',
      tier: 'lite',
      chosen: 'auto: codex is the only one that can do it by rule 2 (kind=docs)',
    });
    const asked = await auto({ spec: { labels: { kind: 'docs' } }, model: 'big', tier: 'high' });
    expect(workOf(asked)).toMatchObject({ model: 'big', tier: 'high' });
    expect(names(await auto())).toEqual(['claude', 'codex']);
  });
});

describe('a classifier', () => {
  const asks = (script: string): void => {
    stage.installs('classify', `#!/bin/sh\n${script}\n`);
    choosing({ classifier: { command: ['classify', '--json'] } });
  };

  test('chooses among the candidates, and what it says is stored', async () => {
    asks(`cat >${stage.at('question')}
echo 'Well: {"agent":"codex","tier":"lite","reason":"It is small."}'`);
    const task = await auto({ spec: { labels: { kind: 'docs' } } });
    expect(names(task)).toEqual(['codex', 'claude']);
    expect(workOf(task)).toMatchObject({
      tier: 'lite',
      pick: 'in_order',
      chosen: 'auto: the classifier chose codex: It is small.',
    });
    expect(JSON.parse(readFileSync(stage.at('question'), 'utf8'))).toEqual({
      prompt: 'Fix it.',
      labels: { kind: 'docs' },
      cwd: stage.cwd,
      candidates: [{ agent: 'claude' }, { agent: 'codex' }],
      tiers: ['lite', 'standard', 'high'],
    });
    expect(await stage.ended(task.id)).toMatchObject({ answer: 'By codex.' });
  });

  test.each([
    ['exit 3', 'failed (exit code 3)'],
    ['kill -9 $$', 'failed (ended by SIGKILL)'],
    ['echo codex', 'answered no JSON object'],
    [`echo '{"agent":"gemini"}'`, 'named "gemini", which is no candidate'],
  ])('that does %s is not fatal', async (script, words) => {
    asks(script);
    const { chosen } = workOf(await auto());
    expect(chosen).toBe(CLAUDE_AND_CODEX.replace('auto: ', `auto: the classifier ${words}; `));
  });

  test('that is not there is not fatal', async () => {
    choosing({ classifier: { command: ['no-such-classifier'] } });
    expect(workOf(await auto()).chosen).toContain('the classifier could not be started (ENOENT)');
    choosing({ classifier: { agent: 'nobody', model: null } });
    expect(workOf(await auto()).chosen).toContain('the classifier is nobody, which is no agent');
    choosing({ classifier: { agent: 'gemini', model: null } });
    expect(workOf(await auto()).chosen).toContain('cannot be asked: gemini is not installed');
    await stage.ground.node.agents.hold('claude', null, 'aside');
    choosing({ classifier: { agent: 'claude', model: null } });
    expect(workOf(await auto()).chosen).toContain('cannot be asked: claude is held (aside)');
  });

  test('is not asked where nobody can do it, nor for an agent that was named', async () => {
    asks(`touch ${stage.at('asked')}`);
    await stage.asked('Fix it.', { env: KEYS });
    await expect(auto({ env: {} })).rejects.toMatchObject({ code: 'agent_unavailable' });
    expect(existsSync(stage.at('asked'))).toBe(false);
  });

  test('may be an agent, which may but look', async () => {
    stage.plays('claude', ...answers('```json\n{"agent":"codex","reason":"Small."}\n```'));
    choosing({ classifier: { agent: 'claude', model: 'haiku' } });
    const task = await auto();
    expect(workOf(task).chosen).toBe('auto: the classifier chose codex: Small.');
    const [call] = stage.calls();
    expect(call?.argv).toContain('haiku');
    expect(call?.argv).toContain('dontAsk');
    expect(call?.argv.join(' ')).toContain('"candidates":[{"agent":"claude"},{"agent":"codex"}]');
    expect(await stage.ended(task.id)).toMatchObject({ answer: 'By codex.' });
  });

  test('that is an agent and fails is not fatal', async () => {
    stage.plays('claude', { err: 'No.' }, { exit: 1 });
    choosing({ classifier: { agent: 'claude', model: null } });
    expect(workOf(await auto()).chosen).toContain('the classifier failed (agent error); claude');
  });
});

describe('advice', () => {
  const advised = (labels: Record<string, string> = {}, env: Record<string, string> = KEYS) =>
    stage.ground.node.agents.advise({
      prompt: 'Fix it.',
      cwd: stage.cwd,
      labels,
      environment: { ...stage.environment, ...env },
      model: null,
      tier: null,
      permissions: null,
    });

  test('says who would do it now, who could, and who could not', async () => {
    const advice = await advised();
    expect(advice).toMatchObject({
      candidates: [{ agent: 'claude' }, { agent: 'codex' }],
      rule: null,
      classifier: null,
      chosen: CLAUDE_AND_CODEX,
      now: { agent: 'claude' },
      wait: null,
    });
    expect(advice.leftOut).toContainEqual({ agent: 'gemini', why: 'gemini is not installed' });
    const { tasks } = await stage.ground.node.list({ limit: 9 });
    expect(tasks).toEqual([]);
    expect(stage.calls()).toEqual([]);
  });

  test('goes by what is held, and says what it would wait for', async () => {
    await stage.ground.node.agents.hold('claude', null, 'aside');
    expect((await advised()).now).toMatchObject({ agent: 'codex' });
    await stage.ground.node.agents.hold('codex', null, 'aside');
    expect(await advised()).toMatchObject({ now: null, wait: { reason: 'held' } });
  });

  test('tells the rule, and that nobody can', async () => {
    choosing({ rules: [{ ...RULE, labels: { kind: 'docs' }, agents: ['gemini'] }] });
    const advice = await advised({ kind: 'docs' });
    expect(advice).toMatchObject({
      candidates: [],
      rule: { number: 1, words: 'kind=docs' },
      chosen: null,
      now: null,
      wait: null,
    });
    expect(advice.leftOut).toContainEqual({ agent: 'claude', why: 'claude is not in rule 1' });
  });
});
