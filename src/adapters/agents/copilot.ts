import { judge } from '../../domain/judge.ts';
import type { Agent, AgentOutcome, AgentReport, AttemptEnd } from '../../ports/agent.ts';
import { copilotLaunch, CREDENTIALS, USAGE_FILE } from './copilot/launch.ts';
import { CopilotReader } from './copilot/reader.ts';
import { isPlain, plainText } from './plain.ts';
import { lastWord } from './provider-error.ts';

/** GitHub's Copilot CLI, by `copilot --output-format json`. */
export const copilot: Agent = {
  name: 'copilot',
  programs: ['copilot'],
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
    'COPILOT_HOME',
    'COPILOT_MODEL',
    'COPILOT_OFFLINE',
    'COPILOT_GITHUB_TOKEN',
    'COPILOT_GH_HOST',
    'COPILOT_PROVIDER_API_KEY',
    'COPILOT_PROVIDER_API_KEY_COMMAND',
    'COPILOT_PROVIDER_BASE_URL',
    'COPILOT_PROVIDER_BEARER_TOKEN',
    'COPILOT_PROVIDER_HEADERS',
    'COPILOT_PROVIDER_MODEL_ID',
    'COPILOT_PROVIDER_TYPE',
    'COPILOT_PROVIDER_WIRE_MODEL',
    'GH_CONFIG_DIR',
    'GH_HOST',
    'GH_TOKEN',
    'GITHUB_TOKEN',
  ],
  versionArguments: ['--version'],
  modelArguments: null,
  launch: copilotLaunch,
  reader: () => new CopilotReader(),
  outcome,
  loggedIn(environment, has) {
    if (CREDENTIALS.some((variable) => (environment[variable] ?? '') !== '')) return true;
    if (environment['COPILOT_OFFLINE'] === 'true') return false;
    // A login may stand in the system's keyring, or be that of GitHub's own CLI.
    const isHere =
      (environment['COPILOT_HOME'] ?? '') === '' && (environment['GH_CONFIG_DIR'] ?? '') === '';
    return isHere && !has('.copilot') && !has('.config/gh/hosts.yml') ? false : null;
  },
  traces: ({ folder }) => ({ log: { path: `${folder}/${USAGE_FILE}`, find: null } }),
};

const COMPLAINT = /^error: /i;

function outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  if (isPlain(report)) return plainText(report, end);
  return judge(lastWord(report), { ...end, stderr: complaintIn(end.stderr) });
}

/** Below the complaint stands advice of a dozen lines. */
function complaintIn(stderr: string): string {
  const lines = stderr.split('\n');
  return lines.find((line) => COMPLAINT.test(line)) ?? stderr;
}
