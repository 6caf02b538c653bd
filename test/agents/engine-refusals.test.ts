import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isHeld } from '../../src/domain/holds.ts';
import type { EndedTask } from '../../src/domain/task.ts';
import {
  answers,
  ends,
  inTurn,
  only,
  opens,
  openStage,
  refuses,
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

const HOUR = 3_600_000;
const BUFFER = 75_000;
const SOON = 600_000;
/** A whole second, some minutes from now. */
const soon = (): number => Math.ceil((Date.now() + SOON) / 1_000);

/** What the real program printed in such a run, with its end. */
const recorded = (name: string, exit = 1): Step[] => [
  { replay: join(import.meta.dirname, '../fixtures/recordings', name) },
  { exit },
];
const after = (words: readonly string[], word: string): string | undefined =>
  words[words.indexOf(word) + 1];
const outcomes = async (id: string) =>
  (await stage.attempts(id)).map(({ outcome }) => outcome.kind);

describe('a plan’s limit with a reset', () => {
  test('holds the account until then; the task waits, and goes on in its session', async () => {
    const reset = soon();
    const later = [says('Rest done.'), ends({ result: 'Rest done.' })];
    stage.plays(
      'claude',
      opens(),
      ...only('unless', '--resume', [says('Half done.'), ...refuses(reset)]),
      ...only('if', '--resume', later),
    );
    const { id } = await stage.ask('Do it all.');
    const held = await stage.held(id);
    expect(held.queueReason).toBe('held');
    expect(held.task.attempt).toMatchObject({
      outcome: { kind: 'quota_exhausted', limit: { class: 'until', until: reset * 1_000 } },
    });
    expect(await stage.holds()).toMatchObject([
      {
        account: 'claude/default/default',
        class: 'until',
        until: reset * 1_000,
        retryAt: reset * 1_000 + BUFFER,
        count: 1,
        taskId: id,
      },
    ]);
    expect(held.hold).toMatchObject({ retryAt: reset * 1_000 + BUFFER });
    expect(await stage.completions(id)).toEqual([]);

    await stage.later(reset * 1_000 + BUFFER - 5_000 - Date.now());
    await stage.ground.node.doctor();
    expect((await stage.ground.node.find(id)).state).toBe('queued');
    expect(stage.calls()).toHaveLength(1);

    await stage.later(5_001);
    const { end, answer, task } = await stage.ended(id);
    expect({ end, answer }).toEqual({ end: 'completed', answer: 'Rest done.' });
    const [first, second] = stage.calls();
    const session = after(first?.argv ?? [], '--session-id');
    expect(after(second?.argv ?? [], '--resume')).toBe(session);
    expect(second?.argv).not.toContain('--session-id');
    expect(after(second?.argv ?? [], '-p')).toMatch(/^Go on where you stopped\./);
    expect(task.attempt).toMatchObject({
      number: 2,
      agent: { sessionId: session, resumed: session },
    });
    expect(await outcomes(id)).toEqual(['quota_exhausted', 'ok']);
    expect(await stage.completions(id)).toMatchObject([{ preview: 'Rest done.' }]);
    expect(await stage.holds()).toEqual([]);
    expect((await stage.events(id)).map(({ attempt }) => attempt)).toEqual(
      expect.arrayContaining([1, 2]),
    );
  });

  test('that came before a first word has the words said again', async () => {
    stage.plays(
      'claude',
      ...inTurn(answers('First.'), [opens(), ...refuses(soon())], answers('Second.')),
    );
    const first = await stage.asked('Do it all.');
    const { node } = stage.ground;
    const again = await node.resume(first.task as EndedTask, 'Now add a test.', null);
    await stage.held(again.task.id);
    await stage.later(SOON + BUFFER + 2_000);
    expect((await stage.ended(again.task.id)).end).toBe('completed');
    const words = stage.calls().map(({ argv }) => after(argv, '-p'));
    expect(words).toEqual(['Do it all.', 'Now add a test.', 'Now add a test.']);
  });

  test('lets tasks of other agents go on, and those of the same account wait without a call', async () => {
    stage.plays('claude', ...inTurn([opens(), ...refuses(soon())], answers('Second.')));
    stage.plays('codex', { out: '?' }, { exit: 1 });
    const first = await stage.ask('One.');
    await stage.held(first.id);
    const second = await stage.ask('Two.');
    expect((await stage.asked('x', { agent: 'codex' })).end).toBe('failed agent_error');
    const [described] = await stage.ground.node.describe([await stage.ground.node.find(second.id)]);
    expect(described).toMatchObject({
      wait: { block: { reason: 'held' } },
      task: { state: 'queued' },
    });
    expect(stage.calls().filter(({ argv }) => argv[0] === 'claude')).toHaveLength(1);
    await stage.later(SOON + BUFFER + 2_000);
    expect((await stage.ended(first.id)).end).toBe('completed');
    expect((await stage.ended(second.id)).end).toBe('completed');
  });

  test('of another key holds another account', async () => {
    stage.plays('claude', ...inTurn([opens(), ...refuses(soon())], answers('Paid.')));
    const first = await stage.ask('One.');
    await stage.held(first.id);
    const { end } = await stage.asked('Two.', { env: { ANTHROPIC_API_KEY: 'k-secret' } });
    expect(end).toBe('completed');
    expect(JSON.stringify(await stage.holds())).not.toContain('k-secret');
  });

  test('fails a task that does not want to wait, but holds the account', async () => {
    stage.plays('claude', opens(), ...refuses(soon()));
    const { end, task } = await stage.asked('Do it.', {
      onQuota: 'fail',
      spec: { retry: { attempts: 3, backoff: [1] } },
    });
    expect(end).toBe('failed quota_exhausted');
    expect(task.attempt?.number).toBe(1);
    expect(await stage.holds()).toHaveLength(1);
    expect(await stage.completions(task.id)).toHaveLength(1);
  });

  test('is believed for a day at most', async () => {
    stage.plays('claude', opens(), ...refuses(soon() + 40 * 24 * 3_600));
    const before = Date.now();
    const { hold } = await stage.held((await stage.ask('Do it.')).id);
    expect(hold?.retryAt).toBeGreaterThanOrEqual(before + 24 * HOUR);
    expect(hold?.retryAt).toBeLessThanOrEqual(Date.now() + 24 * HOUR);
  });

  test('that is told in words of the local time is read in the time zone of the task', async () => {
    stage.plays('codex', ...recorded('codex/quota'));
    const env = { TZ: 'Pacific/Kiritimati' };
    const { hold } = await stage.held((await stage.ask('Do it.', { agent: 'codex', env })).id);
    const told = new Date((hold?.until ?? 0) + 14 * HOUR);
    expect([told.getUTCHours(), told.getUTCMinutes()]).toEqual([1, 48]);
    expect(hold?.until).toBeGreaterThan(Date.now());
  });

  test('that is told in words means the same whenever it is read', async () => {
    stage.plays('codex', ...recorded('codex/quota'));
    const env = { TZ: 'Pacific/Kiritimati' };
    const { id } = await stage.ask('Do it.', { agent: 'codex', env });
    const { hold } = await stage.held(id);
    const events = await stage.events(id);
    expect(events.filter(({ event }) => event.kind === 'limit')).toMatchObject([
      { event: { limit: { until: hold?.until } } },
    ]);
    stage.ground.jump(50 * HOUR);
    expect(await stage.events(id)).toEqual(events);
  });
});

describe('a refusal without a reset', () => {
  test('of a busy provider is tried again soon, later each time', async () => {
    stage.plays('claude', ...recorded('claude/overloaded'));
    const { id } = await stage.ask('Do it.');
    const { hold } = await stage.held(id);
    expect(hold).toMatchObject({ class: 'transient', count: 1 });
    const wait = (hold?.retryAt ?? 0) - (hold?.since ?? 0);
    await stage.later(wait + 1);
    await stage.once(id, ({ attempt }) => attempt?.number === 2 && attempt.outcome !== null);
    const [again] = await stage.holds();
    expect(again).toMatchObject({ class: 'transient', count: 2 });
    expect((again?.retryAt ?? 0) - (again?.since ?? 0)).toBe(2 * wait);
  });

  test('for want of money fails at once, and all others wait until a person releases the account', async () => {
    stage.plays('claude', ...inTurn(recorded('claude/billing'), answers('Paid.')));
    const first = await stage.asked('Do it.');
    expect(first.end).toBe('failed quota_exhausted');
    expect(await stage.holds()).toMatchObject([{ class: 'needs_person', retryAt: null, count: 1 }]);
    const { id } = await stage.ask('Do it now.');
    await stage.later(2 * SOON);
    await stage.ground.node.doctor();
    const [described] = await stage.ground.node.describe([await stage.ground.node.find(id)]);
    expect(described).toMatchObject({
      wait: { block: { reason: 'held' } },
      task: { state: 'queued' },
    });
    expect(stage.calls()).toHaveLength(1);
    expect(await stage.ground.node.agents.release('claude')).toHaveLength(1);
    expect((await stage.ended(id)).end).toBe('completed');
    expect(await stage.holds()).toEqual([]);
  });
});

describe('what is no limit', () => {
  /** What failed once counts, and holds nothing. */
  const heldAccounts = async () =>
    (await stage.holds()).filter((hold) => isHeld(hold, Date.now())).map(({ account }) => account);

  test.each([
    ['claude/auth', 'failed auth_failed'],
    ['claude/bad-model', 'failed model_unavailable'],
    ['claude/max-turns', 'failed max_turns'],
    ['claude/max-budget', 'failed budget_exceeded'],
    ['claude/cut', 'failed agent_error'],
    ['codex/auth', 'failed auth_failed'],
  ])('%s: %s, and no account is held', async (name, expected) => {
    const [agent = ''] = name.split('/');
    stage.plays(agent, ...recorded(name));
    const { end, task } = await stage.asked('Do it.', { agent });
    expect(end).toBe(expected);
    expect(task.attempt?.number).toBe(1);
    expect(await heldAccounts()).toEqual([]);
  });

  test('words of a model about limits', async () => {
    const text = 'Error: 429 rate limit. Your credit balance is too low. Please run /login';
    stage.plays('claude', ...answers(text));
    expect((await stage.asked('Do it.')).end).toBe('completed');
    stage.plays('claude', opens(), says(text), { exit: 1 });
    expect((await stage.asked('Do it.')).end).toBe('failed agent_error');
    expect(await heldAccounts()).toEqual([]);
  });

  test('an end that the protocol does not tell of is no success', async () => {
    stage.plays('claude', opens(), says('I am done!'), { exit: 0 });
    expect((await stage.asked('Do it.')).end).toBe('failed no_final_answer');
    stage.plays('claude', opens(), ends({ result: '' }));
    expect((await stage.asked('Do it.')).end).toBe('failed no_final_answer');
    await stage.ground.node.agents.ack('claude');
    stage.plays('claude', { exit: 0 });
    expect((await stage.asked('Do it.')).end).toBe('failed no_final_answer');
  });
});

describe('an agent that a person lays aside', () => {
  test('is not called until it is released, or the time is over', async () => {
    stage.plays('claude', ...answers());
    const { agents } = stage.ground.node;
    await agents.hold('claude', null, 'on holiday');
    const { id } = await stage.ask('Do it.');
    await stage.ground.node.doctor();
    expect((await stage.ground.node.find(id)).state).toBe('queued');
    await agents.release('claude');
    expect((await stage.ended(id)).end).toBe('completed');
    await agents.hold('claude', 700, 'a break');
    const other = await stage.ask('Do it.');
    const [described] = await stage.ground.node.describe([other]);
    expect(described).toMatchObject({
      wait: { block: { reason: 'held' }, hold: { reason: 'a break' } },
    });
    expect((await stage.ended(other.id)).end).toBe('completed');
    await expect(agents.hold('claud', null, 'x')).rejects.toMatchObject({ code: 'unknown_agent' });
  });
});
