import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home } from './home.ts';
import { Repository } from './repository.ts';

const home = new Home();
afterAll(() => home.close());
const repository = new Repository(join(home.work, 'project'), { 'a.txt': 'one\n' });

/** An ended task that was heard of, with its work tree. */
async function worked(): Promise<{ id: string; path: string }> {
  const options = { cwd: repository.path };
  const { stdout } = await home.tend(['run', '-q', '--worktree', '--', 'echo new >b.txt'], options);
  const id = stdout.trim();
  await home.tend(['wait', id]);
  await home.tend(['inbox', '--drain']);
  const { workspace } = await home.json<Task>('show', id);
  return { id, path: workspace?.path ?? '' };
}

test('rm says what it would do, puts the work tree into the trash, and undo brings it back', async () => {
  const { id, path } = await worked();
  const dry = await home.out('rm', '--dry-run', id);
  expect(dry).toMatch(
    new RegExp(`^would remove ${id}\nwould put ${path} \\(.*\\) into the trash\n$`),
  );
  expect(existsSync(path)).toBe(true);
  const said = await home.out('rm', id);
  expect(said).toMatch(new RegExp(`^removed ${id}\nput ${path} .*: tend undo ${id}\n$`));
  expect(existsSync(path)).toBe(false);
  expect((await home.tend(['undo', id])).code).toBe(0);
  expect(readFileSync(join(path, 'b.txt'), 'utf8')).toBe('new\n');
});

test('gc lists work trees before it takes them', async () => {
  const { id, path } = await worked();
  const asked = ['gc', '--older-than', '0'] as const;
  const dry = await home.out(...asked, '--dry-run');
  expect(dry).toContain(`would remove ${id}\nwould put ${path} (`);
  const done = await home.json<object>(...asked);
  expect(done).toMatchObject({ removed: [id], worktrees: [{ taskId: id, path }], refused: [] });
  expect(existsSync(path)).toBe(false);
});
