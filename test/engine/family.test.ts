import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as aTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { apply, type EndedTask, isEnded, type Task, type TaskId } from '../../src/domain/task.ts';
import type { Ports } from '../../src/engine/context.ts';
import { until as eventually } from '../cli/home.ts';
import { exit, finish, inState, newTask, QUIET } from '../conformance/sample.ts';
import { type Ground, openGround, SPEC } from './ground.ts';

let ground: Ground;
let cwd: string;
/** Called after the first look at the children of a task, before anything follows from it. */
let afterLook: ((parent: TaskId) => Promise<void>) | null;

const watched = (ports: Ports): Ports => {
  const { store } = ports;
  const children: Ports['store']['children'] = async (parent) => {
    const found = await store.children(parent);
    const act = afterLook;
    afterLook = null;
    await act?.(parent);
    return found;
  };
  return { ...ports, store: { ...store, children } };
};

beforeEach(async () => {
  afterLook = null;
  cwd = mkdtempSync(join(tmpdir(), 'tend-family-'));
  ground = await openGround(watched);
});
afterEach(async () => {
  await ground.close();
  rmSync(cwd, { recursive: true, force: true });
  expect(ground.faults).toEqual([]);
});

/** A command that ends with `code` once it is let. */
const until = (file: string, code = 0): string =>
  `while [ ! -e ${file} ]; do sleep 0.01; done; exit ${code}`;
const let_ = (file: string): void => writeFileSync(join(cwd, file), '');
const run = (command: string, parent: string | null = null, more = {}): Promise<Task> =>
  ground.submit(command, { cwd, parent, ...more });
const end = (task: Task): string => task.state + ('reason' in task ? ` ${task.reason}` : '');
const endOf = async (id: TaskId): Promise<string> => (await ground.settled(id)).map(end).join();
const events = async (id: TaskId): Promise<string[]> =>
  (await ground.node.history(id)).map(({ event }) => event);

async function happens(id: TaskId, event: string): Promise<void> {
  for await (const change of ground.node.changes(0, id, AbortSignal.timeout(20_000)))
    if (change.event === event) return;
}

const AS_IT_WAS = { feedback: null, agent: null, environment: null };
async function ended(id: TaskId): Promise<EndedTask> {
  const [task] = await ground.settled(id);
  if (task === undefined || !isEnded(task)) throw new Error(`${id} has not ended`);
  return task;
}

/** A task that has done its own work and waits for a child, which ends as told. */
async function waiting(code = 0): Promise<{ parent: Task; child: Task }> {
  const parent = await run(until('parent'));
  const child = await run(until('child', code), parent.id);
  for (const { id } of [parent, child]) await ground.reaches(id, 'running');
  let_('parent');
  return { parent: await ground.reaches(parent.id, 'awaiting_children'), child };
}

