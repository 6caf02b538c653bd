import type { Fed } from '../domain/input.ts';
import type { AttemptRef } from './supervisor.ts';

/**
 * What is sent to the stdin of attempts. It is written by a process of the attempt, not by this one: what is accepted
 * arrives once and in order, though the daemon dies at any moment.
 */
export interface Inputs {
  /**
   * Stores `data` as the next one, then has it written; `end` = stdin ends after it. Answers its number. Throws
   * TendError `disk_full`, and `unsupported` where the attempt has no pipe.
   */
  put(ref: AttemptRef, data: Uint8Array, end: boolean): Promise<number>;
  fed(ref: AttemptRef): Promise<Fed>;
  /** Has everything written that was accepted and is not: an earlier daemon may have died before it asked. */
  hurry(ref: AttemptRef): void;
  /** Resolves once `number` is written or never will be; also after `timeout` ms and on abort. */
  settled(ref: AttemptRef, number: number, timeout: number, signal: AbortSignal): Promise<void>;
}
