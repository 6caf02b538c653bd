import { type AgentEvent, summary } from '../../domain/agent-event.ts';
import type { Permissions } from '../../domain/envelope.ts';
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
import { asObject, child, type Json, number, objectIn, shown, text } from './json.ts';
import { SURROUNDINGS } from './surroundings.ts';

/** Cursor's CLI, as its documentation describes it. Its other name, `agent`, is that of other programs, too. */
export const cursor: Agent = {
  name: 'cursor',
  programs: ['cursor-agent'],
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
  accountVariables: ['HOME', 'CURSOR_API_KEY', 'CURSOR_CONFIG_DIR'],
  versionArguments: ['--version'],
  modelArguments: null,
  launch,
  reader: () => new CursorReader(),
  outcome: claudeStreamOutcome,
  loggedIn: (given) => ((given['CURSOR_API_KEY'] ?? '') === '' ? null : true),
  traces: () => ({}),
};

/**
 * Unless it is told to run everything, it edits in the folder it trusts and rejects what needs an approval; the sandbox keeps
 * commands to that folder.
 */
const PERMISSIONS: Readonly<Record<Permissions, readonly string[]>> = {
  'read-only': ['--mode', 'plan'],
  workspace: ['--sandbox', 'enabled'],
  full: ['--yolo', '--sandbox', 'disabled'],
};

function launch(request: LaunchRequest): Launch {
  if (request.isolated)
    throw unsupported(
      'cursor cannot be isolated',
      'no documented flag masks rules and servers: run it without isolation',
    );
  const { argument, stdin } = promptPlace(request.prompt, { subcommands: true });
  if (stdin !== null)
    throw unsupported(
      'the prompt is too long, or no text, for the command line of cursor',
      'put it into a file, and ask the agent to read that',
    );
  const argv = [
    request.program,
    '--print',
    '--output-format',
    'stream-json',
    '--trust',
    '--workspace',
    request.cwd,
    ...PERMISSIONS[request.permissions],
    ...(request.model === null ? [] : ['--model', flagValue('model', request.model)]),
    ...session(request),
    ...argument,
  ];
  return { argv, env: {}, unset: SURROUNDINGS, files: {}, stdin: null };
}

const unsupported = (message: string, hint: string): TendError =>
  new TendError('unsupported', message, hint);

function session({ sessionId, resume }: LaunchRequest): string[] {
  if (!resume) return [];
  if (sessionId !== null) return ['--resume', flagValue('session id', sessionId)];
  throw unsupported(
    'cursor cannot go on with a session whose id is not known',
    'start the task afresh',
  );
}

/** What Claude Code prints, but for tools and thoughts, which have lines of their own. */
class CursorReader implements AgentReader {
  readonly #claude = claudeStreamReader();
  /** What the model said since its last tool. */
  #said = '';

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    const own = stream === 'stdout' ? this.#own(objectIn(line) ?? {}) : null;
    if (own !== null) return own;
    const events = this.#claude.line(line, stream, place);
    return events === null ? null : events.map((event) => this.#told(event));
  }

  #own(event: Json): readonly AgentEvent[] | null {
    switch (text(event, 'type')) {
      case 'thinking': {
        const thought = text(event, 'text') ?? '';
        return thought === '' ? [] : [{ kind: 'thinking', text: thought, delta: true }];
      }
      case 'tool_call':
        return this.#tool(event);
      default:
        return null;
    }
  }

  #tool(event: Json): readonly AgentEvent[] {
    const call = callIn(event);
    if (text(event, 'subtype') !== 'started') return ended(call);
    this.#said = '';
    const { tool, callId, args } = call;
    const subject = text(args, 'command') ?? text(args, 'path') ?? shown(args);
    return [{ kind: 'tool_started', tool, callId, summary: summary(subject) }];
  }

  /** The result has all that was said from the first word on: the answer is what was said last. */
  #told(event: AgentEvent): AgentEvent {
    if (event.kind === 'text') this.#said = event.text;
    if (event.kind !== 'final' || !event.ok || this.#said.trim() === '') return event;
    return event.text?.trimEnd().endsWith(this.#said.trimEnd()) === true
      ? { ...event, text: this.#said }
      : event;
  }
}

interface Call {
  tool: string;
  callId: string | null;
  args: Json;
  result: Json;
}

/** A call is an object under its tool's name, such as `shellToolCall`. */
function callIn(event: Json): Call {
  const calls = Object.entries(child(event, 'tool_call'));
  const [name, value] = calls.find(([, one]) => asObject(one) !== null) ?? ['unknown', {}];
  const call = asObject(value) ?? {};
  return {
    tool: name === 'function' ? (text(call, 'name') ?? name) : name.replace(/ToolCall$/, ''),
    callId: text(event, 'call_id'),
    args: child(call, 'args'),
    result: child(call, 'result'),
  };
}

function ended({ tool, callId, args, result }: Call): readonly AgentEvent[] {
  const rejected = asObject(result['rejected']);
  const success = asObject(result['success']);
  const finished: AgentEvent = {
    kind: 'tool_finished',
    tool,
    callId,
    ok: success !== null,
    summary: summary(shown(success ?? result)),
  };
  if (rejected !== null) {
    const reason = text(rejected, 'reason') ?? '';
    const told = summary(reason === '' ? 'it needs an approval' : reason);
    return [{ kind: 'permission_denied', tool, reason: told }, finished];
  }
  return success === null ? [finished] : [...effects(tool, args, success), finished];
}

/** What the call did to the folder or the machine. */
function effects(tool: string, args: Json, success: Json): readonly AgentEvent[] {
  const path = text(args, 'path') ?? text(success, 'path');
  const command = text(args, 'command') ?? text(success, 'command');
  if (tool === 'shell' && command !== null) {
    const exitCode = number(success, 'exitCode');
    const output = summary(text(success, 'stdout') ?? '');
    return [{ kind: 'command_run', command: summary(command), exitCode, output }];
  }
  if (path === null) return [];
  if (tool === 'delete') return [{ kind: 'file_changed', path, change: 'delete' }];
  return tool === 'write' || tool === 'edit'
    ? [{ kind: 'file_changed', path, change: 'update' }]
    : [];
}
