import type { AgentEventKind } from '../domain/agent-event.ts';
import type { Watch, WatchedStream } from '../domain/watch.ts';

/** A watch to be made; with neither `match` nor `on` it would tell nothing. */
export interface NewWatch {
  match: string | null;
  on: AgentEventKind | null;
  stream: WatchedStream | null;
  once: boolean;
  /** What the current attempt has written already, too. */
  fromStart: boolean;
}

export interface WatchVerbs {
  /**
   * From now on its owner is told of every match, until the task has ended. Throws `already_ended`, `limit_reached`,
   * `invalid_input` for a pattern that cannot be watched for, `not_found` for a stream that the task has not, and
   * `unsupported` for events of a command.
   */
  add(idOrPrefix: string, asked: NewWatch): Promise<Watch>;
  /** Of one task, or of all, the oldest first. */
  list(idOrPrefix: string | null): Promise<Watch[]>;
  /** Throws `not_found` or `ambiguous_id`. */
  remove(idOrPrefix: string): Promise<Watch>;
}
