import { answerOf } from '../../domain/agent-report.ts';
import { TendError } from '../../domain/errors.ts';
import { judge, lastLines } from '../../domain/judge.ts';
import type {
  Agent,
  AgentOutcome,
  AgentReader,
  AgentReport,
  AttemptEnd,
} from '../../ports/agent.ts';
import type { AcpDefinition } from './acp/agent.ts';
import { claudeStreamOutcome, claudeStreamReader } from './claude-stream.ts';
import type { CustomAgentDefinition } from './custom/definition.ts';
import { customLaunch, takes } from './custom/launch.ts';
import { JsonLinesReader, TextReader } from './custom/readers.ts';
import { Refusals } from './custom/refusals.ts';

/** What its kind of output makes of an agent. */
interface Protocol {
  reader: () => AgentReader;
  outcome: Agent['outcome'];
}

/** The adapter of an agent that a person defined; `acp` makes the adapters of those that speak ACP. */
export function customAgent(
  definition: CustomAgentDefinition,
  acp: ((definition: AcpDefinition) => Agent) | null = null,
): Agent {
  if (definition.output === 'acp') return throughAcp(definition, acp);
  const { name, capabilities, sessionFlag, resumeFlag } = definition;
  const { reader, outcome } = protocolOf(definition);
  return {
    name,
    programs: definition.command.slice(0, 1),
    verified: false,
    capabilities: {
      // A text may come as a whole at the end.
      streams: capabilities.streams ?? definition.output !== 'text',
      resume: resumeFlag !== null && (sessionFlag !== null || printsSession(definition)),
      ownSessionId: sessionFlag !== null,
      maxTurns: takes(definition, 'turns'),
      maxBudget: takes(definition, 'cost_usd'),
      input: false,
      reportsCost: capabilities.reportsCost ?? false,
      needsPty: capabilities.needsPty ?? false,
      logFile: false,
      tools: false,
      asks: false,
    },
    accountVariables: definition.accountVariables,
    versionArguments: definition.versionArguments,
    modelArguments: null,
    launch: (request) => customLaunch(definition, request),
    reader,
    outcome: refusing(definition, outcome),
    loggedIn: () => null,
    traces: () => ({}),
  };
}

const printsSession = ({ output, answer }: CustomAgentDefinition): boolean =>
  output === 'claude-stream' || (answer !== null && answer.session !== null);

function throughAcp(
  definition: CustomAgentDefinition,
  acp: ((definition: AcpDefinition) => Agent) | null,
): Agent {
  const { name, command, env, accountVariables, versionArguments } = definition;
  if (acp === null)
    throw new TendError(
      'unsupported',
      `${name} speaks ACP, which is not available here`,
      'define the agent with another output',
    );
  const programs = command.slice(0, 1);
  const agent = acp({ name, programs, command, env, accountVariables, versionArguments });
  return { ...agent, outcome: refusing(definition, (report, end) => agent.outcome(report, end)) };
}

function protocolOf({ name, output, answer }: CustomAgentDefinition): Protocol {
  switch (output) {
    case 'claude-stream':
      return { reader: () => claudeStreamReader(), outcome: claudeStreamOutcome };
    case 'jsonl':
      if (answer !== null) return { reader: () => new JsonLinesReader(answer), outcome: judge };
      throw new TendError(
        'config_invalid',
        `agents.${name} prints lines of JSON, and its definition does not say where the answer stands`,
        `Set agents.${name}.answer.`,
      );
    default:
      return { reader: () => new TextReader(), outcome: textOutcome };
  }
}

/** All that such an agent can tell: a text, and an exit code. */
function textOutcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  if ('signal' in end.exit) return judge(report, end);
  if (end.exit.code !== 0) {
    const judged = judge(report, end);
    const isBare = judged?.kind === 'agent_error' && lastLines(end.stderr) === '';
    const said = lastLines(report.text);
    return isBare && said !== '' ? { kind: 'agent_error', message: said } : judged;
  }
  return answerOf(report) === ''
    ? { kind: 'no_final_answer', message: 'the agent ended without an answer' }
    : { kind: 'ok' };
}

/** Explains a failure by the words that the person knows, where those of the agent itself have them. */
function refusing(definition: CustomAgentDefinition, outcome: Agent['outcome']): Agent['outcome'] {
  const refusals = new Refusals(definition.refusals);
  return (report, end) => {
    const judged = outcome(report, end);
    if (judged?.kind === 'ok' || judged?.kind === 'resume_unavailable') return judged;
    const { final, error } = report;
    const failed = 'code' in end.exit && end.exit.code !== 0;
    const stdout = definition.output === 'text' && failed ? report.text : null;
    const envelopes = [final?.ok === false ? final.message : null, error?.message];
    return refusals.outcome([...envelopes, end.stderr, stdout], end.place) ?? judged;
  };
}
