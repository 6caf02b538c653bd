/** How a scenario is played. */
export type Play =
  /** `tend run --wait`. */
  | 'run'
  /** Stopped while a tool runs. */
  | 'stop'
  /** The same, then resumed. */
  | 'stop-resume'
  /** Two runs, the second one resumes the first. */
  | 'resume'
  /** The same, when the session is not there any more. */
  | 'resume-lost'
  /** The daemon is killed twice while the agent works; a third one sees the end. */
  | 'kill'
  /** The agent stops with a question, a person answers it, and the agent goes on. */
  | 'answer'
  /** The agent tells its result through the tools of the worker. */
  | 'finish';

export interface Scenario {
  name: string;
  /** What the stub plays; default: the name. */
  stub?: string;
  play?: Play;
  /** Further options of `tend run`. */
  options?: readonly string[];
  /** What a person answers. */
  answer?: string;
  /** Only for these agents: others cannot do it. */
  only?: readonly string[];
  /** Played as somebody with a subscription. */
  subscription?: true;
  /** Only in the full matrix: for all agents, or for those for whom it lasts long. */
  full?: true | readonly string[];
}

/** For what waits for minutes: the account was not refused, so the clock ends it. */
const SHORT = ['--timeout', '20s'];

/** The room is the sandbox; what agents may do with less is another row. */
export const USUAL = ['--permissions', 'full'];

export const SCENARIOS: readonly Scenario[] = [
  { name: 'success' },
  { name: 'thinking', full: ['gemini', 'opencode'] },
  { name: 'tool' },
  { name: 'shell' },
  { name: 'tool-fail', full: true },
  { name: 'commit' },
  { name: 'parallel' },
  { name: 'read', full: true },
  { name: 'todo', full: ['claude', 'codex', 'gemini', 'qwen', 'copilot'] },
  { name: 'subagent', full: ['gemini'] },
  { name: 'ask', full: true },
  { name: 'loop', options: ['--max-turns', '2'] },
  { name: 'max-tokens' },
  { name: 'refusal' },
  { name: 'empty-text', full: ['qwen'] },
  { name: 'quota', subscription: true, full: ['qwen'] },
  { name: 'quota-key', stub: 'quota', full: true },
  { name: 'quota-weekly', subscription: true, full: ['gemini', 'opencode', 'qwen'] },
  { name: 'quota-warning', subscription: true, full: ['gemini', 'opencode', 'qwen', 'copilot'] },
  { name: 'quota-mid', subscription: true, full: ['qwen', 'opencode'] },
  { name: 'billing', full: ['opencode', 'qwen'] },
  { name: 'rate-limit' },
  { name: 'rate-limit-once' },
  { name: 'overloaded', full: ['gemini', 'opencode', 'qwen'] },
  { name: 'overloaded-once' },
  { name: 'auth' },
  { name: 'forbidden', full: ['gemini', 'opencode'] },
  { name: 'server-error', full: ['gemini', 'opencode', 'qwen', 'codex'] },
  { name: 'context-limit' },
  { name: 'bad-request', full: ['gemini', 'opencode'] },
  { name: 'bad-model' },
  { name: 'cut', full: ['gemini', 'opencode'] },
  { name: 'cut-once' },
  { name: 'malformed' },
  { name: 'empty', full: ['gemini', 'opencode', 'qwen'] },
  { name: 'hang', options: SHORT },
  { name: 'hang-stream', options: SHORT, full: true },
  { name: 'stop', stub: 'slow-tool', play: 'stop' },
  { name: 'stop-resume', stub: 'slow-tool', play: 'stop-resume' },
  { name: 'resume', stub: 'tool', play: 'resume' },
  { name: 'resume-lost', stub: 'success', play: 'resume-lost' },
  { name: 'kill', stub: 'short-tool', play: 'kill' },
  { name: 'ask-user', play: 'answer', answer: 'crimson' },
  { name: 'finish', play: 'finish' },
  { name: 'finish-missing', stub: 'success', options: ['--require-finish'] },
  {
    name: 'permission',
    play: 'answer',
    answer: 'allow',
    options: ['--permissions', 'workspace', '--ask-permissions'],
    only: ['claude'],
  },
  {
    name: 'permission-denied',
    stub: 'permission',
    play: 'answer',
    answer: 'deny',
    options: ['--permissions', 'workspace', '--ask-permissions'],
    only: ['claude'],
  },
  { name: 'worktree', stub: 'commit', options: ['--worktree'] },
];
