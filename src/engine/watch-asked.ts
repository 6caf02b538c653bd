import { TendError } from '../domain/errors.ts';
import { patternOf } from '../domain/pattern.ts';
import { isEnded, type Task } from '../domain/task.ts';
import type { Output } from '../ports/output.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import { streamsOf } from './observe.ts';
import type { NewWatch } from './watch-facade.ts';

/** Throws TendError where the task cannot be watched like that. */
export function refuseAsked(task: Task, { match, on, stream }: NewWatch): void {
  if (isEnded(task))
    throw new TendError(
      'already_ended',
      `${task.id} has ended (${task.state}): it writes nothing more`,
      `Look through what it wrote with: tend logs ${task.id}`,
    );
  if (match === null && on === null)
    throw new TendError(
      'invalid_input',
      'a watch needs something to look for',
      'Give it a text, a /regex/ or an event.',
    );
  if (match !== null) void patternOf(match);
  if (on !== null && task.spec.work.kind !== 'agent')
    throw new TendError(
      'unsupported',
      `${task.id} is a command: it has no events`,
      `Watch for what it writes, as in: tend watch ${task.id} --match "ready"`,
    );
  const streams = streamsOf(task);
  if (stream === null || (streams.includes(stream) && on === null)) return;
  throw new TendError(
    'not_found',
    on === null ? `${task.id} has no stream "${stream}"` : 'events belong to no stream',
    on === null
      ? `It writes to: ${streams.join(', ')}. Start a task with --split to keep stdout and stderr apart.`
      : 'Leave the stream out.',
  );
}

/** The same output, of which nothing is cut off before `looked` resolves. */
export const guarded = (output: Output, looked: (ref: AttemptRef) => Promise<void>): Output => ({
  path: (ref, stream) => output.path(ref, stream),
  read: (ref, stream, offset, limit) => output.read(ref, stream, offset, limit),
  tail: (ref, stream, bytes) => output.tail(ref, stream, bytes),
  size: (ref, stream) => output.size(ref, stream),
  trim: async (ref, stream, keep) => {
    await looked(ref);
    return output.trim(ref, stream, keep);
  },
  watch: (ref, stream, listener) => output.watch(ref, stream, listener),
  agentFolder: (ref) => output.agentFolder(ref),
  onGrowth: (ref, taken, listener) => output.onGrowth(ref, taken, listener),
  mark: (ref, at, taken) => output.mark(ref, at, taken),
  marks: (ref) => output.marks(ref),
  space: () => output.space(),
});
