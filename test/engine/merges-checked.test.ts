import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { until } from '../cli/home.ts';
import {
  ask,
  done,
  ended,
  ground,
  merged,
  MERGE,
  repository,
  withGround,
} from './merges-ground.ts';

withGround();

/** Tasks that are each good, and (with `most` 1) bad together. */
let pair: (verify: string) => Promise<[Task, Task]>;
beforeEach(() => {
  pair = async (verify) => {
    const checks = { verify };
    const [first, second] = [
      await done('echo 1 > a.mine', checks),
      await done('echo 2 > b.mine', checks),
    ];
    for (const { attempt } of [first, second])
      expect(attempt).toMatchObject({ product: { verification: { result: 'passed' } } });
    return [first, second];
  };
});

const AT_MOST_ONE = 'test "$(ls | grep -c mine)" -le 1';
const checksOf = async ({ id }: Task): Promise<Task[]> =>
  (await ground.ports.store.checksOf(id)).filter(({ spec }) => spec.check?.what === 'merge');

describe('the merged tree', () => {
  test('is verified where it is another one, and only there', async () => {
    const [first, second] = await pair('test -e file.txt');
    expect(await merged(first)).toMatchObject({ state: 'merged', proof: 'same', checks: 0 });
    expect(await checksOf(first)).toEqual([]);
    expect(await ground.node.merges.preview(second.id, MERGE)).toMatchObject({ needsCheck: true });
    const merge = await merged(second);
    expect(merge).toMatchObject({ state: 'merged', proof: 'again', checks: 1 });
    const [check, ...more] = await checksOf(second);
    expect(more).toEqual([]);
    expect(check).toMatchObject({ id: merge.check, spec: { check: { commit: merge.to } } });
    expect(repository.git('log', '-1', '--format=%B')).toContain('Tend-Verification: passed');
  });

  test('that fails twice lands nowhere; with a reason it does', async () => {
    const [first, second] = await pair(`${AT_MOST_ONE} || { echo too many; exit 4; }`);
    const { to } = await merged(first);
    const before = repository.personal();
    const broken = await merged(second);
    expect(broken).toMatchObject({ state: 'broken', checks: 2 });
    expect(broken.detail).toBe('it ended with exit code 4\ntoo many');
    expect([repository.rev('main'), repository.personal()]).toEqual([to, before]);
    // It is kept to be looked at.
    const kept = repository.git('for-each-ref', '--format=%(objectname)', 'refs/tend/merges');
    expect(kept).toBe(broken.to);
    expect(await merged(second)).toMatchObject({ state: 'broken' });
    expect(await checksOf(second)).toHaveLength(4);
    const taken = await merged(second, { unverified: 'the limit goes next' });
    expect(taken).toMatchObject({ state: 'merged', proof: 'none' });
    expect(repository.git('log', '-1', '--format=%B')).toContain(
      'Tend-Verification: passed, merged because: the limit goes next',
    );
  });

  test('that fails once and then passes has a flaky verification', async () => {
    const marker = join(repository.root, 'failed');
    const [first, second] = await pair(
      `${AT_MOST_ONE} || test -e ${marker} || { touch ${marker}; exit 1; }`,
    );
    await merged(first);
    const merge = await merged(second);
    expect(merge).toMatchObject({ state: 'merged', proof: 'again', runs: 2 });
    expect(merge.detail).toMatch(/failed, then passed/);
  });

  test('that cannot be verified is not merged', async () => {
    const [first, second] = await pair(`${AT_MOST_ONE} || exit 127`);
    await merged(first);
    expect(await merged(second)).toMatchObject({ state: 'unverified', checks: 1 });
  });
});

/** A merge whose verification goes on until `go` is called. */
async function slow(): Promise<{ task: Task; go: () => void }> {
  const gate = join(repository.root, 'go');
  const wait = `while ! test -e ${gate}; do sleep 0.02; done`;
  const [first, second] = await pair(`${AT_MOST_ONE} || { ${wait}; }`);
  await merged(first);
  await ask(second);
  await until('it is verified', async () => {
    const [check] = await checksOf(second);
    return check?.state === 'running' && (await stateOf(second)) === 'checking';
  });
  return { task: second, go: () => writeFileSync(gate, '') };
}

const stateOf = async ({ id }: Task): Promise<string | undefined> =>
  (await ground.ports.store.merges([id]))[0]?.state;

describe('while one is verified', () => {
  test('another branch does not wait, the same one does', async () => {
    repository.git('branch', 'release');
    const { task, go } = await slow();
    const other = await done('echo other > other.txt');
    expect(await merged(other, { into: 'release' })).toMatchObject({ state: 'merged' });
    await ask(other, { into: 'main' });
    expect(await stateOf(other)).toBe('queued');
    go();
    expect(await ended(task)).toMatchObject({ state: 'merged' });
    expect(await ended(other)).toMatchObject({ state: 'merged', target: 'main' });
    expect(repository.git('log', '--format=%s', '-1')).toBe(`Merge ${other.spec.title}`);
  });

  test('a new daemon goes on with it', async () => {
    const { task, go } = await slow();
    const [check] = await checksOf(task);
    await ground.reopen();
    go();
    expect(await ended(task)).toMatchObject({ state: 'merged', check: check?.id, checks: 1 });
    expect(await checksOf(task)).toHaveLength(1);
  });

  test('and the branch moves it is made again, and verified again', async () => {
    const { task, go } = await slow();
    const moved = repository.commit('meanwhile', { 'src/b.txt': 'b\n' });
    go();
    const merge = await ended(task);
    expect(merge).toMatchObject({ state: 'merged', from: moved, moves: 1, checks: 2 });
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  test('and somebody stops that, it is not merged', async () => {
    const { task } = await slow();
    const [check] = await checksOf(task);
    await ground.stop(check?.id ?? '');
    expect(await ended(task)).toMatchObject({ state: 'unverified' });
    expect(existsSync(join(repository.checkout, 'b.mine'))).toBe(false);
  });
});
