import { afterEach, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { until } from '../cli/home.ts';
import { type Came, PLAN } from './plan.ts';
import { Fleet } from './ground.ts';

const HOUR = 3_600_000;

let fleet: Fleet | null = null;
afterEach(async () => {
  await fleet?.close();
  fleet = null;
});

/** Resolves with the tasks once they are as `look` wants them. */
async function once(
  at: Fleet,
  group: string,
  what: string,
  look: (tasks: Map<string, Task>) => boolean,
): Promise<Map<string, Task>> {
  let seen = new Map<string, Task>();
  const wanted = async () => look((seen = await at.tasks(group)));
  await until(what, wanted, 60_000).catch((error: unknown) => {
    const open = [...seen].map(([name, { state, queueReason }]) => [name, state, queueReason]);
    throw new Error(JSON.stringify(open), { cause: error });
  });
  return seen;
}

const are =
  (state: Task['state'], ...names: string[]) =>
  (tasks: Map<string, Task>): boolean =>
    names.every((name) => tasks.get(name)?.state === state);

const waitsFor =
  (reason: string, ...names: string[]) =>
  (tasks: Map<string, Task>): boolean =>
    names.every((name) => tasks.get(name)?.queueReason === reason);

const count = (tasks: Map<string, Task>, prefix: string, is: (task: Task) => boolean): number =>
  [...tasks].filter(([name, task]) => name.startsWith(prefix) && is(task)).length;

/** The sentence of `tend show` on the state of the task. */
async function sentence(at: Fleet, id: string | undefined): Promise<string> {
  const shown = await at.tend('show', id ?? '');
  return /^state +(.*)$/m.exec(shown)?.[1] ?? shown;
}

function cameOf(task: Task | undefined, { attempts, ...wanted }: Came): Came {
  const [least, most] = typeof attempts === 'number' ? [attempts, attempts] : attempts;
  const isWithin = task !== undefined && task.attempt >= least && task.attempt <= most;
  return {
    state: task?.state ?? 'missing',
    ...(wanted.reason !== undefined && { reason: task?.reason ?? 'none' }),
    ...(wanted.agent !== undefined && { agent: task?.agent?.name ?? 'none' }),
    attempts: isWithin ? attempts : (task?.attempt ?? -1),
  };
}

test('a fleet of 40 tasks ends as planned, through limits, failures, budgets, kills and a clock that jumps', async () => {
  expect(PLAN).toHaveLength(40);
  fleet = await Fleet.open();
  fleet.mark('broken');
  const group = await fleet.start();
  await fleet.kill();

  // The limit comes when two have succeeded.
  await once(fleet, group, 'the first two', are('completed', 'claude-1', 'claude-2'));
  fleet.mark('limited');
  fleet.mark('go');
  const claudes = ['claude-3', 'claude-4', 'claude-5', 'claude-6'];
  const held = await once(fleet, group, 'the limit', waitsFor('held', ...claudes));
  expect(await sentence(fleet, held.get('claude-3')?.id)).toMatch(
    /queued +waits: claude\/default\/default is held until .*\d\d:\d\d.* \(.*limit.*\)/i,
  );

  // Two failures drain Codex; what depends on them is decided at once.
  const drained = await once(fleet, group, 'the drain', waitsFor('held', 'codex-3', 'codex-4'));
  expect(are('failed', 'codex-1', 'codex-2')(drained)).toBe(true);
  expect(await sentence(fleet, drained.get('codex-4')?.id)).toMatch(
    /queued +waits: codex is drained until a person has seen it/,
  );
  await once(fleet, group, 'the skips', are('skipped', 'needs-codex', 'needs-that'));

  // The budget of Gemini has room for four; three of them were spent for Claude.
  const isOver = (tasks: Map<string, Task>): boolean =>
    count(tasks, 'gemini-', ({ state }) => state === 'completed') === 1 &&
    count(tasks, 'gemini-', ({ queueReason }) => queueReason === 'budget') === 2;
  const spent = await once(fleet, group, 'the end of the budget', isOver);
  const [poor] = [...spent.values()].filter(({ queueReason }) => queueReason === 'budget');
  expect(await sentence(fleet, poor?.id)).toMatch(
    /queued +waits: there is no room in the budget gemini until /,
  );
  expect(await sentence(fleet, spent.get('summary')?.id)).toMatch(/waiting +waits for /);

  // What is known outlives the daemon.
  await fleet.kill();
  const after = await fleet.tasks(group);
  expect(waitsFor('held', ...claudes, 'codex-3', 'codex-4')(after)).toBe(true);
  expect(isOver(after)).toBe(true);

  // The person mends Codex; the clock jumps past the reset and into the next day.
  fleet.unmark('broken');
  await fleet.tend('agents', 'ack', 'codex');
  await once(fleet, group, 'codex again', are('completed', 'codex-3', 'codex-4'));
  fleet.unmark('limited');
  fleet.jump(26 * HOUR);
  // A clock that jumps tells nobody; something that wakes the daemon spares the test a minute.
  await fleet.tend('unpause');
  const ended = await once(fleet, group, 'the end', (tasks) =>
    [...tasks.values()].every(({ endedAt }) => endedAt !== null),
  );
  const came = PLAN.map(({ name, came: wanted }) => [name, cameOf(ended.get(name), wanted)]);
  expect(came).toEqual(PLAN.map(({ name, came: wanted }) => [name, wanted]));
  expect(ended.size).toBe(PLAN.length);
}, 180_000);
