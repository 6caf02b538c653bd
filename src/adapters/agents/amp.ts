import type { AgentEvent } from '../../domain/agent-event.ts';
import { TendError } from '../../domain/errors.ts';
import type {
  Agent,
  AgentReader,
  AgentStream,
  Launch,
  LaunchRequest,
  ReadingPlace,
} from '../../ports/agent.ts';
import { flagValue, promptPlace } from './arguments.ts';
import { claudeStreamOutcome, claudeStreamReader } from './claude-stream.ts';
import { SURROUNDINGS } from './surroundings.ts';

/** Sourcegraph's Amp, by `amp --execute`, as its help and documentation describe it. */
export const amp: Agent = {
  name: 'amp',
  programs: ['amp'],
  verified: false,
  capabilities: {
    streams: true,
    resume: true,
    ownSessionId: false,
    maxTurns: false,
    maxBudget: false,
    input: false,
    reportsCost: false,
    needsPty: false,
    logFile: false,
    tools: false,
    asks: false,
  },
  accountVariables: ['HOME', 'AMP_API_KEY', 'AMP_URL', 'AMP_SETTINGS_FILE'],
  versionArguments: ['--version'],
  modelArguments: null,
  launch,
  reader: () => new AmpReader(),
  outcome: claudeStreamOutcome,
  loggedIn: (given) => ((given['AMP_API_KEY'] ?? '') === '' ? null : true),
  traces: () => ({}),
};

function launch(request: LaunchRequest): Launch {
  refuseTheImpossible(request);
  // Right after its flag, which takes the next word for its own.
  const { argument, stdin } = promptPlace(request.prompt, { subcommands: false });
  const argv = [
    request.program,
    ...session(request),
    '--execute',
    ...argument,
    '--stream-json',
    '--dangerously-allow-all',
    '--no-notifications',
  ];
  return { argv, env: {}, unset: SURROUNDINGS, files: {}, stdin };
}

const unsupported = (message: string, hint: string): TendError =>
  new TendError('unsupported', message, hint);

function refuseTheImpossible({ permissions, isolated, model }: LaunchRequest): void {
  if (permissions !== 'full')
    throw unsupported(
      `amp cannot be kept to the permissions "${permissions}": it runs its tools without asking`,
      'ask for the permissions "full", or run amp where it can do no harm',
    );
  if (isolated)
    throw unsupported(
      'amp cannot be isolated',
      'no documented flag masks instructions, skills and servers: run it without isolation',
    );
  if (model !== null)
    throw unsupported('amp cannot be told which model to use', 'leave the model to the agent');
}

function session({ sessionId, resume }: LaunchRequest): string[] {
  if (!resume) return [];
  if (sessionId !== null) return ['threads', 'continue', flagValue('session id', sessionId)];
  throw unsupported(
    'amp cannot go on with a session whose id is not known',
    'start the task afresh',
  );
}

/** Without a key it prints an address to log in at, and waits for ever. */
const LOGIN = /^No API key found\b.*\blogin\b/i;

/** What Claude Code prints, unless there is no account. */
class AmpReader implements AgentReader {
  readonly #claude = claudeStreamReader();
  #waits = false;

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    if (stream !== 'stdout') return this.#claude.line(line, stream, place);
    // An address with a secret in it follows.
    if (this.#waits) return [];
    if (!LOGIN.test(line)) return this.#claude.line(line, stream, place);
    this.#waits = true;
    const message = line.trim();
    return [{ kind: 'final', ok: false, text: null, failure: 'auth_failed', message }];
  }
}
