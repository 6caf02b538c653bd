/** A work tree goes with its task, the last one that works in it, and comes back when it is asked for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ports } from '../../src/engine/context.ts';
import { type Ground, openGround } from './ground.ts';
import { endedOf, makeYard, type Yard } from './yard.ts';

const DAYS = 30 * 86_400_000;

let ground: Ground;
let yard: Yard;
/** Who died: the next call of this verb of the store or the trash never answers. */
let broken: string | null = null;

/** Fails the verb that is broken, as a daemon does that dies over it: before it, nothing of it was done. */
function breaking<T extends object>(port: T): T {
  return new Proxy(port, {
    get(target, name, receiver): unknown {
      const verb: unknown = Reflect.get(target, name, receiver);
      if (name !== broken || typeof verb !== 'function') return verb;
      return async () => {
        broken = null;
        throw new Error('died');
      };
    },
  });
}

const mortal = (ports: Ports): Ports => ({
  ...ports,
  store: breaking(ports.store),
  trash: breaking(ports.trash),
});

beforeEach(async () => {
  broken = null;
  yard = makeYard();
  ground = await openGround(mortal);
  ground.settings.trashAfter = DAYS;
});
afterEach(async () => {
  await ground.close();
  yard.remove();
});

/** Ended and heard of. */
async function done(
  branch: string | null = null,
  id?: string,
): Promise<{ id: string; path: string }> {
  const workspace = yard.workspace({ branch });
  const task = await ground.submit(
    'echo two >>a.txt; echo new >b.txt',
    { cwd: yard.root, workspace },
    id,
  );
  const [ended] = await ground.settled(task.id);
  const deliveries = await ground.ports.store.deliveries(task.id);
  await ground.node.ack(
    'cli:1000',
    deliveries.map((one) => one.id),
  );
  return { id: task.id, path: endedOf(ended).workspace?.path ?? '' };
}

const gc = (dryRun = false) => ground.node.gc({ olderThan: 0, dryRun });
const refs = () => yard.git('for-each-ref', '--format=%(refname)').split('\n');

test('gc takes the work tree along, says so before, and undo brings it back', async () => {
  const { id, path } = await done();
  writeFileSync(join(path, 'late.txt'), 'written after the end\n');
  const dry = await gc(true);
  expect(dry).toMatchObject({ removed: [id], worktrees: [{ taskId: id, path }], refused: [] });
  expect(dry.worktrees[0]?.bytes).toBeGreaterThan(20);
  expect(existsSync(path)).toBe(true);
  expect(await gc()).toEqual({ ...dry, kept: 0, freedBytes: expect.any(Number) });
  expect(existsSync(path)).toBe(false);
  expect(await ground.ports.store.get(id)).toBeNull();
  expect(refs().filter((ref) => ref.includes(`/attempts/${id}/`))).toEqual([]);
  expect(refs().filter((ref) => ref.startsWith(`refs/tend/removed/${id}/`)).length).toBe(2);
  expect(refs()).not.toContain(`refs/heads/tend/${id}`);
  const back = await ground.node.work.undo(id.slice(0, 6));
  expect(back).toMatchObject({ taskId: id, path });
  expect(readFileSync(join(path, 'late.txt'), 'utf8')).toBe('written after the end\n');
  expect(refs()).toContain(`refs/heads/tend/${id}`);
  await expect(ground.node.work.undo(id)).rejects.toMatchObject({ code: 'not_found' });
});

test('a task whose work tree is in use stays, with the reason', async () => {
  const { id, path } = await done();
  const child = spawn('cat', { cwd: path, stdio: 'pipe' });
  await once(child, 'spawn');
  const reason = `its work tree ${path} is used by process ${child.pid} (cat)`;
  for (const isDry of [true, false])
    expect(await gc(isDry)).toMatchObject({ removed: [], refused: [{ taskId: id, reason }] });
  await expect(ground.node.remove(id)).rejects.toMatchObject({
    code: 'protected',
    message: `${id} is kept: ${reason}`,
  });
  child.stdin.end();
  await once(child, 'close');
  expect(await ground.node.remove(id, true)).toMatchObject([{ path }]);
  expect(existsSync(path)).toBe(true);
  expect(await ground.node.remove(id)).toMatchObject([{ path }]);
  expect(existsSync(path)).toBe(false);
});

