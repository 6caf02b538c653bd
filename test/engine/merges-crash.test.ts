import { expect, test } from 'vitest';
import type { Ports } from '../../src/engine/context.ts';
import type { LandRequest } from '../../src/ports/merging.ts';
import { done, ask, ended, ground, merged, repository, withGround } from './merges-ground.ts';

/** What happens right before a branch is moved. */
let before: (request: LandRequest) => Promise<void> | void = () => undefined;

withGround((ports: Ports) => {
  before = () => undefined;
  const land = async (request: LandRequest) => {
    await before(request);
    return ports.merging.land(request);
  };
  return { ...ports, merging: { ...ports.merging, land } };
});

test('a branch that moves again and again is given up after five times', async () => {
  const task = await done('echo two > file.txt');
  let moves = 0;
  before = () => void repository.commit(`meanwhile ${++moves}`);
  const merge = await merged(task);
  expect(merge).toMatchObject({ state: 'moved', moves: 5, to: null });
  expect(repository.git('log', '-1', '--format=%s', 'main')).toBe('meanwhile 5');
  expect(repository.git('status', '--porcelain')).toBe('');
});

test('what git does not do is told, and the next one goes on', async () => {
  const [first, second] = [await done('echo 1 > a.txt'), await done('echo 2 > b.txt')];
  before = () => {
    before = () => undefined;
    throw new Error('no space left');
  };
  for (const task of [first, second]) await ask(task);
  expect(await ended(first)).toMatchObject({ state: 'failed', detail: 'no space left' });
  expect(await ended(second)).toMatchObject({ state: 'merged' });
  expect(ground.faults).toHaveLength(1);
});

test.each([
  ['before the branch moved', false],
  ['between the branch and the checkout', true],
])('a daemon that dies %s is gone on from', async (_, isMoved) => {
  const task = await done('echo two > file.txt');
  let request: LandRequest | null = null;
  const dying = new Promise<void>((resolve) => {
    before = (given) => {
      request = given;
      resolve();
      throw new Error('killed');
    };
  });
  const { seq } = await ask(task);
  await dying;
  const { from, to } = await ended(task);
  before = () => undefined;
  // What a daemon that was killed there would have left.
  await ground.reopen(async () => {
    const [merge] = await ground.ports.store.merges([task.id]);
    if (merge === undefined || to === null) throw new Error('nothing was made');
    await ground.ports.store.putMerge({ ...merge, state: 'landing', endedAt: null, detail: null });
    if (isMoved) repository.git('update-ref', 'refs/heads/main', to);
  });
  expect(await ended(task)).toMatchObject({ seq, state: 'merged', from, to, detail: null });
  expect(request).toMatchObject({ from, to });
  expect(repository.rev('main')).toBe(to);
  expect(repository.git('status', '--porcelain')).toBe('');
  expect(repository.git('show', 'HEAD:file.txt')).toBe('two');
});
