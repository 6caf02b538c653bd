import { join } from 'node:path';
import type { AgentEvent, Usage } from '../../domain/agent-event.ts';
import type { AgentOutcome } from '../../domain/agent-outcome.ts';
import type { AgentReport } from '../../domain/agent-report.ts';
import { TendError } from '../../domain/errors.ts';
import { lastLines } from '../../domain/judge.ts';
import type {
  Agent,
  AgentReader,
  AgentStream,
  AttemptEnd,
  Launch,
  LaunchRequest,
  ReadingPlace,
} from '../../ports/agent.ts';
import { flagValue, promptPlace } from './arguments.ts';
import { claudeStreamOutcome, claudeStreamReader } from './claude-stream.ts';
import { SURROUNDINGS } from './surroundings.ts';

/** xAI's Grok Build, by `--output-format streaming-messages-json`, which is what Claude Code prints. */
export const grok: Agent = {
  name: 'grok',
  programs: ['grok'],
  verified: false,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: true,
    maxTurns: true,
    maxBudget: false,
    input: false,
    // Only for some accounts, and 0 where it is not known.
    reportsCost: false,
    needsPty: false,
    logFile: false,
    tools: false,
    asks: false,
  },
  accountVariables: [
    'HOME',
    'GROK_HOME',
    'XAI_API_KEY',
    'GROK_DEPLOYMENT_KEY',
    'GROK_MODELS_BASE_URL',
    'GROK_CLI_CHAT_PROXY_BASE_URL',
  ],
  versionArguments: ['--version'],
  modelArguments: null,
  launch,
  reader: () => new GrokReader(),
  outcome,
  loggedIn: (given) => ((given['XAI_API_KEY'] ?? '') === '' ? null : true),
  traces: () => ({}),
};

const PROMPT_FILE = 'prompt.txt';

function launch(request: LaunchRequest): Launch {
  if (request.isolated)
    throw unsupported(
      'grok cannot be isolated',
      'no documented flag masks instructions, skills, hooks and servers: run it without isolation',
    );
  const { argument, stdin } = promptPlace(request.prompt, { subcommands: false });
  const argv = [
    request.program,
    ...(stdin === null
      ? ['--single', ...argument]
      : ['--prompt-file', join(request.folder, PROMPT_FILE)]),
    // A prompt that begins with a slash is no command.
    '--verbatim',
    '--output-format',
    'streaming-messages-json',
    '--no-auto-update',
    ...session(request),
    ...(request.model === null ? [] : ['--model', flagValue('model', request.model)]),
    '--max-turns',
    String(request.envelope.turns),
    ...permitted(request),
  ];
  const files = stdin === null ? {} : { [PROMPT_FILE]: stdin };
  return { argv, env: {}, unset: SURROUNDINGS, files, stdin: null };
}

const unsupported = (message: string, hint: string): TendError =>
  new TendError('unsupported', message, hint);

/** Tools that only read. */
const READING = 'read_file,list_dir,grep,web_search,web_fetch,todo_write';
/** Characters that mean something in a rule. */
const PATTERN = /[*?[\]{}()\\,]/;

/**
 * By rules, not by its sandbox, which is given up with a warning where the system has none. A tool that no rule
 * allows ends the run: grok then reports it as cancelled.
 */
function permitted({ permissions, cwd }: LaunchRequest): readonly string[] {
  switch (permissions) {
    case 'full':
      return ['--always-approve'];
    case 'workspace':
      if (PATTERN.test(cwd))
        throw unsupported(
          `grok cannot be kept to the folder ${cwd}: its name has characters that mean something in a rule`,
          'ask for the permissions "read-only" or "full", or use another folder',
        );
      return [
        '--permission-mode',
        'dontAsk',
        '--allow',
        `Edit(${join(cwd, '**')})`,
        '--allow',
        `Write(${join(cwd, '**')})`,
      ];
    case 'read-only':
      return [
        '--permission-mode',
        'dontAsk',
        '--tools',
        READING,
        '--disallowed-tools',
        'Agent',
        ...['Bash', 'Edit', 'Write', 'MCPTool'].flatMap((tool) => ['--deny', tool]),
      ];
  }
}

function session({ sessionId, resume }: LaunchRequest): string[] {
  if (sessionId !== null)
    return [resume ? '--resume' : '--session-id', flagValue('session id', sessionId)];
  if (!resume) return [];
  throw unsupported(
    'grok cannot go on with a session whose id is not known',
    'start the task afresh',
  );
}

/** Numbers that are not known are 0 there. */
class GrokReader implements AgentReader {
  readonly #claude = claudeStreamReader();

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    const events = this.#claude.line(line, stream, place);
    return events === null ? null : events.flatMap(told);
  }
}

function told(event: AgentEvent): AgentEvent[] {
  if (event.kind !== 'usage') return [event];
  const { usage } = event;
  if (isNothing(usage)) return [];
  return [{ ...event, usage: { ...usage, costUsd: usage.costUsd === 0 ? null : usage.costUsd } }];
}

const isNothing = (usage: Usage): boolean =>
  Object.values(usage).every((value) => value === 0 || value === null);

const NO_SESSION = /^Session ".*" not found\b/m;

function outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  // It then asks a server for the session, and fails for another reason.
  if (end.resumed !== null && report.sessionId === null && NO_SESSION.test(end.stderr))
    return { kind: 'resume_unavailable', message: lastLines(end.stderr) };
  return claudeStreamOutcome(report, end);
}
