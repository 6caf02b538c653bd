import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { Gate } from './gate.ts';
import { type Ground, openGround } from './ground.ts';
import { asks, endedOf, makeYard, patiently, verify, type Yard } from './yard.ts';

/** A git that tells of each of its calls stands before the real one, before anything looks for it. */
const { LOG } = vi.hoisted(() => {
  const fs = process.getBuiltinModule('node:fs');
  const { tmpdir } = process.getBuiltinModule('node:os');
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const folder = fs.mkdtempSync(`${tmpdir()}/tend-shim-`);
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const shim = `#!/bin/sh\necho "$*" >>'${folder}/log'\nexec '${real}' "$@"\n`;
  fs.writeFileSync(`${folder}/git`, shim, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${process.env['PATH']}`;
  return { LOG: `${folder}/log` };
});

const calls = (): string[] =>
  existsSync(LOG) ? readFileSync(LOG, 'utf8').trimEnd().split('\n') : [];

afterAll(() => rmSync(dirname(LOG), { recursive: true }));

let ground: Ground;
let yard: Yard;
let gate: Gate;

beforeEach(async () => {
  gate = new Gate();
  yard = makeYard();
  ground = await openGround((ports) => gate.before('save', ports));
});
afterEach(async () => {
  await ground.close();
  yard.remove();
  expect(ground.faults).toEqual([]);
});

const submit = async (command: string, checks: ReturnType<typeof asks> | null = null) =>
  (await ground.submit(command, { cwd: yard.root, workspace: yard.workspace(), checks })).id;

const savedIn = (task: Task | undefined): string => {
  const commit = endedOf(task).product?.saved?.commit;
  if (commit === undefined) throw new Error('nothing is saved');
  return commit;
};

describe('while the work is saved', () => {
  test('the slot is free, and a stop waits for the save', async () => {
    ground.settings.limits.slots = 1;
    const open = gate.close();
    const id = await submit('echo two >>a.txt', asks({ verify: verify('true') }));
    await ground.reaches(id, 'finishing');
    const other = await ground.submit('true');
    await ground.settled(other.id);
    const stopped = await ground.stop(id);
    expect(stopped).toMatchObject({ state: 'finishing', attempt: { cancelled: 'user' } });
    expect(await ground.stop(id)).toMatchObject({ state: 'finishing' });
    open();
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'cancelled', reason: 'user' });
    expect(yard.fileAt(savedIn(task), 'a.txt')).toBe('one\ntwo');
    expect(await ground.ports.store.checksOf(id)).toEqual([]);
    expect(gate.calls).toBe(1);
  });

  test('a daemon that takes over saves it again, and makes the same of it', async () => {
    const open = gate.close();
    const id = await submit('echo two >>a.txt');
    await patiently(() => gate.calls).toBe(1);
    // What the first one saves is told to nobody.
    const amend = vi.spyOn(ground.ports.store, 'amend').mockRejectedValueOnce(new Error('killed'));
    const reopened = ground.reopen(async () => amend.mockRestore());
    open();
    await reopened;
    const [task] = await ground.settled(id);
    expect(task?.state).toBe('completed');
    expect(gate.calls).toBe(2);
    expect(yard.git('rev-list', '--count', `${yard.base}..${savedIn(task)}`)).toBe('1');
    expect(yard.git('rev-parse', `tend/${id}`)).toBe(savedIn(task));
    expect(ground.faults.splice(0).map(String)).toEqual(['Error: killed']);
  });

  test('what fails is tried again', async () => {
    const { workspaces } = ground.ports;
    const save = vi.spyOn(workspaces, 'save').mockRejectedValueOnce(new Error('no space'));
    const id = await submit('echo two >>a.txt');
    const [task] = await ground.settled(id);
    save.mockRestore();
    expect(task?.state).toBe('completed');
    expect(savedIn(task)).not.toBe(yard.base);
    expect(ground.faults.splice(0).map(String)).toEqual(['Error: no space']);
  });
});

test.each([
  ['has ended', 'completed', null],
  ['waits for a person', 'awaiting_review', asks({ review: true })],
] as const)(
  'a lock that a dead daemon left of a task that %s is let go of',
  async (_, state, asked) => {
    const id = await submit('echo two >>a.txt', asked);
    const task = await ground.reaches(id, state);
    const { workspaces } = ground.ports;
    const spec = task.spec.workspace;
    if (!spec) throw new Error('no workspace');
    await patiently(() => workspaces.leftovers()).toEqual([]);
    await workspaces.prepare(workspaces.place(spec, id, 1, false), spec, [spec.base], false, 0);
    expect(await workspaces.leftovers()).toEqual([{ taskId: id, number: 1 }]);
    await ground.reopen();
    await patiently(() => workspaces.leftovers()).toEqual([]);
  },
);

describe('git', () => {
  test('is not called for what is shown, nor while nothing happens', async () => {
    ground.settings.limits.slots = 8;
    const ids = await Promise.all(Array.from({ length: 10 }, () => submit('echo two >>a.txt')));
    await ground.settled(...ids);
    const waiting = await submit('exec sleep 60');
    await ground.reaches(waiting, 'running');
    const before = calls().length;
    expect(before).toBeGreaterThan(20);
    const { tasks } = await ground.node.list({ limit: 100 });
    expect(await ground.node.describe(tasks)).toHaveLength(11);
    await ground.node.counts();
    await ground.node.doctor();
    writeFileSync(join(yard.root, 'unrelated'), '');
    await ground.reopen();
    await ground.reaches(waiting, 'running');
    expect(calls().slice(before)).toEqual([]);
    await ground.stop(waiting);
  });
});