describe('a task with children', () => {
  test('ends when the last of them has', async () => {
    const { parent, child } = await waiting();
    const other = await run(until('other'), parent.id);
    let_('child');
    await ground.settled(child.id);
    expect(await ground.node.find(parent.id)).toMatchObject({ state: 'awaiting_children' });
    let_('other');
    const [ended, last] = await ground.settled(parent.id, other.id);
    expect(ended).toMatchObject({
      state: 'completed',
      endedAt: (last as { endedAt?: number }).endedAt,
    });
    expect(await events(parent.id)).toEqual(
      'submit claim start exit awaitChildren complete'.split(' '),
    );
  });

  test('holds no slot while it waits', async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 2 };
    const { parent } = await waiting();
    const other = await run('true');
    expect(await endOf(other.id)).toBe('completed');
    expect(await ground.node.find(parent.id)).toMatchObject({ state: 'awaiting_children' });
    let_('child');
  });

  test('fails when one of them failed, whatever came of the others', async () => {
    const { parent, child } = await waiting(3);
    await ground.settled((await run('true', parent.id)).id);
    let_('child');
    expect(await endOf(child.id)).toBe('failed exit_code');
    expect(await endOf(parent.id)).toBe('failed child_failed');
  });

  test('completes when the one that failed was retried with success', async () => {
    const parent = await run(until('parent'));
    const child = await run('test -e mended', parent.id);
    const other = await run(until('other'), parent.id);
    const failed = await ended(child.id);
    let_('parent');
    let_('mended');
    const again = (await ground.node.retry(failed, AS_IT_WAS)).task;
    expect(again.spec).toMatchObject({ parent: parent.id, retryOf: child.id });
    expect(await endOf(again.id)).toBe('completed');
    let_('other');
    expect(await endOf(parent.id)).toBe('completed');
    await ground.settled(other.id);
    expect((await ground.node.retry(failed, AS_IT_WAS)).task.spec.parent).toBeNull();
  });

  test('completes when one of them was cancelled', async () => {
    const { parent, child } = await waiting();
    await ground.stop(child.id, { grace: 0 });
    expect(await endOf(child.id)).toBe('cancelled user');
    expect(await endOf(parent.id)).toBe('completed');
  });

  test('whose own work failed ends at once, and its children run on', async () => {
    const parent = await run(until('parent', 4));
    const child = await run(until('child'), parent.id);
    let_('parent');
    expect(await endOf(parent.id)).toBe('failed exit_code');
    let_('child');
    expect(await endOf(child.id)).toBe('completed');
    expect(await events(parent.id)).not.toContain('awaitChildren');
  });

  test('waits for one that was submitted while its end was being decided', async () => {
    const parent = await run(until('parent'));
    await ground.reaches(parent.id, 'running');
    let child: Task | null = null;
    afterLook = async (id) => void (child = await run(until('child'), id));
    let_('parent');
    await ground.reaches(parent.id, 'awaiting_children');
    let_('child');
    expect(await endOf(parent.id)).toBe('completed');
    expect(child).not.toBeNull();
  });

  test('that has ended takes further ones and stays as it is', async () => {
    const parent = await run('true');
    const [ended] = await ground.settled(parent.id);
    const child = await run('exit 3', parent.id);
    expect(await endOf(child.id)).toBe('failed exit_code');
    expect(await ground.node.find(parent.id)).toEqual(ended);
  });

  test('ends once, though the daemon was gone when the child ended', async () => {
    const { parent, child } = await waiting();
    await ground.reopen(async () => let_('child'));
    expect(await endOf(parent.id)).toBe('completed');
    expect(await endOf(child.id)).toBe('completed');
    expect((await events(parent.id)).filter((event) => event === 'complete')).toHaveLength(1);
  });

  test('goes on after a restart that found the child ended and the parent waiting', async () => {
    const { parent, child } = await waiting();
    const record = join(ground.node.info.stateFolder, 'tasks', child.id, '1/exit');
    // The daemon that recorded the end of the child died before it looked at the parent.
    await ground.reopen(async () => {
      let_('child');
      await vi.waitUntil(() => existsSync(record));
      const running = inState(await ground.ports.store.get(child.id), 'running');
      const exiting = exit(running, 0);
      const finishing = inState(apply(running, exiting), 'finishing');
      await ground.ports.store.commit([exiting, finish(finishing)], QUIET);
    });
    expect(await endOf(parent.id)).toBe('completed');
  });
});

