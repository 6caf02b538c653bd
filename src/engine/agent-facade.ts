import type { StoredAgentChange } from '../domain/agent-change.ts';
import type { AgentEvent } from '../domain/agent-event.ts';
import type { AgentOutcome } from '../domain/agent-outcome.ts';
import type { AgentReport } from '../domain/agent-report.ts';
import type { Hold } from '../domain/holds.ts';
import type { TaskId } from '../domain/task.ts';
import type { AgentStream, Capabilities } from '../ports/agent.ts';
import type { Advised, AdviseRequest } from './agent-advise.ts';
import type { RecordedFiles } from './replay.ts';

export type { RecordedFiles };

export type Environment = Readonly<Record<string, string>>;

/** What is different the second time; null = as it was. */
export interface RetryChange {
  environment: Environment | null;
  /** Told to the agent on top of its prompt. */
  feedback: string | null;
  agent: string | null;
}

/** One agent as this machine sees it. */
export interface AgentStatus {
  name: string;
  verified: boolean;
  program: string | null;
  version: string | null;
  loggedIn: boolean | null;
  capabilities: Capabilities;
  /** Tasks of it that hold a slot. */
  active: number;
  /** Its accounts that may not be used now. */
  holds: Hold[];
  /** What its attempts have cost since midnight; what was not told counts as its ceiling. */
  spentUsd: number;
}

/** An event of an agent with its place: the nth of the line at `offset` of the stream. */
export interface AgentMoment {
  /** Where a stream of events goes on after this one. */
  id: string;
  attempt: number;
  stream: AgentStream;
  offset: number;
  /** Epoch ms at which it had been seen; null = not known. */
  at: number | null;
  event: AgentEvent;
}

/** What a recorded run comes to. */
export interface Replayed {
  report: AgentReport;
  outcome: AgentOutcome | null;
  events: number;
}

export type { Advised };

/** What the doors may ask about agents. */
export interface AgentVerbs {
  /** Every agent, with what the programs in the PATH of `environment` (null = the daemon's) are. */
  list(environment: Environment | null): Promise<AgentStatus[]>;
  /** Lays an agent aside for so long (ms), or until it is released. */
  hold(agent: string, time: number | null, reason: string): Promise<Hold[]>;
  /** Ends the holds of an agent, and answers them. */
  release(agent: string): Promise<Hold[]>;
  /** Has seen that an agent failed too often in a row: it is used again, and its failures are counted anew. */
  ack(agent: string): Promise<Hold[]>;
  /** The history of all agents (null) or of one, the newest first. */
  changes(limit: number, agent: string | null): Promise<StoredAgentChange[]>;
  /** The prompt of an attempt (default: the last, or the first to come). Throws `not_found` for a command. */
  prompt(id: TaskId, attempt: number | null): Promise<{ attempt: number; prompt: string }>;
  /** What an agent's task has told so far, and on until it ends when `follow`; from after the event `after`. */
  events(
    id: TaskId,
    options: { after: string | null; attempt: number | null; follow: boolean },
    signal: AbortSignal,
  ): AsyncIterable<AgentMoment>;
  /** The bytes and times of one attempt of an agent, as the lines of a recording. */
  recording(id: TaskId, attempt: number | null): AsyncIterable<string>;
  /** Whom `auto` would take, and why; nothing is stored. */
  advise(request: AdviseRequest): Promise<Advised>;
  /** Throws `not_found` for a file that is not there. */
  replay(agent: string, recording: RecordedFiles): Promise<Replayed>;
}
