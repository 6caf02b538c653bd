import type { Usage } from '../../src/domain/agent-event.ts';

/** What came of one cell. */
export interface Seen {
  /** Exit code of `tend run --wait`; null = not asked. */
  exit: number | null;
  state: string;
  reason: string | null;
  queueReason: string | null;
  verdict: string;
  /** Of the last attempt. */
  outcome: string | null;
  limit: { class: string; until: number | null } | null;
  answer: string;
  usage: Usage | null;
  sessionId: string | null;
  /** What the work left in the repository: `git status --short`, how many commits were made, or what is kept of a work tree. */
  leaves: string;
  attempts: number;
  /** Model calls that the stub was asked, and those that it answered. */
  requests: { all: number; answered: number; withTools: number };
  /** Of the last attempt, epoch ms. */
  endedAt: number;
  /** Everything that is wrong whatever is expected: processes left, files outside the home, doubled events. */
  wrong: string[];
}

/** What the room says at its end. */
export type Said = { seen: Seen; problem?: never } | { seen?: never; problem: string };