describe('a stop', () => {
  test('of a task that waits for its children cancels it, and they run on', async () => {
    const { parent, child } = await waiting();
    expect(end(await ground.stop(parent.id))).toBe('cancelled user');
    let_('child');
    expect(await endOf(child.id)).toBe('completed');
  });

  test('of its tree ends them, too', async () => {
    const { parent, child } = await waiting();
    const grandchild = await run(until('grandchild'), child.id);
    expect(end(await ground.stop(parent.id, { tree: true }))).toBe('cancelled user');
    expect(await endOf(child.id)).toBe('cancelled parent');
    expect(await endOf(grandchild.id)).toBe('cancelled parent');
  });

  test('is the last word on children', async () => {
    const parent = await run('trap "" TERM; echo > deaf; while :; do sleep 0.01; done');
    await eventually('it is deaf', () => existsSync(join(cwd, 'deaf')));
    await ground.reaches(parent.id, 'running');
    await ground.stop(parent.id, { grace: 60_000 });
    await expect(run('true', parent.id)).rejects.toMatchObject({
      code: 'already_ended',
      message: expect.stringContaining('is being stopped'),
    });
    await ground.stop(parent.id, { grace: 0 });
    await ground.settled(parent.id);
    await expect(run('true', parent.id)).rejects.toMatchObject({
      code: 'already_ended',
      message: expect.stringContaining('was stopped'),
    });
  });

  test('of a tree does not miss one that is being submitted', async () => {
    const parent = await run(until('parent'));
    await ground.reaches(parent.id, 'running');
    let stopped: Promise<Task> | undefined;
    afterLook = async (id) => {
      stopped = ground.stop(id, { tree: true });
      await happens(id, 'requestStop');
      // Time enough to look for children, were the submit not waited for.
      for (let turn = 0; turn < 300; turn += 1) await aTurn();
    };
    const child = await run(until('child'), parent.id);
    await stopped;
    expect(await endOf(child.id)).toBe('cancelled parent');
  });

  test('of a tree of more than a thousand reaches all of them', { timeout: 60_000 }, async () => {
    ground.settings.limits = { ...ground.settings.limits, slots: 1 };
    const parent = await run(until('parent'));
    await ground.reaches(parent.id, 'running');
    const { store } = ground.ports;
    const ids = Array.from({ length: 1_050 }, (_, nth) => `t-${nth}`);
    const now = ground.ports.clock.now();
    for (const [nth, id] of ids.entries())
      await store.submit(
        newTask(id, {
          now: now + (nth % 7),
          spec: { ...SPEC, work: { kind: 'command', argv: ['true'] }, parent: parent.id, cwd },
        }),
      );
    const stopped = ground.stop(parent.id, { tree: true, grace: 0 });
    await stopped;
    await ground.settled(parent.id);
    expect(await store.children(parent.id)).toMatchObject({ open: 0, failed: 0 });
  });
});

describe('a child', () => {
  const after = (...ids: TaskId[]) => ({
    after: ids.map((task) => ({ task, when: 'always' as const })),
  });
  const DEADLOCK = { code: 'invalid_input', message: expect.stringContaining('wait for ever') };

  test('waits for nothing that waits for its parent', async () => {
    const parent = await run(until('go'));
    const nested = await run(until('go'), parent.id);
    await expect(run('true', parent.id, after(parent.id))).rejects.toMatchObject(DEADLOCK);
    await expect(run('true', nested.id, after(parent.id))).rejects.toMatchObject(DEADLOCK);
    const next = await run('true', null, after(parent.id));
    const last = await run('true', null, after(next.id));
    await expect(run('true', nested.id, after(last.id))).rejects.toMatchObject(DEADLOCK);
    const other = await run(until('go'));
    await run('true', other.id, after(parent.id));
    await expect(run('true', parent.id, after(other.id))).rejects.toMatchObject(DEADLOCK);
    // A sister waits for nobody above.
    const sister = await run('true', parent.id, after(nested.id));
    let_('go');
    expect(await endOf(sister.id)).toBe('completed');
    await ground.settled(parent.id);
    const late = await run('true', parent.id, after(parent.id, last.id));
    expect(await endOf(late.id)).toBe('completed');
  });
});

describe('children', () => {
  test('nest and fan out as far as they may', async () => {
    let parent: string | null = null;
    for (let depth = 0; depth <= 3; depth++) {
      const task: Task = await run(until('go'), parent);
      expect(task.spec.depth).toBe(depth);
      parent = task.id;
    }
    await expect(run('true', parent)).rejects.toMatchObject({ code: 'limit_reached' });
    const wide = await run(until('go'));
    const asked = Array.from({ length: 34 }, (_, nth) =>
      run(until('go'), wide.id, { key: `k-${nth}` }),
    );
    const results = await Promise.allSettled(asked);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    // What is stored already is answered, however many there are.
    const [first] = await Promise.all(asked.slice(0, 1));
    expect((await run(until('go'), wide.id, { key: 'k-0' })).id).toBe(first?.id);
    let_('go');
  });
});
