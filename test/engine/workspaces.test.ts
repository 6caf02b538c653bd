import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Gate } from './gate.ts';
import { type Ground, openGround } from './ground.ts';
import { endedOf, makeYard, patiently, type Yard } from './yard.ts';

let ground: Ground;
let yard: Yard;
let gate: Gate;

beforeEach(async () => {
  gate = new Gate();
  yard = makeYard();
  ground = await openGround((ports) => gate.before('prepare', ports));
});
afterEach(async () => {
  await ground.close();
  yard.remove();
  expect(ground.faults).toEqual([]);
});

describe('a task in a work tree of its own', () => {
  test('runs where it was prepared, and leaves its work on its branch', async () => {
    const { id } = await ground.submit('pwd; echo two >>a.txt; echo new >b.txt', {
      cwd: yard.root,
      workspace: yard.workspace(),
    });
    const [task] = await ground.settled(id);
    expect(task?.state).toBe('completed');
    const { workspace, product, output } = endedOf(task);
    expect(workspace).toMatchObject({
      branch: `tend/${id}`,
      prepared: { base: yard.base, head: yard.base, refusal: null },
    });
    expect(output.preview).toBe(`${workspace?.path}\n`);
    expect(product).toMatchObject({
      unsaved: null,
      saved: {
        on: 'branch',
        change: { files: 2, insertions: 2, deletions: 0, commits: 1 },
        outside: [],
        suspects: [],
        honest: null,
      },
    });
    const commit = product?.saved?.commit ?? '';
    expect(yard.git('rev-parse', `tend/${id}`)).toBe(commit);
    expect(yard.git('log', '-1', '--format=%s|%b', commit)).toBe(
      `test|Tend-Task: ${id}\nTend-Attempt: 1`,
    );
    expect(yard.fileAt(commit, 'b.txt')).toBe('new');
    expect(readFileSync(join(yard.root, 'a.txt'), 'utf8')).toBe('one\n');
    expect(yard.git('status', '--porcelain')).toBe('');
  });

  test('that cannot be prepared fails, and says why', async () => {
    const { id } = await ground.submit('true', {
      cwd: yard.root,
      workspace: yard.workspace({ repository: '/nowhere/.git' }),
    });
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({
      state: 'failed',
      reason: 'spawn_failed',
      attempt: { outcome: { detail: expect.stringContaining('/nowhere/.git') } },
    });
    expect(task?.attempt).not.toHaveProperty('product');
  });

  test('goes on with what an earlier attempt left', async () => {
    const { id } = await ground.submit('test -f once || { echo 1 >once; exit 3; }; echo 2 >twice', {
      cwd: yard.root,
      workspace: yard.workspace(),
      retry: { attempts: 1, backoff: [0] },
    });
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'completed', attempt: { number: 2 } });
    const [first, second] = await ground.ports.store.endedAttempts(id);
    expect(first?.product?.saved).toMatchObject({ change: { files: 1 }, since: { files: 1 } });
    expect(second?.product?.saved).toMatchObject({ change: { files: 2 }, since: { files: 1 } });
    expect(second?.workspace?.prepared?.base).toBe(yard.base);
  });

  test('is saved, too, when it fails or is stopped', async () => {
    const spec = { cwd: yard.root, workspace: yard.workspace() };
    const { id } = await ground.submit('echo x >made; exec sleep 60', spec);
    const running = await ground.reaches(id, 'running');
    const made = join(running.attempt?.workspace?.path ?? '', 'made');
    await patiently(() => existsSync(made)).toBe(true);
    await ground.stop(id);
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'cancelled', attempt: { product: { unsaved: null } } });
    expect(yard.fileAt(`tend/${id}`, 'made')).toBe('x');
  });
});

test('a task in the person’s own checkout leaves out what was dirty before', async () => {
  writeFileSync(join(yard.root, 'a.txt'), 'dirty\n');
  const { id } = await ground.submit('echo new >b.txt', {
    cwd: yard.root,
    workspace: yard.workspace({ kind: 'in_place' }),
  });
  const [task] = await ground.settled(id);
  const { product, workspace } = endedOf(task);
  expect(workspace?.path).toBe(yard.root);
  const commit = product?.saved?.commit ?? '';
  expect(yard.fileAt(commit, 'b.txt')).toBe('new');
  expect(yard.fileAt(commit, 'a.txt')).toBe('one');
  expect(readFileSync(join(yard.root, 'a.txt'), 'utf8')).toBe('dirty\n');
});

test('two tasks on one branch work one after the other', async () => {
  const spec = { cwd: yard.root, workspace: yard.workspace({ branch: 'feature' }) };
  const command = 'test -e busy && exit 1; : >busy; echo x >>a.txt; rm busy';
  const both = await Promise.all([ground.submit(command, spec), ground.submit(command, spec)]);
  const tasks = await ground.settled(...both.map(({ id }) => id));
  expect(tasks.map(({ state }) => state)).toEqual(['completed', 'completed']);
  expect(yard.fileAt('feature', 'a.txt')).toBe('one\nx\nx');
});

describe('while a place is made ready', () => {
  const spec = () => ({ cwd: yard.root, workspace: yard.workspace() });

  test('other tasks go on, and a stop ends it without a start', async () => {
    const open = gate.close();
    const { id } = await ground.submit('echo ran >ran', spec());
    await ground.reaches(id, 'claimed');
    await patiently(() => gate.calls).toBe(1);
    const other = await ground.submit('true');
    await ground.settled(other.id);
    await ground.stop(id);
    const [task] = await ground.settled(id);
    open();
    expect(task).toMatchObject({
      state: 'cancelled',
      attempt: { outcome: { kind: 'stopped' }, workspace: { prepared: null } },
    });
    expect(task?.attempt).not.toHaveProperty('product');
  });

  test('the patience with its launch has not begun', async () => {
    const open = gate.close();
    // The jump is none of its own time: starts are told by files, which know nothing of it.
    const { id } = await ground.submit('true', { ...spec(), timeout: 600_000 });
    await ground.reaches(id, 'claimed');
    ground.jump(60_000);
    const other = await ground.submit('true');
    await ground.settled(other.id);
    open();
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'completed', attempt: { number: 1 } });
  });

  test('a daemon that takes over makes it ready again', async () => {
    const open = gate.close();
    const { id } = await ground.submit('echo ran >ran', spec());
    await patiently(() => gate.calls).toBe(1);
    const reopened = ground.reopen();
    open();
    await reopened;
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'completed', attempt: { number: 1 } });
    expect(yard.fileAt(`tend/${id}`, 'ran')).toBe('ran');
  });
});
