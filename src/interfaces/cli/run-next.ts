/** What is told of a new task: where it works, how that is verified, and the exact next commands. */
import type { Task } from '../client/index.ts';
import type { Context } from './context.ts';
import { situation } from './sentence.ts';
import { oneLine } from './text.ts';

/** On stderr: results alone stand on stdout. */
export async function tellNext({ err }: Pick<Context, 'err'>, task: Task): Promise<void> {
  // That it has no slot in its first moment says nothing; what else it waits for does.
  if (task.state === 'queued' && (task.queueReason ?? 'slots') !== 'slots')
    await err.line(`tend: it ${situation(task, Date.now())}`);
  for (const line of workLines(task)) await err.line(`tend: ${line}`);
  const next = nextCommands(task);
  const longest = Math.max(...next.map(([line]) => line.length));
  for (const [line, does] of next)
    await err.line(`  ${line.padEnd(longest)}  ${err.paint('dim', does)}`);
}

function workLines({ workspace, verification, review }: Task): string[] {
  const { kind, branch, path } = workspace;
  if (kind === null) return [];
  const where =
    kind === 'in_place'
      ? `it works in place, alone in ${path ?? 'the checkout'}`
      : `it works in a tree of its own${branch === null ? '' : `, on the branch ${branch}`}`;
  const told = [where];
  if (verification !== null) {
    const { command, found } = verification;
    told.push(`it is verified by: ${command}${found === null ? '' : ` (${found})`}`);
  }
  if (review.required) told.push('it waits for your review before it completes');
  return told.map(oneLine);
}

function nextCommands({ id, workspace, review }: Task): readonly (readonly [string, string])[] {
  return [
    [`tend logs -f ${id}`, 'follow its output'],
    [`tend wait ${id}`, 'wait for its end'],
    [`tend stop ${id}`, 'stop it'],
    ...(workspace.kind === null ? [] : [[`tend diff ${id}`, 'see what it changed'] as const]),
    ...(review.required ? [[`tend accept ${id}`, 'take its work'] as const] : []),
    ...(workspace.kind === 'worktree'
      ? [[`tend merge ${id}`, 'bring it into your branch, once it has completed'] as const]
      : []),
  ];
}
