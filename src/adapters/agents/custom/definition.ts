import type { AgentFailure, LimitClass } from '../../../domain/agent-outcome.ts';
import type { Permissions } from '../../../domain/envelope.ts';
import type { Capabilities } from '../../../ports/agent.ts';

export const PROMPT_MODES = ['argument', 'stdin', 'flag', 'file'] as const;
/** How the prompt is given: as an argument, on stdin, after a flag, or as the path of a file. */
type PromptMode = (typeof PROMPT_MODES)[number];

export const OUTPUTS = ['text', 'jsonl', 'claude-stream', 'acp'] as const;
/** What stdout is: the answer itself, lines of JSON, what Claude Code prints, or the Agent Client Protocol. */
type OutputKind = (typeof OUTPUTS)[number];

/** Words that stand for values in a command. */
export const COMMAND_WORDS = ['prompt', 'dir', 'turns', 'cost_usd', 'minutes'] as const;

/** Where the final event of `jsonl` holds what; paths such as `result.text`. */
export interface AnswerFields {
  /** The event whose fields have these values is the final one. */
  when: Readonly<Record<string, string | number | boolean>>;
  text: string;
  /** The run failed when something stands there; null = the event tells no failure. */
  error: string | null;
  /** Of any event; null = no session is told. */
  session: string | null;
}

/** Words by which the agent tells that it, or its provider, refuses to work. */
export interface Refusal {
  /** A text, whatever its case, or a regular expression between slashes. */
  match: string;
  failure: AgentFailure;
  /** How long the account is held; null = as is usual for the failure. */
  class: LimitClass | null;
}

/** An agent that a person defined. */
export interface CustomAgentDefinition {
  name: string;
  /** The program first; `{prompt}`, `{dir}`, `{turns}`, `{cost_usd}` and `{minutes}` stand for values. */
  command: readonly string[];
  promptMode: PromptMode;
  /** For the modes `flag` and `file`. A flag that ends in `=` takes its value in the same word, as all flags here. */
  promptFlag: string | null;
  modelFlag: string | null;
  dirFlag: string | null;
  /** Takes the id of a new session. */
  sessionFlag: string | null;
  /** Takes the id of a session to go on with. */
  resumeFlag: string | null;
  versionArguments: readonly string[];
  output: OutputKind;
  env: Readonly<Record<string, string>>;
  accountVariables: readonly string[];
  /** Arguments that keep the agent to a permission; what is not here it cannot be kept to. */
  permissions: Readonly<Partial<Record<Permissions, readonly string[]>>>;
  refusals: readonly Refusal[];
  /** For `jsonl` alone. */
  answer: AnswerFields | null;
  capabilities: Readonly<Partial<Pick<Capabilities, 'streams' | 'reportsCost' | 'needsPty'>>>;
}
