import { isPlain, plainText } from './plain.ts';
import { failed, judge } from '../../domain/judge.ts';
import type { Agent, AgentOutcome, AgentReport } from '../../ports/agent.ts';
import type { AttemptEnd } from '../../ports/agent.ts';
import { codexLaunch } from './codex/launch.ts';
import { CodexReader } from './codex/reader.ts';
import { failureOf } from './codex/refusal.ts';
import { ownWords } from './codex/stderr.ts';

/** Where Codex keeps its sessions and credentials; null = the environment does not tell. */
function codexHome({ CODEX_HOME, HOME }: Readonly<Record<string, string>>): string | null {
  if (CODEX_HOME !== undefined && CODEX_HOME !== '') return CODEX_HOME;
  return HOME === undefined || HOME === '' ? null : `${HOME}/.codex`;
}

/** What a run without a terminal event came to, as far as Codex itself says it on stderr. */
function unfinished(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  const stderr = ownWords(end.stderr);
  const silent = report.final === null && report.error === null && report.limit === null;
  const failure =
    silent && !('signal' in end.exit) && end.exit.code !== 0 ? failureOf(stderr) : null;
  if (failure !== null) return failed(failure, stderr, end);
  // Once Codex has spoken on stdout, its log on stderr has nothing to add: it quotes tools and models.
  return judge(report, { ...end, stderr: silent ? stderr : '' });
}

/** OpenAI's Codex CLI, by `codex exec --json`. */
export const codex: Agent = {
  name: 'codex',
  programs: ['codex'],
  verified: true,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: false,
    maxTurns: false,
    maxBudget: false,
    input: false,
    reportsCost: false,
    needsPty: false,
    logFile: true,
    tools: true,
    asks: false,
  },
  accountVariables: [
    'HOME',
    'CODEX_HOME',
    'CODEX_API_KEY',
    'CODEX_ACCESS_TOKEN',
    'CODEX_SQLITE_HOME',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'OPENAI_ORGANIZATION',
    'OPENAI_PROJECT',
    'AZURE_OPENAI_API_KEY',
  ],
  versionArguments: ['--version'],
  modelArguments: null,
  launch: codexLaunch,
  reader: () => new CodexReader(),
  outcome: (report, end) =>
    isPlain(report)
      ? plainText(report, { ...end, stderr: ownWords(end.stderr) })
      : unfinished(report, end),
  loggedIn(environment, has) {
    const { CODEX_API_KEY, OPENAI_API_KEY, HOME } = environment;
    if (CODEX_API_KEY !== undefined && CODEX_API_KEY !== '') return true;
    const home = codexHome(environment);
    if (home === null || HOME === undefined || !home.startsWith(`${HOME}/`)) return null;
    const below = home.slice(HOME.length + 1);
    if (has(`${below}/auth.json`)) return true;
    // The configuration may name a provider with a key of its own, or the system's keyring.
    return has(`${below}/config.toml`) || OPENAI_API_KEY !== undefined ? null : false;
  },
  traces({ environment, sessionId }) {
    const home = codexHome(environment);
    // Without the id the newest file may be another session's.
    if (home === null || sessionId === null) return {};
    return { log: { path: `${home}/sessions`, find: sessionId } };
  },
};
