import { TendError } from '../../../domain/errors.ts';
import type { Permissions } from '../../../domain/envelope.ts';
import type { Launch, LaunchRequest } from '../../../ports/agent.ts';
import type { Json } from '../json.ts';
import { SURROUNDINGS } from '../surroundings.ts';
import { toolsOf } from '../worker-server.ts';
import { HOME, homeWithServer, SETTINGS, withServer } from './home.ts';

/** Longest prompt that is an argument, in bytes: one argument of Linux has at most 128 KiB. */
const LONGEST_ARGUMENT = 100_000;

/** Names that would make Gemini think that it runs inside another agent, an editor or a run of its own. */
const UNSET = [
  ...SURROUNDINGS,
  'GEMINI_CLI_ACTIVITY_LOG_TARGET',
  'GEMINI_CLI_IDE_AUTH_TOKEN',
  'GEMINI_CLI_IDE_PID',
  'GEMINI_CLI_IDE_SERVER_PORT',
  'GEMINI_CLI_IDE_WORKSPACE_PATH',
  'GEMINI_CLI_WORKTREE_HANDLED',
];

/** Without a terminal `default` offers no tool that writes, where `plan` would answer with a plan. */
const APPROVAL: Readonly<Record<Permissions, string>> = {
  'read-only': 'default',
  workspace: 'auto_edit',
  full: 'yolo',
};

/** How Gemini is called without a terminal. */
export function geminiLaunch(request: LaunchRequest): Launch {
  const { program, prompt, model, permissions, sessionId, resume, folder, environment } = request;
  if (resume && sessionId === null)
    throw new TendError('unsupported', 'there is no session to resume', 'Name the session.');
  const tools = toolsOf(request);
  const settings = request.isolated ? isolation(request) : null;
  const shared = settings !== null || tools === null ? null : homeWithServer(tools, environment);
  const said = literal(prompt);
  const inArgument = Buffer.byteLength(said) <= LONGEST_ARGUMENT && !said.includes('\0');
  return {
    argv: [
      program,
      '--output-format',
      'stream-json',
      '--skip-trust',
      '--approval-mode',
      APPROVAL[permissions],
      ...(model === null ? [] : [`--model=${model}`]),
      ...(sessionId === null ? [] : [`--${resume ? 'resume' : 'session-id'}=${sessionId}`]),
      ...(inArgument ? [`--prompt=${said}`] : []),
    ],
    env: {
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_NO_RELAUNCH: 'true',
      GEMINI_TELEMETRY_ENABLED: 'false',
      NO_BROWSER: 'true',
      ...(settings === null && shared === null ? {} : { GEMINI_CLI_HOME: `${folder}/${HOME}` }),
    },
    unset: UNSET,
    files:
      settings === null
        ? (shared?.files ?? {})
        : {
            [SETTINGS]: `${JSON.stringify(tools === null ? settings : withServer(settings, tools))}\n`,
          },
    ...(shared === null ? {} : { links: shared.links }),
    stdin: inArgument ? null : said,
  };
}

/** A prompt that begins with a slash would be looked up among Gemini's own commands. */
const literal = (prompt: string): string => (/^[/-]/.test(prompt) ? ` ${prompt}` : prompt);

/** The settings of a home of its own: no flag masks the person's GEMINI.md, skills and hooks, and settings are read from nowhere else. */
function isolation({ environment, resume }: LaunchRequest): Json {
  const selectedType = keyType(environment);
  if (selectedType === null)
    throw new TendError(
      'unsupported',
      'Gemini reads GEMINI.md, skills and hooks from the folder of its credentials',
      'Set GEMINI_API_KEY, or run it without isolation.',
    );
  if (resume)
    throw new TendError(
      'unsupported',
      'an isolated Gemini keeps its sessions apart and cannot resume one',
      'Start a new session, or run it without isolation.',
    );
  return {
    security: { auth: { selectedType } },
    privacy: { usageStatisticsEnabled: false },
    general: { enableAutoUpdate: false },
  };
}

/** How credentials that stand in the environment are used; null = there are none. */
function keyType(environment: Readonly<Record<string, string>>): string | null {
  const has = (name: string): boolean => (environment[name] ?? '') !== '';
  const vertex = environment['GOOGLE_GENAI_USE_VERTEXAI'] === 'true';
  if (vertex && (has('GOOGLE_API_KEY') || has('GOOGLE_APPLICATION_CREDENTIALS')))
    return 'vertex-ai';
  return has('GEMINI_API_KEY') ? 'gemini-api-key' : null;
}
