import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../../domain/task.ts';

/** The checkouts of checks that stand below the state folder, or have left a file: names alone, git is not asked. */
export async function scratchIn(state: string): Promise<{ taskId: TaskId; number: number }[]> {
  const yards = join(state, 'worktrees');
  const found = await Promise.all(
    (await namesIn(yards)).flatMap((yard) => [
      namesIn(join(yards, yard, '.checks')),
      besideIn(join(yards, yard, '.tend')),
    ]),
  );
  return [...new Set(found.flat())].flatMap((name) => {
    const [, taskId, number] = /^([A-Za-z0-9_-]+)\.([1-9]\d{0,8})$/.exec(name) ?? [];
    return taskId === undefined ? [] : [{ taskId, number: Number(number) }];
  });
}

/** A checkout that is gone may have left what lay beside it. */
const besideIn = async (folder: string): Promise<string[]> =>
  (await namesIn(folder)).flatMap((name) => /^\.checks%2F(.*)\.[a-z]+$/.exec(name)?.[1] ?? []);

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // There is none, or it is none: nothing stands there.
    return [];
  }
}
