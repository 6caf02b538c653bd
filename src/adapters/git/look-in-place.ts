import { dirname } from 'node:path';
import {
  attemptRefOf,
  type Place,
  type Prepared,
  type WorkspaceSpec,
} from '../../domain/workspace.ts';
import { commitTree, contains } from './merge-tree.ts';
import { Refused } from './refused.ts';
import { git, type At } from './run.ts';
import { deskOf, everythingIn } from './snapshot.ts';
import { commonOf } from './starts.ts';
import { inProgressIn } from './survey.ts';

/** What an attempt in the person's own checkout begins with, all of it kept: nothing there is changed. */
export async function lookInPlace(
  state: string,
  place: Place,
  spec: WorkspaceSpec,
  starts: readonly string[],
  gitDir: string,
  now: number,
): Promise<Pick<Prepared, 'base' | 'head' | 'before'>> {
  const { path } = place;
  const doing = inProgressIn(gitDir);
  if (doing !== null) throw new Refused(`${path} is in the middle of ${doing}.`);
  const at: At = { cwd: path, gitDir, workTree: path, ceiling: dirname(path) };
  const head = await git(at, ['rev-parse', '--verify', 'HEAD^{commit}']);
  const base = await baseOf(at, place, spec, starts, head);
  return { base, head, before: await keepEverything(state, at, place, head, now) };
}

/** The first attempt begins with whatever is checked out; later ones are compared with what that one began on. */
async function baseOf(
  at: At,
  { number, path }: Place,
  spec: WorkspaceSpec,
  starts: readonly string[],
  head: string,
): Promise<string> {
  if (number > 1) return (await commonOf(at, starts[0] ?? spec.base, head)) ?? head;
  for (const start of starts)
    if (start !== spec.base && !(await contains(at, head, start)))
      throw new Refused(
        `The work that it depends on (${start.slice(0, 12)}) is not in ${path}, where nothing is merged for it.`,
      );
  return head;
}

/** In a commit under a ref of its own, ignored files left out; the person's index is only read. */
async function keepEverything(
  state: string,
  at: At,
  { taskId, number, repository }: Place,
  head: string,
  now: number,
): Promise<string> {
  const desk = deskOf(state, repository, taskId, number);
  try {
    const { tree } = await everythingIn(at, desk, head, { nested: null, trustFlags: true });
    const message = `${taskId}.${number}: the checkout as it was before\n`;
    const commit = await commitTree(at, tree, [head], message, now);
    await git(at, ['update-ref', `${attemptRefOf(taskId, number)}.before`, commit]);
    return commit;
  } finally {
    desk.clear();
  }
}
