import type { AgentEvent } from '../../domain/agent-event.ts';
import { summary } from '../../domain/agent-event.ts';
import type { AgentOutcome } from '../../domain/agent-outcome.ts';
import type { AgentReport } from '../../domain/agent-report.ts';
import { judge } from '../../domain/judge.ts';
import type { AgentReader, AgentStream, AttemptEnd, ReadingPlace } from '../../ports/agent.ts';
import { blocksOf, Calls } from './claude-stream/calls.ts';
import { modelFallback, rateLimit, retrying } from './claude-stream/notices.ts';
import { type CallError, errorIn, finalIn, isError } from './claude-stream/result.ts';
import { type Counting, Spending } from './claude-stream/spending.ts';
import { asObject, child, type Json, number, objectIn, text } from './json.ts';
import { PlainLines, plainText } from './plain.ts';

interface ClaudeStreamOptions extends Partial<Counting> {
  /** What a line of stderr tells while the program runs; null = nothing. */
  stderr?: (line: string, place: ReadingPlace) => readonly AgentEvent[] | null;
}

/** Reads the stream-JSON that Claude Code prints, and programs that print the like. */
export const claudeStreamReader = (options: ClaudeStreamOptions = {}): AgentReader =>
  new ClaudeStream(options);

/** What such a run came to: whatever it says, a session that was to be resumed must have been opened. */
export function claudeStreamOutcome(report: AgentReport, end: AttemptEnd): AgentOutcome | null {
  const outcome = plainText(report, end) ?? judge(report, end);
  if (outcome === null || end.resumed === null || report.sessionId !== null) return outcome;
  if (!VAGUE.has(outcome.kind)) return outcome;
  const message = `the session ${end.resumed} was not opened`;
  return {
    kind: 'resume_unavailable',
    message: 'message' in outcome ? `${message}: ${outcome.message}` : message,
  };
}

/** Outcomes that do not explain why no session was opened. */
const VAGUE: ReadonlySet<string> = new Set(['ok', 'no_final_answer', 'agent_error']);

/** Lines of pieces that come again as a whole. */
const PIECE = '{"type":"stream_event"';

class ClaudeStream implements AgentReader {
  readonly #stderr: NonNullable<ClaudeStreamOptions['stderr']>;
  readonly #plain = new PlainLines();
  readonly #calls = new Calls();
  readonly #spending: Spending;
  #session: string | null = null;
  #model: string | null = null;
  /** What the model said since its last tool. */
  #said = '';
  #error: CallError | null = null;

  constructor({
    inclusive = false,
    results = 'attempt',
    stderr = () => null,
  }: ClaudeStreamOptions) {
    this.#spending = new Spending({ inclusive, results });
    this.#stderr = stderr;
  }

