import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { result, said } from './claude-lines.ts';
import {
  answers,
  ends,
  inTurn,
  isAlive,
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

const HANG: Step = { hang: true };
const DEAF: Step = { ignore: ['SIGINT', 'SIGTERM'] };
const children = (): number[] => stage.logged('child').map(({ child }) => child);
/** An agent that says this at once, however busy the machine is, and stays. */
const speaks = (...lines: readonly object[]): void => {
  const text = lines.map((one) => `${JSON.stringify(one)}\n`).join('');
  stage.installs('claude', `#!/bin/sh\ncat <<'END'\n${text}END\nexec sleep 60\n`);
};
/** The task once its agent has said so much. */
const told = (id: string, count: number) =>
  stage.once(id, ({ attempt }) => (attempt?.agent?.report?.turns ?? 0) >= count);
const outcomes = async (id: string) =>
  (await stage.attempts(id)).map(({ outcome }) =>
    outcome.kind === 'stopped' ? outcome.reason : outcome.kind,
  );

describe('an agent that answers and stays', () => {
  const settled = (id: string) =>
    stage.once(id, ({ attempt }) => (attempt?.agent?.settledAt ?? null) !== null);

  test('is ended after a grace, and has done its work', async () => {
    const stray = { child: '5m', session: true };
    stage.plays('claude', stray, ...answers('Fixed it.'), HANG);
    const { id } = await stage.ask('Fix it.');
    const before = await settled(id);
    expect(before.state).toBe('running');
    await stage.later(9_000);
    await stage.ground.node.doctor();
    expect((await stage.ground.node.find(id)).state).toBe('running');
    await stage.later(1_500);
    const { end, answer, outcome } = await stage.ended(id);
    expect({ end, answer, outcome }).toEqual({
      end: 'completed',
      answer: 'Fixed it.',
      outcome: { kind: 'ok' },
    });
    expect(await stage.completions(id)).toHaveLength(1);
    expect(children().map(isAlive)).toEqual([false]);
  });

  test('is not failed by a clock that runs out meanwhile', async () => {
    speaks(said('Fixed it.'), result({ result: 'Fixed it.' }));
    const late = await stage.asked('Fix it.', { wish: { minutes: 0.02 } });
    expect(late).toMatchObject({ end: 'completed', answer: 'Fixed it.', outcome: { kind: 'ok' } });
    const silent = await stage.asked('Fix it.', { spec: { idleTimeout: 500 } });
    expect(silent).toMatchObject({ end: 'completed', answer: 'Fixed it.' });
  });

  test('is not waited for when it ends by itself in time', async () => {
    stage.plays('claude', ...answers('Fixed it.'), { after: '600ms' }, { exit: 3 });
    const { end, attempt } = await stage.asked('Fix it.');
    expect(end).toBe('completed');
    expect(attempt.exit).toEqual({ code: 3 });
  });

  test('is ended as what it said, when it had failed', async () => {
    stage.plays('claude', DEAF, opens(), ends({ is_error: true, result: 'Broken.' }), HANG);
    const { id } = await stage.ask('Fix it.');
    await settled(id);
    await stage.later(10_500);
    await stage.once(id, ({ state }) => state === 'stopping');
    await stage.ground.stop(id, { grace: 0 });
    expect((await stage.ended(id)).outcome).toEqual({ kind: 'agent_error', message: 'Broken.' });
  });
});

describe('a stop', () => {
  test('interrupts first, then asks, then kills; nothing is left, wherever it went', async () => {
    stage.plays(
      'claude',
      opens(),
      DEAF,
      { child: '5m', session: true, ignores: ['SIGINT', 'SIGTERM'] },
      { child: '5m' },
      says('Working.'),
      HANG,
    );
    const { id } = await stage.ask('Fix it.');
    await told(id, 1);
    const began = Date.now();
    await stage.ground.stop(id, { grace: 600 });
    const { end, attempt } = await stage.ended(id);
    expect(end).toBe('cancelled user');
    expect(Date.now() - began).toBeGreaterThanOrEqual(600);
    expect(stage.signals()).toEqual(['SIGINT', 'SIGTERM']);
    expect(attempt.exit).toEqual({ signal: 'SIGKILL' });
    expect([...children(), stage.calls()[0]?.pid ?? 0].map(isAlive)).toEqual([false, false, false]);
  });

  test('lets an agent close its session by the interrupt alone', async () => {
    const aborted = {
      type: 'result',
      subtype: 'error_during_execution',
      terminal_reason: 'aborted_streaming',
      session_id: '{{session}}',
      num_turns: 1,
      usage: { input_tokens: 30, output_tokens: 4 },
    };
    stage.plays(
      'claude',
      opens(),
      { child: '5m', session: true, ignores: ['SIGINT'] },
      says('Working.'),
      HANG,
      { on: 'SIGINT', json: aborted },
      { on: 'SIGINT', exit: 0 },
    );
    const { id } = await stage.ask('Fix it.');
    await told(id, 1);
    await stage.ground.stop(id);
    const { end, report, attempt } = await stage.ended(id);
    expect(end).toBe('cancelled user');
    expect(stage.signals()).toEqual(['SIGINT']);
    expect(attempt.exit).toEqual({ code: 0 });
    // What did not hear the interrupt is ended after it.
    expect(children().map(isAlive)).toEqual([false]);
    expect(report.usage).toMatchObject({ inputTokens: 30, outputTokens: 4 });
    expect(await stage.holds()).toEqual([]);
  });

  test('that comes before the launch, or while the account is held, starts nothing', async () => {
    stage.plays('claude', ...answers());
    await stage.ground.node.agents.hold('claude', null, 'away');
    const { id } = await stage.ask('Fix it.');
    expect((await stage.ground.stop(id)).state).toBe('cancelled');
    await stage.ground.node.agents.release('claude');
    await stage.ground.node.doctor();
    expect(stage.calls()).toEqual([]);
  });
});

describe('silence', () => {
  test('from the first moment on is given one more chance, and no third', async () => {
    stage.plays('claude', HANG);
    const { id } = await stage.ask('Fix it.', { spec: { firstOutputTimeout: 200 } });
    const { end } = await stage.ended(id);
    expect(end).toBe('failed no_first_output');
    expect(await outcomes(id)).toEqual(['no_first_output', 'no_first_output']);
    const [first, second] = stage.calls().map(({ argv }) => argv);
    expect(second).toContain('--session-id');
    expect(second).not.toContain('--resume');
    expect(second?.[second.indexOf('--session-id') + 1]).not.toBe(
      first?.[first.indexOf('--session-id') + 1],
    );
    expect(await stage.completions(id)).toHaveLength(1);
  });

  test('from the first moment on may be overcome', async () => {
    stage.plays('claude', ...inTurn([HANG], answers('Now.')));
    const { end, answer } = await stage.asked('Fix it.', { spec: { firstOutputTimeout: 1_500 } });
    expect({ end, answer }).toEqual({ end: 'completed', answer: 'Now.' });
  });

  test('later on ends it, with what it had said', async () => {
    speaks(said('Thinking about it.'));
    const { end, task } = await stage.asked('Fix it.', { spec: { idleTimeout: 400 } });
    expect(end).toBe('failed idle');
    expect(task.attempt).toMatchObject({ number: 1, output: { preview: 'Thinking about it.' } });
  });

  test('has its limits unless others are asked for', async () => {
    stage.plays('claude', ...answers());
    const spec = { idleTimeout: null } as const;
    const { task } = await stage.asked('Fix it.', { spec });
    expect(task.spec).toMatchObject({ idleTimeout: 600_000, grace: 10_000, streams: 'split' });
  });
});

describe('the envelope', () => {
  const step = (nth: number, cost: number): Step[] => [
    { after: '500ms', json: stepLine('step_start', { id: `p${nth}`, messageID: `m${nth}` }) },
    {
      json: stepLine('step_finish', {
        id: `f${nth}`,
        messageID: `m${nth}`,
        reason: 'tool-calls',
        cost,
        tokens: { input: 10, output: 1, reasoning: 0, cache: { read: 0, write: 0 } },
      }),
    },
  ];
  const stepLine = (type: string, part: object) => ({
    type,
    sessionID: 'ses_1',
    timestamp: 1,
    part,
  });

  test('ends an agent that does not count its turns, after one more at most', async () => {
    const turns = [1, 2, 3, 4, 5, 6].flatMap((nth) => step(nth, 0));
    stage.plays('opencode', ...turns, HANG);
    const { end, report } = await stage.asked('Go on and on.', {
      agent: 'opencode',
      wish: { turns: 2 },
    });
    expect(end).toBe('failed max_turns');
    expect(report.turns).toBe(3);
    expect(stage.signals()).toEqual([]);
  });

  test('ends an agent that spends too much, and says how much it was', async () => {
    const turns = [1, 2, 3, 4, 5, 6].flatMap((nth) => step(nth, 0.4));
    stage.plays('opencode', ...turns, HANG);
    const { end, report, task } = await stage.asked('Spend it.', {
      agent: 'opencode',
      wish: { costUsd: 1 },
      spec: { retry: { attempts: 2, backoff: [1] } },
    });
    expect(end).toBe('failed budget_exceeded');
    expect(report.usage?.costUsd).toBeCloseTo(1.2);
    expect(task.attempt?.number).toBe(1);
  });

  test('ends an agent whose time is over', async () => {
    stage.plays('claude', opens(), says('Working.'), HANG);
    const { end, task } = await stage.asked('Take your time.', { wish: { minutes: 0.005 } });
    expect(end).toBe('failed timed_out');
    expect(task.spec.timeout).toBe(300);
  });
});
