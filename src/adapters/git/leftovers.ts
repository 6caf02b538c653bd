import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../../domain/task.ts';
import { ownerIn } from './lock.ts';

interface Left {
  taskId: TaskId;
  number: number;
}

/** Attempts whose checkout stands below the state folder, or has left a file there, or whose lock: git is not asked. */
export async function leftoversIn(state: string): Promise<Left[]> {
  const yards = join(state, 'worktrees');
  const found = await Promise.all(
    (await namesIn(yards)).map(async (yard) => {
      const beside = join(yards, yard, '.tend');
      const names = await namesIn(beside);
      const checkouts = await namesIn(join(yards, yard, '.checks'));
      // A checkout that is gone may have left what lay beside it.
      const gone = names.flatMap((name) => /^\.checks%2F(.*)\.[a-z]+$/.exec(name)?.[1] ?? []);
      const locks = names.filter((name) => name.endsWith('.lock'));
      return [
        ...[...new Set([...checkouts, ...gone])].flatMap(namedBy),
        ...locks.flatMap((name) => ownerIn(state, join(beside, name)) ?? []),
      ];
    }),
  );
  return found.flat();
}

function namedBy(name: string): Left[] {
  const [, taskId, number] = /^([A-Za-z0-9_-]+)\.([1-9]\d{0,8})$/.exec(name) ?? [];
  return taskId === undefined ? [] : [{ taskId, number: Number(number) }];
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // There is none, or it is none: nothing stands there.
    return [];
  }
}
