import type { AgentEvent } from '../../domain/agent-event.ts';
import { isLimit, type AgentOutcome } from '../../domain/agent-outcome.ts';
import type { AgentReport } from '../../domain/agent-report.ts';
import type { Permissions } from '../../domain/envelope.ts';
import { TendError } from '../../domain/errors.ts';
import { lastLines } from '../../domain/judge.ts';
import { classify, limitOf } from '../../domain/refusal.ts';
import type { Agent, AttemptEnd, Launch, LaunchRequest, ReadingPlace } from '../../ports/agent.ts';
import { flagValue, promptPlace } from './arguments.ts';
import { claudeStreamOutcome, claudeStreamReader } from './claude-stream.ts';
import { SURROUNDINGS } from './surroundings.ts';
import { SERVER, SERVER_CALL, serverFile, toolsOf } from './worker-server.ts';

/** Qwen Code: a relative of Gemini CLI that prints what Claude Code prints. */
export const qwen: Agent = {
  name: 'qwen',
  programs: ['qwen'],
  verified: true,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: true,
    maxTurns: true,
    maxBudget: false,
    input: false,
    reportsCost: false,
    needsPty: false,
    logFile: false,
    tools: true,
    asks: false,
  },
  accountVariables: [
    'HOME',
    'QWEN_HOME',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'OPENAI_MODEL',
    'QWEN_DEFAULT_AUTH_TYPE',
    'DASHSCOPE_API_KEY',
    'BAILIAN_CODING_PLAN_API_KEY',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_BASE_URL',
    'GEMINI_API_KEY',
    'GOOGLE_API_KEY',
  ],
  versionArguments: ['--version'],
  modelArguments: null,
  launch,
  reader: () => claudeStreamReader({ inclusive: true, results: 'session', stderr: announced }),
  outcome,
  loggedIn,
  traces: () => ({}),
};

function launch(request: LaunchRequest): Launch {
  const { program, envelope } = request;
  const { argument, stdin } = promptPlace(request.prompt, { subcommands: true });
  const tools = toolsOf(request);
  const server =
    tools === null
      ? null
      : serverFile(tools, request.folder, {
          trust: true,
          timeout: SERVER_CALL,
          alwaysLoadTools: true,
        });
  const argv = [
    program,
    // Before the flags: some of them take all words that follow.
    ...argument,
    '--output-format',
    'stream-json',
    ...session(request),
    ...(request.model === null ? [] : ['--model', flagValue('model', request.model)]),
    '--max-session-turns',
    String(envelope.turns),
    '--max-wall-time',
    `${envelope.minutes}m`,
    ...PERMISSIONS[request.permissions],
    ...(request.permissions === 'read-only'
      ? ['--allowed-mcp-server-names', tools === null ? '' : SERVER]
      : []),
    ...(server === null ? [] : ['--mcp-config', server.path]),
    // Masks the project's own customizations, too: no flag knows the difference.
    ...(request.isolated ? ['--safe-mode'] : []),
  ];
  return {
    argv,
    env: ENVIRONMENT,
    unset: [...SURROUNDINGS, ...OF_A_SURROUNDING_SESSION],
    files: server?.files ?? {},
    stdin,
  };
}

function session({ sessionId, resume }: LaunchRequest): string[] {
  if (sessionId !== null)
    return [resume ? '--resume' : '--session-id', flagValue('session id', sessionId)];
  if (!resume) return [];
  throw new TendError(
    'unsupported',
    'qwen cannot go on with a session whose id is not known',
    'start the task afresh',
  );
}

/** Tools that only read. */
const READING = [
  'read_file',
  'read_many_files',
  'list_directory',
  'glob',
  'grep_search',
  'web_fetch',
  'web_search',
  'todo_write',
];
/** They write, or lead to tools or programs that do; some are offered although they are not among those named. */
const WRITING = [
  'write_file',
  'edit',
  'replace',
  'notebook_edit',
  'run_shell_command',
  'monitor',
  'cron_create',
  'agent',
  'skill',
  'tool_call',
  'send_message',
  'enter_worktree',
  'exit_worktree',
  'record_artifact',
];

