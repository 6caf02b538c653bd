import { join } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import type { Permissions } from '../../domain/envelope.ts';
import type { Agent, Launch, LaunchRequest } from '../../ports/agent.ts';
import { flagValue, promptPlace } from './arguments.ts';
import { claudeStreamOutcome, claudeStreamReader } from './claude-stream.ts';
import { SURROUNDINGS } from './surroundings.ts';
import {
  OFFER_PERMIT,
  SERVER,
  SERVER_CALL,
  SERVER_START,
  serverFile,
  toolsOf,
} from './worker-server.ts';

/** Claude Code. */
export const claude: Agent = {
  name: 'claude',
  programs: ['claude'],
  verified: true,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: true,
    maxTurns: true,
    maxBudget: true,
    input: false,
    reportsCost: true,
    needsPty: false,
    logFile: false,
    tools: true,
    asks: true,
  },
  accountVariables: [
    'HOME',
    'CLAUDE_CONFIG_DIR',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'ANTHROPIC_BASE_URL',
    'ANTHROPIC_PROFILE',
    'ANTHROPIC_CONFIG_DIR',
    'CLAUDE_CODE_USE_BEDROCK',
    'ANTHROPIC_BEDROCK_BASE_URL',
    'AWS_BEARER_TOKEN_BEDROCK',
    'AWS_PROFILE',
    'AWS_ACCESS_KEY_ID',
    'CLAUDE_CODE_USE_VERTEX',
    'ANTHROPIC_VERTEX_BASE_URL',
    'ANTHROPIC_VERTEX_PROJECT_ID',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'CLAUDE_CODE_USE_FOUNDRY',
    'ANTHROPIC_FOUNDRY_BASE_URL',
    'ANTHROPIC_FOUNDRY_RESOURCE',
    'ANTHROPIC_FOUNDRY_API_KEY',
  ],
  versionArguments: ['--version'],
  modelArguments: null,
  launch,
  reader: () => claudeStreamReader(),
  outcome: claudeStreamOutcome,
  loggedIn,
  traces: () => ({}),
};

function launch(request: LaunchRequest): Launch {
  const { program, envelope } = request;
  const { argument, stdin } = promptPlace(request.prompt, { subcommands: false });
  const given = toolsGiven(request);
  const argv = [
    program,
    '-p',
    // Before the flags: some of them take all words that follow.
    ...argument,
    '--output-format',
    'stream-json',
    '--verbose',
    ...session(request),
    ...(request.model === null ? [] : ['--model', flagValue('model', request.model)]),
    '--max-turns',
    String(envelope.turns),
    '--max-budget-usd',
    String(envelope.costUsd),
    ...allowed(request),
    ...(request.isolated ? masked(request.environment) : []),
    // What writes cannot be told from what reads among the tools of such servers.
    ...(request.isolated || request.permissions === 'read-only' ? ['--strict-mcp-config'] : []),
    ...given.options,
  ];
  return {
    argv,
    env: { ...environment(request), ...given.env },
    unset: [...SURROUNDINGS, ...OF_A_SURROUNDING_SESSION],
    files: given.files,
    stdin,
  };
}

function session({ sessionId, resume }: LaunchRequest): string[] {
  if (sessionId !== null)
    return [resume ? '--resume' : '--session-id', flagValue('session id', sessionId)];
  if (!resume) return [];
  throw new TendError(
    'unsupported',
    'claude cannot go on with a session whose id is not known',
    'start the task afresh',
  );
}

/** Tools that only read; all that runs a command can write. */
const READING = 'Read,Glob,Grep,WebFetch,WebSearch';

/**
 * Plan mode does not do for `read-only`: there, too, rules of the person's settings allow commands that write.
 * So nothing else is offered at all, and what would need a question is denied.
 */
const PERMISSIONS: Readonly<Record<Permissions, readonly string[]>> = {
  'read-only': ['--permission-mode', 'dontAsk', '--tools', READING],
  workspace: ['--permission-mode', 'acceptEdits'],
  full: ['--permission-mode', 'bypassPermissions'],
};

