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

/**
 * 16 hexadecimal digits that tell one content from another. Mixed by hand because the platform's digests
 * answer from another thread, which costs more than all else in a submit. No defence against forgery:
 * whoever can submit need not forge.
 */
export function contentHash(content: string): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < content.length; at++) {
    const unit = content.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x9e3779b1);
    other = Math.imul(other ^ unit, 0x5f356495);
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35);
  other = Math.imul(other ^ (other >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return hex(one) + hex(other);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
