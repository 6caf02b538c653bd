import { TendError } from './errors.ts';
import { numberedId } from './ids.ts';
import { isTerminal, type State } from './lifecycle.ts';

/** Which ids cannot be given to a new task. */
export interface KnownIds {
  stateOf(id: string): State | undefined;
  /** Files of a removed task may still be there under this id. */
  isUncleared(id: string): boolean;
}

/**
 * The id of a new task: the one asked for, or the random one, numbered when an earlier task has it.
 * Throws TendError `id_taken` when a live task has the id asked for.
 */
export function chooseId(asked: string | null, fresh: string, known: KnownIds): string {
  const state = asked === null ? undefined : known.stateOf(asked);
  if (state !== undefined && !isTerminal(state))
    throw new TendError(
      'id_taken',
      `Task ${asked} exists and is ${state}.`,
      `Choose another id, or look at it with: tend show ${asked}`,
    );
  for (let nth = 1; ; nth++) {
    const id = numberedId(asked ?? fresh, nth);
    if (known.stateOf(id) === undefined && !known.isUncleared(id)) return id;
  }
}

/** Throws TendError `key_conflict` unless the task `id`, known under `key`, was asked for with the same content. */
export function assertSameContent(key: string, id: string, known: string, hash: string): void {
  if (known === hash) return;
  throw new TendError(
    'key_conflict',
    `The key ${key} was used for other content: task ${id}.`,
    `Use a new key for new content, or look at the earlier task with: tend show ${id}`,
  );
}
