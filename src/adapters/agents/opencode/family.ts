import type { Exit } from '../../../domain/attempt.ts';
import { judge } from '../../../domain/judge.ts';
import type { Agent, AgentOutcome, AgentReport, AttemptEnd } from '../../../ports/agent.ts';
import { isPlain, plainText } from '../plain.ts';
import { lastWord } from '../provider-error.ts';
import { launch, type Relative } from './launch.ts';
import { complaintIn } from './log.ts';
import { OpencodeReader } from './reader.ts';

/** Variables of the providers that opencode knows without any configuration. */
const PROVIDERS = [
  'ANTHROPIC_API_KEY',
  'AZURE_API_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_PROFILE',
  'CEREBRAS_API_KEY',
  'DEEPSEEK_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'GROQ_API_KEY',
  'MISTRAL_API_KEY',
  'MOONSHOT_API_KEY',
  'OPENAI_API_KEY',
  'OPENROUTER_API_KEY',
  'TOGETHER_API_KEY',
  'XAI_API_KEY',
  'ZHIPU_API_KEY',
] as const;

const OWN = ['CONFIG', 'CONFIG_CONTENT', 'CONFIG_DIR', 'AUTH_CONTENT', 'API_KEY'] as const;
const PLACES = ['HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'] as const;

export interface Member extends Relative {
  programs: readonly string[];
  verified: boolean;
}

/** An agent that is called and speaks like opencode. */
export function opencodeLike(member: Member): Agent {
  const { name, prefix, programs, verified } = member;
  const own = OWN.map((variable) => `${prefix}_${variable}`);
  return {
    name,
    programs,
    verified,
    capabilities: {
      streams: true,
      resume: true,
      ownSessionId: false,
      maxTurns: false,
      maxBudget: false,
      input: false,
      reportsCost: true,
      needsPty: false,
      logFile: false,
      tools: verified,
      asks: false,
    },
    accountVariables: [...PLACES, ...own, ...PROVIDERS, 'ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL'],
    versionArguments: ['--version'],
    modelArguments: ['models'],
    launch: (request) => launch(member, request),
    reader: () => new OpencodeReader(),
    outcome,
    loggedIn(environment, has) {
      const isSet = (variable: string): boolean => (environment[variable] ?? '') !== '';
      if (PROVIDERS.some(isSet) || [`${prefix}_AUTH_CONTENT`, `${prefix}_API_KEY`].some(isSet))
        return true;
      if (!isSet('XDG_DATA_HOME') && has(`.local/share/${name}/auth.json`)) return true;
      // A configured provider may need no key, and some models of its own are free.
      return null;
    },
    traces: () => ({}),
  };
}

function outcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  const own = { ...end, stderr: complaintIn(end.stderr) };
  if (isPlain(report)) return plainText(report, own);
  const { final, error, denied } = report;
  // The last step's word counts only when the program itself found nothing more to do.
  if (final?.ok === true && !isWell(end.exit)) return unwell(end.exit);
  const judged = judge(lastWord(report), own);
  return judged?.kind === 'no_final_answer' && error === null && denied > 0
    ? { ...judged, message: 'the agent stopped where it was denied a permission' }
    : judged;
}

const isWell = (exit: Exit): boolean => 'code' in exit && exit.code === 0;
const unwell = (exit: Exit): AgentOutcome | null =>
  'signal' in exit
    ? null
    : { kind: 'agent_error', message: `exit code ${exit.code} after the answer` };
