import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskId } from '../../src/domain/task.ts';
import {
  answers,
  ends,
  inTurn,
  isAlive,
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

/** It goes on once the test says so. */
const PAUSE: Step = { wait_for: '{{cwd}}/go' };
const goOn = (): void => writeFileSync(join(stage.cwd, 'go'), '');
const bytes = (text: string): Step => ({ bytes: Buffer.from(text).toString('base64') });
/** The task once its agent has told so many things. */
const told = (id: TaskId, count: number) =>
  stage.once(id, ({ attempt }) => (attempt?.agent?.report?.events ?? 0) >= count);
const USAGE = { inputTokens: 15, outputTokens: 5, cachedTokens: 3, costUsd: 0.25 };

describe('another daemon adopts an agent that runs', () => {
  test('and nothing of what it told is lost or told twice', async () => {
    stage.plays(
      'claude',
      opens(),
      says('One.', { id: 'm1' }),
      bytes('{"type":"assistant","mess'),
      PAUSE,
      bytes('age":{"id":"m2","content":[{"type":"text","text":"Two."}]}}\n'),
      ends({ result: 'Two.', num_turns: 2 }),
    );
    const { id } = await stage.ask('Fix it.');
    await told(id, 3);
    const before = await stage.events(id);
    await stage.ground.reopen();
    expect(await stage.events(id)).toEqual(before);
    goOn();
    const { end, answer, report } = await stage.ended(id);
    expect({ end, answer }).toEqual({ end: 'completed', answer: 'Two.' });
    expect(report).toMatchObject({ usage: USAGE, turns: 2, unknownLines: 0 });
    const all = await stage.events(id);
    expect(all.slice(0, before.length)).toEqual(before);
    expect(all.map(({ event }) => event.kind)).toEqual([
      'session',
      'usage',
      'text',
      'usage',
      'text',
      'usage',
      'final',
    ]);
    expect(report.events).toBe(all.length);
    const last = before.at(-1)?.id ?? '';
    expect(await stage.events(id, last)).toEqual(all.slice(before.length));
    expect(await stage.completions(id)).toHaveLength(1);
    expect(stage.calls()).toHaveLength(1);
  });

  test('as often as it has to', async () => {
    const steps = [1, 2, 3, 4].flatMap((nth) => [
      says(`Step ${nth}.`, { id: `m${nth}` }),
      { wait_for: `{{cwd}}/go${nth}` },
    ]);
    stage.plays('claude', opens(), ...steps, ends({ result: 'Done.', num_turns: 4 }));
    const { id } = await stage.ask('Fix it.');
    for (const nth of [1, 2, 3, 4]) {
      await told(id, 1 + 2 * nth);
      await stage.ground.reopen();
      writeFileSync(join(stage.cwd, `go${nth}`), '');
    }
    const { end, report } = await stage.ended(id);
    expect(end).toBe('completed');
    expect(report).toMatchObject({ usage: USAGE, turns: 4, events: 11 });
    expect(await stage.completions(id)).toHaveLength(1);
  });

  test('and finds the end of one that ended while nobody looked', async () => {
    stage.plays('claude', opens(), says('Hm.'), PAUSE, ...answers('Done.').slice(1));
    const { id } = await stage.ask('Fix it.');
    await told(id, 3);
    const pid = stage.calls()[0]?.pid ?? 0;
    await stage.ground.reopen(async () => {
      goOn();
      await stage.wait('the agent is over', () => !isAlive(pid));
    });
    const { end, answer, report } = await stage.ended(id);
    expect({ end, answer }).toEqual({ end: 'completed', answer: 'Done.' });
    expect(report.usage).toEqual(USAGE);
    expect(await stage.completions(id)).toHaveLength(1);
  });

  test('and knows that it had said all there is to say', async () => {
    stage.plays('claude', ...answers('Done.'), { hang: true });
    const { id } = await stage.ask('Fix it.');
    await stage.once(id, ({ attempt }) => (attempt?.agent?.settledAt ?? null) !== null);
    const looks = async (): Promise<number> =>
      (await stage.ground.ports.output.marks({ taskId: id, number: 1 })).length;
    const before = await looks();
    await stage.ground.reopen(async () => stage.ground.jump(9_000));
    await stage.wait('it is read again', async () => (await looks()) > before);
    await stage.later(1_500);
    const isStopped = async (): Promise<boolean> =>
      (await stage.ground.node.find(id)).state !== 'running';
    await stage.wait('it is stopped at once', isStopped, 5_000);
    expect((await stage.ended(id)).end).toBe('completed');
  });

  test('and goes on to stop one that was being stopped', async () => {
    stage.plays('claude', opens(), { ignore: ['SIGINT', 'SIGTERM'] }, says('Hm.'), { hang: true });
    const { id } = await stage.ask('Fix it.');
    await told(id, 3);
    await stage.ground.stop(id, { grace: 800 });
    await stage.ground.reopen();
    const { end, attempt } = await stage.ended(id);
    expect(end).toBe('cancelled user');
    expect(attempt.exit).toEqual({ signal: 'SIGKILL' });
    expect(stage.signals().slice(0, 1)).toEqual(['SIGINT']);
    expect(stage.signals()).toContain('SIGTERM');
    expect(isAlive(stage.calls()[0]?.pid ?? 0)).toBe(false);
  });

  test('and goes on to hold an account, and with the session after it', async () => {
    const reset = Math.ceil(Date.now() / 1_000) + 300;
    stage.plays('claude', ...inTurn([opens(), says('Half.'), ...refuses(reset)], answers('Done.')));
    const { id } = await stage.ask('Fix it.');
    await stage.held(id);
    await stage.ground.reopen();
    await stage.ground.node.doctor();
    expect((await stage.ground.node.find(id)).state).toBe('queued');
    await stage.later(300_000 + 76_000);
    expect((await stage.ended(id)).end).toBe('completed');
    const [first, second] = stage.calls().map(({ argv }) => argv);
    expect(second?.[second.indexOf('--resume') + 1]).toBe(
      first?.[first.indexOf('--session-id') + 1],
    );
  });
});

describe('a time that is told in words', () => {
  /** Five minutes from now, as Codex says it. */
  const told5 = (): { at: number; steps: Step[] } => {
    const at = Math.ceil(Date.now() / 60_000) * 60_000 + 300_000;
    const hour = new Date(at).getUTCHours();
    const minute = new Date(at).getUTCMinutes();
    const words = `${hour % 12 || 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'AM' : 'PM'}`;
    const message = `You’ve hit your usage limit. Try again at ${words}.`;
    const steps = [
      { json: { type: 'thread.started', thread_id: 'th-1' } },
      { json: { type: 'turn.started' } },
      { json: { type: 'error', message } },
      { json: { type: 'turn.failed', error: { message } } },
    ];
    return { at, steps };
  };
  const asked = async (): Promise<TaskId> =>
    (await stage.ask('Fix it.', { agent: 'codex', env: { TZ: 'UTC' } })).id;
  /** Until when the first attempt was told to wait: by now that is over, and another may be running. */
  const until = (id: TaskId): Promise<number | null> =>
    stage
      .wait('the end of the first attempt', async () => {
        const outcome = (await stage.attempts(id))[0]?.outcome;
        return outcome !== undefined && 'limit' in outcome ? { at: outcome.limit.until } : null;
      })
      .then(({ at }) => at);

  test('is one of the day on which it was said, though it is read later', async () => {
    const { at, steps } = told5();
    stage.plays('codex', { after: '400ms' }, ...steps, { exit: 1 });
    const id = await asked();
    await stage.wait('the call', () => stage.calls().length > 0);
    const exit = join(stage.ground.node.info.stateFolder, 'tasks', id, '1/exit');
    await stage.ground.reopen(async () => {
      await stage.wait('the end', () => existsSync(exit) && readFileSync(exit, 'utf8') !== '');
      stage.ground.jump(600_000);
    });
    expect(await until(id)).toBe(at);
  });

  test('and though it is read again', async () => {
    const { at, steps } = told5();
    stage.plays('codex', ...steps, PAUSE, { exit: 1 });
    const id = await asked();
    await told(id, 4);
    await stage.ground.reopen(async () => stage.ground.jump(600_000));
    goOn();
    expect(await until(id)).toBe(at);
  });
});

test('a clock that is set back loses and reorders nothing', async () => {
  stage.plays(
    'claude',
    opens(),
    says('One.', { id: 'm1' }),
    PAUSE,
    says('Two.', { id: 'm2' }),
    ends(),
  );
  const { id } = await stage.ask('Fix it.');
  await told(id, 3);
  stage.ground.jump(-60_000);
  goOn();
  expect((await stage.ended(id)).end).toBe('completed');
  const events = await stage.events(id);
  expect(events.map(({ event }) => (event.kind === 'text' ? event.text : event.kind))).toEqual([
    'session',
    'usage',
    'One.',
    'usage',
    'Two.',
    'usage',
    'final',
  ]);
});

test('a follower sees events while the agent runs, and the last one when it ends', async () => {
  stage.plays(
    'claude',
    opens(),
    says('One.', { id: 'm1' }),
    PAUSE,
    says('Two.', { id: 'm2' }),
    ends(),
  );
  const { id } = await stage.ask('Fix it.');
  const options = { after: null, attempt: null, follow: true };
  const seen: string[] = [];
  const signal = AbortSignal.timeout(15_000);
  for await (const { event, at } of stage.ground.node.agents.events(id, options, signal)) {
    seen.push(event.kind === 'text' ? event.text : event.kind);
    expect(Math.abs(Date.now() - (at ?? 0))).toBeLessThan(15_000);
    if (event.kind !== 'text' || event.text !== 'One.') continue;
    expect((await stage.ground.node.find(id)).state).toBe('running');
    goOn();
  }
  expect(seen).toEqual(['session', 'usage', 'One.', 'usage', 'Two.', 'usage', 'final']);
});