  line(line: string, stream: AgentStream, place: ReadingPlace): readonly AgentEvent[] | null {
    if (stream !== 'stdout') return stream === 'stderr' ? this.#stderr(line, place) : null;
    if (line.startsWith(PIECE)) return this.#plain.protocol();
    const objects = objectsIn(line);
    if (objects === null) return this.#plain.line(line);
    const events: AgentEvent[] = [...this.#plain.protocol()];
    let understood = events.length > 0;
    for (const object of objects) {
      const own = this.#events(object);
      if (own === null) continue;
      understood = true;
      for (const event of own) events.push(event);
    }
    return understood ? events : null;
  }

  #events(line: Json): AgentEvent[] | null {
    const type = text(line, 'type');
    if (type === null) return null;
    if (this.#isForeign(line)) return type === 'result' ? [FOREIGN_RESULT] : [];
    switch (type) {
      case 'system':
        return [...this.#opened(line), ...this.#system(line)];
      case 'assistant':
        return [...this.#opened(line), ...this.#assistant(line)];
      case 'user':
        return [...this.#opened(line), ...this.#user(line)];
      case 'result':
        return [...this.#opened(line), ...this.#result(line)];
      case 'rate_limit_event':
        return [...this.#opened(line), ...rateLimit(line)];
      default:
        return IGNORED.has(type) ? [] : null;
    }
  }

  /** Another session's line: something that this run started prints between its lines. */
  #isForeign(line: Json): boolean {
    const session = text(line, 'session_id') ?? '';
    return session !== '' && this.#session !== null && session !== this.#session && !isInit(line);
  }

  /** A session shows in each of its lines; the id of one that was not found is echoed in a result of an error. */
  #opened(line: Json): AgentEvent[] {
    const sessionId = text(line, 'session_id') ?? '';
    const init = isInit(line);
    if (sessionId === '' || (this.#session !== null && !init)) return [];
    const failed = text(line, 'subtype') === 'error_during_execution';
    if (failed && (number(line, 'num_turns') ?? 0) === 0) return [];
    const model = init ? text(line, 'model') : null;
    if (sessionId === this.#session && model === this.#model) return [];
    this.#session = sessionId;
    this.#model = model;
    const version = text(line, 'claude_code_version') ?? text(line, 'qwen_code_version');
    return [{ kind: 'session', sessionId, model, version }];
  }

  #system(line: Json): AgentEvent[] {
    switch (text(line, 'subtype')) {
      case 'init':
        this.#spending.turnBegins();
        return [];
      case 'api_retry':
      case 'retry':
        return retrying(line);
      case 'permission_denied':
        return this.#calls.denied(line);
      case 'model_fallback':
        return modelFallback(line);
      case 'task_started':
        return this.#calls.taskBegins(line);
      case 'task_notification':
        return this.#calls.taskEnds(line);
      default:
        return [];
    }
  }

  #assistant(line: Json): AgentEvent[] {
    const parent = text(line, 'parent_tool_use_id');
    if (isError(line)) return parent === null ? this.#failed(line) : [];
    const events = parent === null ? this.#spending.modelCall(child(line, 'message')) : [];
    for (const block of blocksOf(line))
      for (const event of this.#block(block, parent)) events.push(event);
    return events;
  }

  #failed(line: Json): AgentEvent[] {
    const { error, events } = errorIn(line);
    this.#error = error;
    return events;
  }

  #block(block: Json, parent: string | null): AgentEvent[] {
    switch (text(block, 'type')) {
      case 'text': {
        const said = text(block, 'text') ?? '';
        if (parent !== null) return [working(parent, said)];
        this.#said = said;
        return [{ kind: 'text', text: said }];
      }
      case 'thinking': {
        const thought = text(block, 'thinking') ?? '';
        return parent === null && thought !== '' ? [{ kind: 'thinking', text: thought }] : [];
      }
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use':
        if (parent === null) this.#said = '';
        return this.#calls.begins(block, parent);
      default:
        return [];
    }
  }

  #user(line: Json): AgentEvent[] {
    return blocksOf(line)
      .filter((block) => text(block, 'type') === 'tool_result')
      .flatMap((block) => this.#calls.ends(block, line));
  }

  #result(line: Json): AgentEvent[] {
    const final = finalIn(line, this.#error);
    const events = [...this.#spending.result(line), ...this.#calls.allDenied(line)];
    // The error stood there as if the model had said it.
    if (this.#said !== '' && this.#said === final.message) events.push({ kind: 'text', text: '' });
    events.push(final);
    return events;
  }
}

const working = (id: string, said: string): AgentEvent => ({
  kind: 'subagent',
  id,
  status: 'working',
  summary: summary(said),
});

const FOREIGN_RESULT: AgentEvent = {
  kind: 'warning',
  message: 'the end of another session was ignored',
};

/** Types that tell nothing more than others. */
const IGNORED: ReadonlySet<string> = new Set([
  'stream_event',
  'tool_progress',
  'tool_use_summary',
  'auth_status',
  'prompt_suggestion',
  'keep_alive',
  'control_request',
  'control_response',
  'control_cancel_request',
]);

const isInit = (line: Json): boolean =>
  text(line, 'type') === 'system' && text(line, 'subtype') === 'init';

/** The objects that a line is: one, or a list of them. */
function objectsIn(line: string): readonly Json[] | null {
  const one = objectIn(line);
  if (one !== null) return [one];
  if (!/^\s*\[\s*\{/.test(line)) return null;
  try {
    const all: unknown = JSON.parse(line);
    return Array.isArray(all) ? all.map(asObject).filter((object) => object !== null) : null;
  } catch {
    return null;
  }
}