/**
 * Neither mode that its name suggests does: `plan` lets through what the person's settings allow, and
 * `auto-edit` writes everywhere. What has no rule is denied in the mode `default`, as nobody can be asked.
 */
const PERMISSIONS: Readonly<Record<Permissions, readonly string[]>> = {
  'read-only': [
    '--approval-mode',
    'default',
    '--core-tools',
    ...READING,
    '--exclude-tools',
    ...WRITING,
  ],
  workspace: [
    '--approval-mode',
    'default',
    '--allowed-tools',
    'edit(./**)',
    'write_file(./**)',
    'notebook_edit(./**)',
  ],
  full: ['--approval-mode', 'yolo'],
};

const ENVIRONMENT = {
  // Prompts at a time to come would outlive the answer.
  QWEN_CODE_DISABLE_CRON: '1',
  QWEN_CODE_SKIP_UPDATE_CHECK_ONCE: 'true',
  QWEN_CODE_SUPPRESS_YOLO_WARNING: '1',
  QWEN_USAGE_STATISTICS_ENABLED: 'false',
};

/** What a session of Qwen Code leaves in the environment of the programs that it starts. */
const OF_A_SURROUNDING_SESSION = [
  'QWEN_CODE_AGENT_ID',
  'QWEN_CODE_CLI',
  'QWEN_CODE_LAUNCHER_PID',
  'QWEN_CODE_MANAGED_NPM_PIN',
  'QWEN_CODE_MANAGED_NPM_ROOT',
  'QWEN_CODE_MODEL',
  'QWEN_CODE_MODEL_IDENTITY',
  'QWEN_CODE_NO_RELAUNCH',
  'QWEN_CODE_PRIVATE_RELAUNCH_ENV_PROVENANCE',
  'QWEN_CODE_PROJECT_DIR',
  'QWEN_CODE_PROMPT_ID',
  'QWEN_CODE_SERVE',
  'QWEN_CODE_SESSION_ID',
  'QWEN_CODE_SIMPLE',
  'QWEN_CODE_STARTUP_VERSION',
  'QWEN_CODE_UNATTENDED_RETRY',
];

const RETRYING = /^Retrying in \S+ \(attempt \d+\/\d+\): (.+)$/;

/** Only stderr says why it waits. */
function announced(line: string, place: ReadingPlace): AgentEvent[] | null {
  const message = RETRYING.exec(line.trim())?.[1];
  if (message === undefined) return null;
  const failure = classify(message);
  if (failure === null || !isLimit(failure)) return [];
  return [{ kind: 'limit', result: failure, limit: limitOf(failure, message, place) }];
}

const MAX_TURNS = 53;
const BUDGET = 55;

function outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  const code = 'code' in end.exit && report.final === null ? end.exit.code : null;
  const said = (otherwise: string): string => lastLines(end.stderr).split('\n').at(-1) || otherwise;
  if (code === MAX_TURNS) return { kind: 'max_turns', message: said('the turns were used up') };
  if (code === BUDGET) return { kind: 'budget_exceeded', message: said('the budget was used up') };
  // A refusal that the model's answer overcame does not explain the end.
  const stderr = report.retries === 0 ? withoutRetries(end.stderr) : end.stderr;
  return claudeStreamOutcome(report, { ...end, stderr });
}

const withoutRetries = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !RETRYING.test(line.trim()))
    .join('\n');

const KEYS = [
  'OPENAI_API_KEY',
  'DASHSCOPE_API_KEY',
  'BAILIAN_CODING_PLAN_API_KEY',
  'ANTHROPIC_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
];

function loggedIn(
  given: Readonly<Record<string, string>>,
  has: (pathBelowHome: string) => boolean,
): boolean | null {
  if (KEYS.some((name) => (given[name] ?? '') !== '')) return true;
  // Another folder holds the credentials.
  if ((given['QWEN_HOME'] ?? '') !== '') return null;
  if (has('.qwen/oauth_creds.json')) return true;
  // Either may hold a key.
  return has('.qwen/settings.json') || has('.qwen/.env') ? null : false;
}
