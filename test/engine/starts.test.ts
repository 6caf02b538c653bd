import { expect, test } from 'vitest';
import { startsFor } from '../../src/engine/starts.ts';
import { done, ground, merged, repository, withGround } from './merges-ground.ts';

withGround();

const after = (...tasks: { id: string }[]) =>
  tasks.map(({ id }) => ({ task: id, when: 'success' as const }));
const files = (commit: string | undefined): string[] =>
  repository.git('ls-tree', '-r', '--name-only', commit ?? '').split('\n');

test('a task starts from the merge of what the tasks before it made', async () => {
  const first = await done('echo 1 > a.txt');
  const second = await done('echo 2 > b.txt');
  const third = await done(
    'test -e a.txt && test -e b.txt && echo 3 > c.txt',
    {},
    { after: after(first, second) },
  );
  const saved = third.attempt?.outcome ? third.attempt.product?.saved : null;
  expect(files(saved?.commit)).toEqual(['a.txt', 'b.txt', 'c.txt', 'file.txt', 'src/a.txt']);
  // Only what it did itself counts as its own.
  expect(saved?.change).toMatchObject({ files: 1, insertions: 1 });
  expect(await merged(third)).toMatchObject({ state: 'merged' });
  expect(files('main')).toEqual(['a.txt', 'b.txt', 'c.txt', 'file.txt', 'src/a.txt']);
  expect(await merged(first)).toMatchObject({ detail: 'main had everything already' });
});

test('what made nothing, elsewhere or in vain adds no start', async () => {
  const first = await done('echo 1 > a.txt');
  const plain = await ground.submit('true');
  const failed = await ground.submit('false');
  await ground.settled(plain.id, failed.id);
  const always = [plain, failed, { id: 't-gone' }].map(({ id }) => ({
    task: id,
    when: 'always' as const,
  }));
  const task = { ...first, spec: { ...first.spec, after: [...always, ...after(first, first)] } };
  const commit = first.attempt?.outcome ? first.attempt.product?.saved?.commit : null;
  expect(await startsFor(ground.ports, task)).toEqual([first.spec.workspace?.base, commit]);
  expect(await startsFor(ground.ports, plain)).toEqual([]);
});
