import type { TaskId } from '../domain/task.ts';

/** The attempt that a token is good for; `createdAt` of its task keeps that apart from a removed one with the same id. */
export interface TokenPlace {
  taskId: TaskId;
  createdAt: number;
  attempt: number;
}

/** Tokens by which a running attempt is known: derived, not stored, and so the same whenever they are asked for. */
export interface WorkerTokens {
  of(place: TokenPlace): string;
  /** Null = it was not made here; compared in constant time. */
  read(token: string): TokenPlace | null;
}
