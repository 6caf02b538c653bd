/** A conflict that is given to an agent: a task of its own, whose work can be merged. */
import type { Client, Task } from '../client/index.ts';
import type { Context } from './context.ts';
import { capturedEnvironment } from './environment.ts';
import type { TaskMerge } from './merge-words.ts';

/** Submits the task that resolves the conflict of `task`; the same conflict given to the same agent again is the same task. */
export async function giveTo(
  agent: string,
  { env }: Context,
  client: Client,
  task: Task,
  merge: TaskMerge,
): Promise<Task> {
  const { commit, from, target } = merge;
  const { verification } = task;
  return client.submit({
    agent: { name: agent, prompt: promptFor(task, merge) },
    title: `Resolve the conflict of ${task.id} with ${target}`.replace(/\p{Cc}+/gu, ' '),
    cwd: task.cwd,
    env: capturedEnvironment(env),
    workspace: { kind: 'worktree', base: commit },
    ...(verification !== null && { verify: verification.command }),
    key: `conflict ${task.id} ${commit} ${from ?? ''} ${agent}`,
  });
}

function promptFor({ id, title }: Task, { target, from, paths, detail }: TaskMerge): string {
  const files = paths.map((path) => `- ${JSON.stringify(path)}`).join('\n');
  return [
    `The work of task ${id} (${JSON.stringify(title)}) is checked out here. It conflicts with the branch ${JSON.stringify(target)}, which is at commit ${from ?? ''}.`,
    `Merge that commit into what is checked out: git merge ${from ?? ''}`,
    files === '' ? `What git said: ${detail ?? ''}` : `The files in conflict:\n${files}`,
    'Resolve every conflict so that what both sides meant is kept. Look at what each side changed since their common ancestor before you decide; drop nothing because it is easier. Change nothing else.',
    'Then commit the merge. Do not push, and do not touch other branches.',
  ].join('\n\n');
}
