import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { manualHold, RESUME_AT_ONCE } from '../../src/domain/holds.ts';
import type { Description } from '../../src/engine/facade.ts';
import {
  answers,
  inTurn,
  openStage,
  opens,
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

const SOON = 600_000;
const BUFFER = 75_000;
const HOUR = 3_600_000;
const soon = (): number => Math.ceil((Date.now() + SOON) / 1_000);
/** It breaks off. */
const breaks: readonly Step[] = [opens(), says('Half.'), { err: 'boom' }, { exit: 1 }];

const desk = () => stage.ground.node.agents;
const described = async (id: string): Promise<Description> => {
  const [found] = await stage.ground.node.describe([await stage.ground.node.find(id)]);
  if (found === undefined) throw new Error(`no task ${id}`);
  return found;
};
const waits = async (id: string) => (await described(id)).wait?.block;
const questions = async (): Promise<string[]> => {
  const all = { owner: 'cli:1000', limit: 99, wait: 0 };
  const found = await stage.ground.node.inbox(all, new AbortController().signal);
  return found.flatMap(({ delivery }) => (delivery.kind === 'question' ? [delivery.preview] : []));
};
const kinds = async () => (await desk().changes(99, null)).map(({ kind }) => kind).toReversed();
const status = async (name = 'claude') =>
  (await desk().list(stage.environment)).find((one) => one.name === name);

describe('an agent that fails twice in a row', () => {
  async function drained(): Promise<string> {
    stage.plays('claude', ...breaks);
    expect((await stage.asked('One.')).end).toBe('failed agent_error');
    expect(await questions()).toEqual([]);
    expect((await stage.asked('Two.')).end).toBe('failed agent_error');
    stage.plays('claude', ...answers('Well.'));
    return (await stage.ask('Three.')).id;
  }

  test('starts nothing more before a person has acknowledged it', async () => {
    const id = await drained();
    expect(await waits(id)).toMatchObject({
      reason: 'held',
      what: 'claude/drained',
      until: null,
      detail: expect.stringMatching(/^failed twice in a row \(agent error: /) as string,
    });
    expect(await questions()).toEqual([
      expect.stringMatching(
        /^claude failed twice in a row \(agent error: .*\); nothing of it starts before: tend agents ack claude$/,
      ),
    ]);
    expect((await status())?.holds).toMatchObject([{ class: 'drained', count: 2 }]);
    expect(
      (await stage.ground.node.doctor()).filter(({ check }) => check === 'agents'),
    ).toMatchObject([
      { level: 'problem', message: expect.stringContaining('claude is drained') as string },
    ]);
    expect(stage.calls()).toHaveLength(2);

    expect(await desk().ack('claude')).toMatchObject([{ account: 'claude/drained', count: 2 }]);
    expect((await stage.ended(id)).end).toBe('completed');
    expect(await stage.holds()).toEqual([]);
    expect(await desk().ack('claude')).toEqual([]);
    expect(await kinds()).toEqual(['drained', 'acknowledged']);
    await expect(desk().ack('claud')).rejects.toMatchObject({ code: 'unknown_agent' });
  });

  test('is not forgiven by a restart, nor is the first failure', async () => {
    stage.plays('claude', ...breaks);
    await stage.asked('One.');
    await stage.ground.reopen();
    await stage.asked('Two.');
    await stage.ground.reopen();
    stage.plays('claude', ...answers());
    const { id } = await stage.ask('Three.');
    await stage.ground.reopen();
    expect(await waits(id)).toMatchObject({ reason: 'held', what: 'claude/drained' });
    expect(stage.calls()).toHaveLength(2);
    await desk().release('claude');
    expect((await stage.ended(id)).end).toBe('completed');
    expect(await kinds()).toEqual(['drained', 'released']);
  });

  test('keeps nobody from another agent, and quiet hours say nothing of it', async () => {
    const id = await drained();
    stage.ground.settings.resume = (now) => ({ automatic: false, quietUntil: now + HOUR });
    await stage.later(1);
    expect(await waits(id)).toMatchObject({ reason: 'held', until: null });
    stage.plays('codex', { json: { type: 'thread.started', thread_id: 'th' } }, { exit: 1 });
    expect((await stage.asked('x', { agent: 'codex' })).end).toMatch(/^failed/);
    await desk().ack('claude');
    expect((await stage.ended(id)).end).toBe('completed');
  });

  test('counts anew after a success', async () => {
    stage.plays('claude', ...inTurn(breaks, answers(), breaks, answers()));
    for (const end of ['failed agent_error', 'completed', 'failed agent_error', 'completed'])
      expect((await stage.asked('Go.')).end).toBe(end);
    expect(await questions()).toEqual([]);
    expect(await kinds()).toEqual([]);
  });

  test('is used again when a task that ran on succeeds', async () => {
    stage.plays('claude', opens(), { wait_for: stage.at('go') }, ...answers());
    const slow = await stage.ask('Slow.');
    await stage.wait('the slow one is called', async () => stage.calls()[0] ?? null);
    const id = await drained();
    expect(await waits(id)).toMatchObject({ what: 'claude/drained' });
    fs.writeFileSync(stage.at('go'), '');
    expect((await stage.ended(slow.id)).end).toBe('completed');
    expect((await stage.ended(id)).end).toBe('completed');
    expect(await kinds()).toEqual(['drained', 'ended']);
  });

  test('its own retries count once', async () => {
    stage.plays('claude', ...inTurn(breaks, [...breaks.slice(0, 2), { exit: 2 }], answers()));
    const spec = { retry: { attempts: 3, backoff: [1] } };
    expect((await stage.asked('Go.', { spec })).end).toBe('completed');
    expect(stage.calls()).toHaveLength(3);
    expect(await kinds()).toEqual([]);
  });
});

describe('a limit while quiet, or when nothing resumes by itself', () => {
  async function limited(): Promise<string> {
    stage.plays('claude', ...inTurn([opens(), ...refuses(soon())], answers('Rest.')));
    const { id } = await stage.ask('Go.');
    await stage.held(id);
    return id;
  }

  test('keeps its tasks until the quiet hours end', async () => {
    const until = Date.now() + 2 * SOON;
    stage.ground.settings.resume = (now) => ({
      automatic: true,
      quietUntil: now < until ? until : null,
    });
    const id = await limited();
    await stage.later(SOON + BUFFER + 2_000);
    expect(await waits(id)).toMatchObject({
      until,
      detail: expect.stringContaining('it is over, but these are quiet hours') as string,
    });
    expect((await status())?.holds).toMatchObject([{ retryAt: until }]);
    expect(stage.calls()).toHaveLength(1);
    await stage.later(SOON);
    expect((await stage.ended(id)).end).toBe('completed');
  });

  test('nobody has to look when the quiet hours end', async () => {
    const since = Date.now() - HOUR;
    const over = manualHold('claude', 0, 'limit reached', since);
    await stage.ground.ports.store.setHold({ ...over, failure: 'rate_limited' });
    const until = Date.now() + 700;
    stage.ground.settings.resume = (now) => ({
      automatic: true,
      quietUntil: now < until ? until : null,
    });
    stage.plays('claude', ...answers());
    const { id } = await stage.ask('Go.');
    expect(await waits(id)).toMatchObject({ reason: 'held', until });
    expect((await stage.ended(id)).end).toBe('completed');
  });

  test('keeps its tasks until a person releases them', async () => {
    stage.ground.settings.resume = () => ({ automatic: false, quietUntil: null });
    const id = await limited();
    await stage.later(SOON + BUFFER + 2_000);
    expect(await waits(id)).toMatchObject({
      until: null,
      detail: expect.stringContaining('nothing resumes by itself') as string,
    });
    expect(stage.calls()).toHaveLength(1);
    await desk().release('claude');
    expect((await stage.ended(id)).end).toBe('completed');
    expect(await kinds()).toEqual(['held', 'released']);
  });

  test('keeps a new task too, and lets it go when that is switched on again', async () => {
    stage.ground.settings.resume = () => ({ automatic: false, quietUntil: null });
    const id = await limited();
    await stage.later(SOON + BUFFER + 2_000);
    const other = await stage.ask('New.');
    expect(await waits(other.id)).toMatchObject({ reason: 'held' });
    stage.ground.settings.resume = () => RESUME_AT_ONCE;
    await stage.later(1);
    expect((await stage.ended(id)).end).toBe('completed');
    expect((await stage.ended(other.id)).end).toBe('completed');
  });

  test('one that a person stopped meanwhile stays stopped', async () => {
    const id = await limited();
    expect(await stage.ground.stop(id)).toMatchObject({ state: 'cancelled', reason: 'user' });
    await stage.later(SOON + BUFFER + 2_000);
    stage.plays('claude', ...answers());
    expect((await stage.asked('Another.')).end).toBe('completed');
    expect(await stage.ground.node.find(id)).toMatchObject({ state: 'cancelled', reason: 'user' });
    expect(stage.calls()).toHaveLength(2);
  });

  test('one of those that wait tries first', async () => {
    const id = await limited();
    const others = [await stage.ask('A.'), await stage.ask('B.')];
    stage.plays('claude', opens(), { wait_for: stage.at('go') }, ...answers());
    await stage.later(SOON + BUFFER + 2_000);
    await stage.wait('one is called', async () => stage.calls()[1] ?? null);
    await stage.later(1);
    const states = await Promise.all(
      [id, ...others.map((one) => one.id)].map(async (one) => (await waits(one))?.detail ?? null),
    );
    expect(states.filter((detail) => detail?.includes('one task tries first'))).toHaveLength(2);
    expect(stage.calls()).toHaveLength(2);
    fs.writeFileSync(stage.at('go'), '');
    for (const one of [id, ...others.map((other) => other.id)])
      expect((await stage.ended(one)).end).toBe('completed');
    expect(await kinds()).toEqual(['held', 'ended']);
  });
});

describe('a task that asks', () => {
  test('waits, and its owner is asked once', async () => {
    stage.plays('claude', ...inTurn([opens(), ...refuses(soon())], answers('Rest.')));
    const { id } = await stage.ask('Go.', { onQuota: 'ask' });
    expect((await stage.held(id)).task.state).toBe('queued');
    expect(await questions()).toEqual([
      expect.stringMatching(
        new RegExp(
          `^claude was refused: .*; it waits until .* UTC, or: tend stop ${id}, then tend retry`,
        ),
      ),
    ]);
    await stage.later(SOON + BUFFER + 2_000);
    expect((await stage.ended(id)).end).toBe('completed');
    expect(await questions()).toHaveLength(1);
  });
});

test('a question is pushed to webhooks at once', async () => {
  const pushed: string[] = [];
  const { ports, settings } = stage.ground;
  ports.notifier.push = async ([{ delivery }]) => {
    pushed.push(`${delivery.kind} ${delivery.subscriber} ${delivery.taskId}`);
    return undefined;
  };
  settings.targets = () => ({ webhooks: ['chat'], onDone: false });
  stage.plays('claude', ...inTurn([opens(), ...refuses(soon())], answers('Rest.')));
  const { id } = await stage.ask('Go.', { onQuota: 'ask' });
  await stage.held(id);
  await stage.wait('the push', async () => pushed[0] ?? null);
  expect(pushed).toEqual([`question webhook:chat ${id}`]);
});