test('what nobody has heard of stays, with its work tree', async () => {
  const { id } = await ground.submit('true', { cwd: yard.root, workspace: yard.workspace() });
  const [ended] = await ground.settled(id);
  await expect(ground.node.remove(id)).rejects.toMatchObject({ code: 'protected' });
  expect((await gc()).removed).toEqual([]);
  expect(existsSync(endedOf(ended).workspace?.path ?? '')).toBe(true);
});

test('a work tree that tasks share goes with the last of them', async () => {
  const first = await done('feature');
  const second = await done('feature');
  expect(second.path).toBe(first.path);
  expect(await ground.node.remove(second.id)).toEqual([]);
  expect(existsSync(first.path)).toBe(true);
  expect(await ground.node.remove(first.id)).toMatchObject([{ path: first.path }]);
  expect(existsSync(first.path)).toBe(false);
  expect(refs()).toContain('refs/heads/feature');
});

test('a retry in the work tree of the task before keeps it', async () => {
  const first = await done();
  const again = await done(`tend/${first.id}`);
  expect(again.path).toBe(first.path);
  expect(await ground.node.remove(first.id)).toEqual([]);
  expect(existsSync(first.path)).toBe(true);
  expect(await ground.node.remove(again.id)).toMatchObject([{ path: first.path }]);
});

test.each(['put', 'archive', 'remove', 'retire', 'cleared'])(
  'a daemon that dies before %s leaves all of it, or goes on where it was',
  async (verb) => {
    const { id, path } = await done();
    broken = verb;
    await expect(gc()).rejects.toThrow('died');
    await ground.reopen();
    const isForgotten = (await ground.ports.store.get(id)) === null;
    const again = await gc();
    expect(again.removed).toEqual(isForgotten ? [] : [id]);
    expect(await ground.ports.store.get(id)).toBeNull();
    expect(await ground.ports.store.uncleared()).toEqual([]);
    expect(existsSync(path)).toBe(false);
    await ground.node.work.undo(id);
    expect(readFileSync(join(path, 'b.txt'), 'utf8')).toBe('new\n');
    expect(refs().some((ref) => ref.startsWith(`refs/tend/removed/${id}/`))).toBe(true);
  },
);

test('the id of a removed task can be used again, and the work of both is kept', async () => {
  const first = await done(null, 'named');
  const [commit] = yard
    .git('for-each-ref', '--format=%(objectname)', 'refs/tend/attempts/named/')
    .split('\n');
  await ground.node.remove('named');
  const second = await done(null, 'named');
  expect(second).toEqual(first);
  expect(yard.fileAt(commit ?? '', 'b.txt')).toBe('new');
  expect(yard.git('for-each-ref', `--contains=${commit}`, 'refs/tend/removed/named/')).not.toBe('');
  await ground.node.remove('named');
  await ground.node.work.undo('named');
  await expect(ground.node.work.undo('named')).rejects.toMatchObject({ code: 'protected' });
});

test('after its time the trash is emptied; what was saved stays', async () => {
  const { id } = await done();
  await ground.node.remove(id);
  const [trashed] = await ground.ports.trash.list();
  expect((await gc()).purged.gone).toEqual([]);
  ground.jump(DAYS + 1_000);
  expect((await gc(true)).purged.gone).toEqual([trashed]);
  expect(existsSync(trashed?.trash ?? '')).toBe(true);
  expect((await gc()).purged).toEqual({ gone: [trashed], kept: [] });
  expect(existsSync(trashed?.trash ?? '')).toBe(false);
  expect(refs().some((ref) => ref.startsWith(`refs/tend/removed/${id}/`))).toBe(true);
});
