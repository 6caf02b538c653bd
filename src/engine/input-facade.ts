import type { Input } from '../domain/input.ts';
import type { Task } from '../domain/task.ts';

/** A text, and where it was sent. */
export interface SentInput {
  task: Task;
  attempt: number;
  input: Input;
}

/** What the doors may send to the stdin of a running task. */
export interface InputVerbs {
  /**
   * The text is stored once this resolves, and is written once, whatever becomes of this process; the answer tells
   * whether it is written already: it waits for that, but not for long. `end` = stdin ends after it. Throws
   * `already_ended`, `unsupported` with the reason for a task that takes none, or `limit_reached`.
   */
  send(
    idOrPrefix: string,
    sent: { data: Uint8Array; end: boolean },
    signal: AbortSignal,
  ): Promise<SentInput>;
  /** What was sent to the latest attempt, in its order. */
  of(task: Task): Promise<Input[]>;
}
