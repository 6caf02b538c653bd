/** How the programs of the hosts are called, and what of their output names the session. */
export interface HostCall {
  /** Words before the prompt, of a new session. */
  first: readonly string[];
  /** The same, to go on with a session. */
  again: (session: string) => readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Finds the id of the session in what was printed. */
  session: RegExp;
  /** What a hook adds to a turn is not in the conversation of later turns. */
  keeps?: false;
  /** It starts its servers with a prompt: after the daemon died it is told with the next one. */
  late?: true;
}

const CLAUDE = [
  '--output-format',
  'stream-json',
  '--verbose',
  '--permission-mode',
  'bypassPermissions',
];
// Its hooks are trusted in a dialog, which needs a person; this is its way for automation.
const CODEX = [
  '--json',
  '--dangerously-bypass-approvals-and-sandbox',
  '--dangerously-bypass-hook-trust',
];
const GEMINI = ['--output-format', 'stream-json', '--skip-trust', '--approval-mode', 'yolo'];

export const HOST_CALLS: Readonly<Record<string, HostCall>> = {
  claude: {
    first: [...CLAUDE, '-p'],
    again: (session) => [...CLAUDE, '--resume', session, '-p'],
    session: /"session_id":"([^"]+)"/,
  },
  codex: {
    first: ['exec', ...CODEX],
    again: (session) => ['exec', 'resume', ...CODEX, session],
    session: /"thread_id":"([^"]+)"/,
  },
  gemini: {
    first: [...GEMINI, '-p'],
    again: (session) => [...GEMINI, '--resume', session, '-p'],
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true', GEMINI_CLI_NO_RELAUNCH: 'true' },
    keeps: false,
    session: /"session_id":"([^"]+)"/,
  },
  opencode: {
    first: ['run', '--format', 'json', '--title', 'host'],
    again: (session) => ['run', '--format', 'json', '--session', session],
    late: true,
    session: /"sessionID":"([^"]+)"/,
  },
};
