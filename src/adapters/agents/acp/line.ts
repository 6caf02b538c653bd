import type { Permissions } from '../../../domain/envelope.ts';
import type { WorkerTools } from '../../../ports/agent.ts';
import type { Json } from '../json.ts';

/** What the holder is to do, as the file says that it is started with. */
export interface HolderConfig {
  /** The agent's command, program first. */
  command: readonly string[];
  cwd: string;
  prompt: string;
  permissions: Permissions;
  /** The session to go on with; null = a new one. */
  resume: string | null;
  model: string | null;
  /** Files are read and written through us, where that is offered. */
  offerFiles: boolean;
  /** The session mode in which the agent asks before it acts; null = it always does. */
  askMode: string | null;
  /** Ms that the agent may take for each answer until its session is there. */
  startTimeout: number;
  /** The server of the worker's tools; null = none. */
  tools: WorkerTools | null;
}

/** What the holder was about when something failed. */
export type Phase = 'initialize' | 'session' | 'resume' | 'mode' | 'model' | 'prompt' | 'exit';

/** One thing that happened, as the holder prints it: a line of JSON each, with `"acp": 1` before. */
export type HolderEvent =
  | {
      type: 'session';
      sessionId: string;
      how: 'new' | 'resume' | 'load';
      model: string | null;
      agent: { name: string | null; version: string | null };
    }
  /** What the agent told of the session's past while it was loaded: counted, not shown again. */
  | { type: 'history'; updates: number }
  /** A `session/update` as it came; the session may be a child of ours. */
  | { type: 'update'; sessionId: string | null; update: Json }
  /** What was asked, by which method, and what was answered. */
  | { type: 'permission'; method: string; asked: Json; answer: Answer }
  | { type: 'wrote'; path: string; isNew: boolean }
  /** A message that is not of the protocol, or not for us. */
  | { type: 'other'; method: string; params: Json }
  /** A line that is no message at all; its beginning. */
  | { type: 'noise'; text: string }
  | { type: 'stop'; stopReason: string | null; usage: Json | null; meta: Json | null }
  | { type: 'interrupted'; signal: string }
  | { type: 'error'; phase: Phase; code: number | null; message: string; data: unknown };

export interface Answer {
  allowed: boolean;
  /** The option that was chosen; null = none fitted. */
  optionId: string | null;
  reason: string;
}
