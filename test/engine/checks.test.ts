import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Checks } from '../../src/domain/checks.ts';
import type { Product, VerificationFacts } from '../../src/domain/product.ts';
import type { Task } from '../../src/domain/task.ts';
import { type Ground, openGround, type Spec } from './ground.ts';
import { asks, endedOf, makeYard, patiently, verify, type Yard } from './yard.ts';

let ground: Ground;
let yard: Yard;

beforeEach(async () => {
  yard = makeYard({
    'a.txt': 'one\n',
    'check.sh': 'if grep bad a.txt; then exit 1; fi\n',
  });
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  yard.remove();
  expect(ground.faults).toEqual([]);
});

const productOf = (task: Task): Product => {
  const { product } = endedOf(task);
  if (product === undefined) throw new Error('no product');
  return product;
};

/** The task once it has ended, and what its verification came to. */
async function done(id: string): Promise<{ task: Task; facts: VerificationFacts | undefined }> {
  const [task] = await ground.settled(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return { task, facts: productOf(task).verification };
}

const submit = async (command: string, checks: Checks, spec: Partial<Spec> = {}) =>
  (await ground.submit(command, { cwd: yard.root, workspace: yard.workspace(), checks, ...spec }))
    .id;

/** Checkouts of checks that stand somewhere. */
const checkouts = async (): Promise<unknown[]> => ground.ports.workspaces.leftovers();

describe('a verification', () => {
  test('runs on what was saved, in a clean checkout that is gone afterwards', async () => {
    const command = 'echo two >>a.txt; echo junk >ignored';
    writeFileSync(join(yard.root, '.git/info/exclude'), 'ignored\n');
    const id = await submit(command, asks({ verify: verify('sh check.sh && ! test -e ignored') }));
    const { task, facts } = await done(id);
    expect(task.state).toBe('completed');
    const [check, ...others] = await ground.ports.store.checksOf(id);
    expect(others).toEqual([]);
    expect(facts).toMatchObject({ result: 'passed', flaky: false, runs: [check?.id] });
    expect(facts?.tree).toBe(productOf(task).saved?.tree);
    expect(check).toMatchObject({
      state: 'completed',
      spec: {
        notify: 'never',
        parent: null,
        check: { of: id, attempt: 1, what: 'verify', nth: 1 },
      },
    });
    expect((await ground.node.list({ limit: 9 })).tasks.map((one) => one.id)).toEqual([id]);
    expect(await ground.ports.store.deliveries(check?.id ?? '')).toEqual([]);
    await patiently(checkouts).toEqual([]);
  });

  test('that fails twice fails the task, unless the base fails alike', async () => {
    const old = await done(await submit('true', asks({ verify: verify('grep -q two a.txt') })));
    expect(old.task).toMatchObject({ state: 'completed' });
    expect(old.facts).toMatchObject({
      result: 'unobserved',
      detail: 'the base fails in the same way',
    });
    const checked = asks({ verify: verify('sh check.sh') });
    const { task, facts } = await done(await submit('echo bad >a.txt', checked));
    expect(task).toMatchObject({ state: 'failed', reason: 'verify_failed' });
    expect(facts).toMatchObject({ result: 'failed', tail: 'bad\n' });
    const checks = await ground.ports.store.checksOf(task.id);
    expect(checks.map(({ spec }) => `${spec.check?.what} ${spec.check?.nth}`)).toEqual([
      'verify 1',
      'verify 2',
      'baseline 1',
    ]);
  });

  test('that passes the second time is flaky', async () => {
    const once = join(yard.root, '.git', 'ran');
    const command = `test -e ${once} || { : >${once}; exit 1; }`;
    const { task, facts } = await done(
      await submit('echo new >new.txt', asks({ verify: verify(command) })),
    );
    expect(task.state).toBe('completed');
    expect(facts).toMatchObject({ result: 'passed', flaky: true });
  });

  test('whose tool is missing tells nothing of the work', async () => {
    const { task, facts } = await done(
      await submit('true', asks({ verify: verify('no-such-tool --test') })),
    );
    expect(task.state).toBe('completed');
    expect(facts?.result).toBe('infrastructure');
  });

  test('is not passed by a task that changes it', async () => {
    const cheat = 'echo bad >a.txt; echo true >check.sh';
    const { task, facts } = await done(
      await submit(cheat, asks({ verify: verify('sh check.sh') })),
    );
    expect(productOf(task).saved).toMatchObject({ suspects: ['check.sh'] });
    expect(facts?.result).toBe('unobserved');
    const { honest } = productOf(task).saved ?? {};
    expect(yard.fileAt(honest ?? '', 'check.sh')).toBe(yard.fileAt(yard.base, 'check.sh'));
    expect(yard.fileAt(honest ?? '', 'a.txt')).toBe('bad');
    const strict = asks({ verify: verify('sh check.sh', 'base') });
    const caught = await done(await submit(cheat, strict));
    expect(caught.task).toMatchObject({ state: 'failed', reason: 'verify_failed' });
  });

  test('sends the task back with what is wrong, as often as asked for', async () => {
    const mended =
      'if test -e tried; then echo good >a.txt; cat $TEND_FEEDBACK >told; else : >tried; echo bad >a.txt; fi';
    const checked = asks({ fix: 1, verify: verify('sh check.sh') });
    const { task, facts } = await done(await submit(mended, checked));
    expect(task).toMatchObject({ state: 'completed', attempt: { number: 2 } });
    expect(facts?.result).toBe('passed');
    const told = yard.fileAt(productOf(task).saved?.commit ?? '', 'told');
    expect(told).toMatch(/The verification failed[^]*sh check\.sh[^]*bad/);
    const stuck = await done(await submit('echo bad >a.txt', checked));
    expect(stuck.task).toMatchObject({ reason: 'verify_failed', attempt: { number: 2 } });
  });
});

describe('a stop while the work is verified', () => {
  test('cancels the task and what verifies it, and the work is kept', async () => {
    const id = await submit('echo two >>a.txt', asks({ verify: verify('exec sleep 60') }));
    await ground.reaches(id, 'finishing');
    await patiently(async () => (await checksIn(id, 'running')).length).toBe(1);
    await ground.stop(id);
    const [task] = await ground.settled(id);
    expect(task).toMatchObject({ state: 'cancelled', reason: 'user' });
    await patiently(async () => (await checksIn(id, 'cancelled')).length).toBe(1);
    await patiently(checkouts).toEqual([]);
    expect(yard.fileAt(`tend/${id}`, 'a.txt')).toBe('one\ntwo');
  });
});

test('a stop of the task ends what still waits for its turn, too', async () => {
  ground.settings.limits.checks = 1;
  const checked = asks({ verify: verify('exec sleep 60') });
  const first = await submit('true', checked);
  await patiently(async () => (await checksIn(first, 'running')).length).toBe(1);
  const second = await submit('true', checked);
  await patiently(async () => (await checksIn(second, 'queued')).length).toBe(1);
  await ground.stop(second);
  await patiently(async () => (await checksIn(second, 'cancelled')).length).toBe(1);
  expect(await checksIn(first, 'running')).toHaveLength(1);
});

const checksIn = async (id: string, state: Task['state']): Promise<Task[]> =>
  (await ground.ports.store.checksOf(id)).filter((check) => check.state === state);

test('a verification that is lost is run again', async () => {
  const once = join(yard.root, '.git', 'ran');
  const command = `test -e ${once} || { : >${once}; exec sleep 60; }`;
  const id = await submit('echo two >>a.txt', asks({ verify: verify(command) }));
  await patiently(() => existsSync(once)).toBe(true);
  await patiently(async () => (await checksIn(id, 'running')).length).toBe(1);
  const [check] = await checksIn(id, 'running');
  process.kill(check?.attempt?.process?.pid ?? 0, 'SIGKILL');
  const { facts } = await done(id);
  expect(facts).toMatchObject({ result: 'passed', flaky: false, runs: [check?.id] });
  const attempts = await ground.ports.store.endedAttempts(check?.id ?? '');
  expect(attempts.map(({ outcome }) => outcome.kind)).toEqual(['lost', 'exited']);
  await patiently(checkouts).toEqual([]);
});

describe('a daemon that takes over', () => {
  test('goes on with a verification that runs', async () => {
    const go = join(yard.root, '.git', 'go');
    const command = `while ! test -e ${go}; do sleep 0.05; done; sh check.sh`;
    const id = await submit('echo two >>a.txt', asks({ verify: verify(command) }));
    await ground.reaches(id, 'finishing');
    await patiently(async () => (await checksIn(id, 'running')).length).toBe(1);
    await ground.reopen();
    writeFileSync(go, '');
    const { task, facts } = await done(id);
    expect(task.state).toBe('completed');
    expect(facts).toMatchObject({ result: 'passed' });
    expect(await ground.ports.store.checksOf(id)).toHaveLength(1);
  });

  test('hears of what ended while there was none', async () => {
    const command = 'sleep 0.2; sh check.sh';
    const id = await submit('echo two >>a.txt', asks({ verify: verify(command) }));
    await ground.reaches(id, 'finishing');
    await patiently(async () => (await checksIn(id, 'running')).length).toBe(1);
    const [check] = await ground.ports.store.checksOf(id);
    if (check === undefined) throw new Error('no check');
    await ground.reopen(async () => {
      const folder = join(ground.node.info.stateFolder, 'tasks', check.id, '1');
      await patiently(() => existsSync(join(folder, 'exit'))).toBe(true);
    });
    expect((await done(id)).facts?.result).toBe('passed');
  });

  test('removes the checkouts that the one before left', async () => {
    const id = await submit('echo two >>a.txt', asks({ verify: verify('sh check.sh') }));
    await done(id);
    await patiently(checkouts).toEqual([]);
    const [check] = await ground.ports.store.checksOf(id);
    if (check?.attempt?.workspace === undefined) throw new Error('no check');
    const { workspace } = check.attempt;
    await ground.reopen(async () => {
      yard.git('worktree', 'add', '-q', '--detach', workspace.path, 'HEAD');
      expect(readdirSync(workspace.path)).toContain('a.txt');
    });
    await patiently(checkouts).toEqual([]);
  });
});
