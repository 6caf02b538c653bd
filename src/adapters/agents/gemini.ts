import type { AgentFailure } from '../../domain/agent-outcome.ts';
import { failed, judge } from '../../domain/judge.ts';
import { failureOfStatus } from '../../domain/refusal.ts';
import type { Agent, AgentOutcome, AgentReport, AttemptEnd } from '../../ports/agent.ts';
import { geminiLaunch } from './gemini/launch.ts';
import { GeminiReader } from './gemini/reader.ts';
import { refusalIn } from './gemini/refusal.ts';
import { ownWords } from './gemini/stderr.ts';
import { isPlain } from './plain.ts';

/** HTTP statuses that mean something by themselves; an exit code is the lowest byte of one. */
const STATUSES = [401, 402, 403, 404, 429, 503];

/** What an exit code means by itself; null = nothing special. */
function failureOfExit(code: number): AgentFailure | null {
  switch (code) {
    case 41:
      return 'auth_failed';
    case 53:
      return 'max_turns';
    default: {
      const status = STATUSES.find((known) => (known & 255) === code);
      return status === undefined ? null : failureOfStatus(status);
    }
  }
}

const NOT_RESUMED = /^Error resuming session\b|^No previous sessions found/m;
/** Input of any kind that Gemini cannot work with; a session is one. */
const BAD_INPUT = 42;

const isNotResumed = (words: string, code: number, resumed: string | null): boolean =>
  NOT_RESUMED.test(words) ||
  (code === BAD_INPUT && resumed !== null && (words === '' || /\b(?:session|resum)/i.test(words)));

/** What an exit without a result event came to: by what Gemini says on stderr, then by its code. */
function unfinished(report: AgentReport, end: AttemptEnd, code: number): AgentOutcome | null {
  const words = ownWords(end.stderr);
  const { failure, limit, message } = refusalIn(words, end.place);
  if (limit !== null) return { kind: limit.result, limit: limit.limit, message };
  const meant = isNotResumed(words, code, end.resumed)
    ? 'resume_unavailable'
    : (failureOfExit(code) ?? failure);
  if (meant !== null) return failed(meant, message, end);
  return judge(report, { ...end, stderr: message });
}

function outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  const { exit } = end;
  const code = 'signal' in exit ? null : exit.code;
  if (code === 0 && isPlain(report)) return { kind: 'ok' };
  const told = report.final !== null || report.limit !== null || report.error !== null;
  if (code !== null && code !== 0 && !told) return unfinished(report, end, code);
  // Once Gemini has spoken on stdout, stderr has nothing to add: it quotes tools and models.
  const judged = judge(report, { ...end, stderr: '' });
  const failure = code === null ? null : failureOfExit(code);
  return judged?.kind === 'agent_error' && failure !== null
    ? failed(failure, judged.message, end)
    : judged;
}

const filled = (value: string | undefined): boolean => value !== undefined && value !== '';

/** Google's Gemini CLI, by `--output-format stream-json`. */
export const gemini: Agent = {
  name: 'gemini',
  programs: ['gemini'],
  verified: true,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: true,
    maxTurns: false,
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
    'GEMINI_CLI_HOME',
    'GEMINI_API_KEY',
    'GEMINI_API_KEY_AUTH_MECHANISM',
    'GEMINI_DEFAULT_AUTH_TYPE',
    'GEMINI_CLI_USE_COMPUTE_ADC',
    'GEMINI_CLI_SYSTEM_SETTINGS_PATH',
    'GEMINI_CLI_SYSTEM_DEFAULTS_PATH',
    'GOOGLE_API_KEY',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'GOOGLE_CLOUD_ACCESS_TOKEN',
    'GOOGLE_CLOUD_LOCATION',
    'GOOGLE_CLOUD_PROJECT',
    'GOOGLE_CLOUD_PROJECT_ID',
    'GOOGLE_CLOUD_QUOTA_PROJECT',
    'GOOGLE_GEMINI_BASE_URL',
    'GOOGLE_GENAI_USE_GCA',
    'GOOGLE_GENAI_USE_VERTEXAI',
    'GOOGLE_VERTEX_BASE_URL',
    'CODE_ASSIST_ENDPOINT',
  ],
  versionArguments: ['--version'],
  modelArguments: null,
  launch: geminiLaunch,
  reader: () => new GeminiReader(),
  outcome,
  loggedIn(environment, has) {
    const { GEMINI_API_KEY, GOOGLE_API_KEY, GOOGLE_APPLICATION_CREDENTIALS } = environment;
    if ([GEMINI_API_KEY, GOOGLE_API_KEY, GOOGLE_APPLICATION_CREDENTIALS].some(filled)) return true;
    // Another home than HOME cannot be looked into.
    if (filled(environment['GEMINI_CLI_HOME'])) return null;
    if (has('.gemini/oauth_creds.json') || has('.gemini/gemini-credentials.json')) return true;
    const unsure = ['.gemini/settings.json', '.gemini/.env', '.env'].some(has);
    return unsure || filled(environment['GOOGLE_GENAI_USE_VERTEXAI']) ? null : false;
  },
  traces: () => ({}),
};