function allowed({ permissions, root, environment: given }: LaunchRequest): readonly string[] {
  if (permissions === 'full' && root && given['IS_SANDBOX'] !== '1')
    throw new TendError(
      'unsupported',
      'claude refuses full permissions to root',
      'ask for the permissions "workspace", run Tend as an ordinary user, or set IS_SANDBOX=1 where the machine is a sandbox',
    );
  return PERMISSIONS[permissions];
}

/** Every tool of the worker's server, which touches nothing of the machine. */
const WORKER_TOOLS = `mcp__${SERVER}`;

/** What is allowed without a question, and the server of the worker's tools. */
function toolsGiven(request: LaunchRequest): Pick<Launch, 'env' | 'files'> & { options: string[] } {
  const tools = toolsOf(request);
  const free = [
    ...(request.permissions === 'read-only' ? ['WebFetch', 'WebSearch'] : []),
    ...(tools === null ? [] : [WORKER_TOOLS]),
  ];
  const allowedTools = free.length === 0 ? [] : ['--allowedTools', free.join(',')];
  if (tools === null) return { options: allowedTools, env: {}, files: {} };
  // Loaded at once: else it would have to be searched for, or come too late for the first words.
  const asked = tools.permits && request.permissions === 'workspace';
  const server = serverFile(
    asked ? { ...tools, env: { ...tools.env, ...OFFER_PERMIT } } : tools,
    request.folder,
    { alwaysLoad: true, timeout: SERVER_CALL },
  );
  return {
    options: [
      ...allowedTools,
      '--mcp-config',
      server.path,
      ...(asked ? ['--permission-prompt-tool', `${WORKER_TOOLS}__permit`] : []),
    ],
    env: { MCP_CONNECT_TIMEOUT_MS: String(SERVER_START), MCP_TIMEOUT: String(SERVER_START) },
    files: server.files,
  };
}

/** Leaves what belongs to the project, and what the account needs. */
function masked(given: LaunchRequest['environment']): string[] {
  const home = given['HOME'];
  // Instructions of the home folder are those of a folder above the project, too.
  const excluded =
    home === undefined
      ? []
      : [join(home, '.claude/**'), join(home, 'CLAUDE.md'), join(home, 'CLAUDE.local.md')];
  const settings = JSON.stringify({ claudeMdExcludes: excluded });
  return ['--setting-sources', 'project', '--settings', settings];
}

const environment = ({ isolated }: LaunchRequest): Record<string, string> => ({
  // What goes on behind an agent's back would outlive its answer.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  ...(isolated && { CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1' }),
});

/** What a session of Claude Code leaves in the environment of the programs that it starts. */
const OF_A_SURROUNDING_SESSION = [
  'AI_AGENT',
  'CLAUDE_CODE_CHILD_NOTES_DIR',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_EXECPATH',
  'CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS',
  'CLAUDE_CODE_MESSAGING_SOCKET',
  'CLAUDE_CODE_MESSAGING_TOKEN',
  'CLAUDE_CODE_RESTRICTED',
  'CLAUDE_CODE_SAFE_MODE',
  'CLAUDE_CODE_SESSION_ATTENDED',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SESSION_KIND',
  'CLAUDE_CODE_SIMPLE',
  'CLAUDE_EFFORT',
  'CLAUDE_ENV_FILE',
  'CLAUDE_JOB_DIR',
  'CLAUDE_PID',
  'CLAUDE_PLUGIN_DATA',
  'CLAUDE_PLUGIN_ROOT',
  'CLAUDE_PROJECT_DIR',
];

const KEYS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
];

function loggedIn(
  given: Readonly<Record<string, string>>,
  has: (pathBelowHome: string) => boolean,
): boolean | null {
  if (KEYS.some((name) => (given[name] ?? '') !== '')) return true;
  // Another folder holds the credentials.
  if ((given['CLAUDE_CONFIG_DIR'] ?? '') !== '') return null;
  if (has('.claude/.credentials.json')) return true;
  // A key chain may have them, or a helper that the settings name.
  return has('.claude.json') || has('.claude/settings.json') ? null : false;
}
