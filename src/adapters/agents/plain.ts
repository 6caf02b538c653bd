import type { AgentEvent } from '../../domain/agent-event.ts';
import type { AgentOutcome } from '../../domain/agent-outcome.ts';
import type { AgentReport } from '../../domain/agent-report.ts';
import { failed, lastLines } from '../../domain/judge.ts';
import { classify } from '../../domain/refusal.ts';
import type { AttemptEnd } from '../../ports/agent.ts';

/** The start of an object or a list of objects: a broken line of a protocol rather than prose. */
const PROTOCOL = /^\s*(?:\{\s*"|\[\s*\{)/;

/**
 * Tells a stdout of plain text from a protocol that has other lines between its own. Plain lines are `text`
 * events until the first line of the protocol, which takes back what they said.
 */
export class PlainLines {
  #protocol = false;
  #plain = false;

  /** The events of a line of stdout that the protocol has no reading for; null = not understood. */
  line(text: string): readonly AgentEvent[] | null {
    if (PROTOCOL.test(text)) {
      const withdrawn = this.protocol();
      return withdrawn.length === 0 ? null : withdrawn;
    }
    if (this.#protocol) return null;
    this.#plain = true;
    return [{ kind: 'text', text: `${text}\n`, delta: true }];
  }

  /** A line of the protocol was read: the events to put before its own. */
  protocol(): readonly AgentEvent[] {
    const withdraw = this.#plain && !this.#protocol;
    this.#protocol = true;
    return withdraw ? [{ kind: 'text', text: '' }] : NOTHING;
  }
}

const NOTHING: readonly AgentEvent[] = [];

/**
 * What a run came to whose stdout was plain text from beginning to end: the text is the answer when the exit
 * code is 0, and the CLI's own word on its failure when it is not. Null: not plain, or ended by a signal.
 */
export function plainText(
  report: AgentReport,
  end: Pick<AttemptEnd, 'exit' | 'stderr' | 'place'>,
): AgentOutcome | null {
  if (!isPlain(report) || 'signal' in end.exit) return null;
  if (end.exit.code === 0) return { kind: 'ok' };
  const said = lastLines(report.text);
  // Stderr first: stdout may end in what a model wrote.
  for (const message of [lastLines(end.stderr), said]) {
    const failure = classify(message);
    if (failure !== null) return failed(failure, message, end);
  }
  return { kind: 'agent_error', message: said };
}

/** Text and nothing that only a protocol tells: readers count a turn, a session or an end for each of theirs. */
export const isPlain = ({ text, sessionId, final, turns, usage }: AgentReport): boolean =>
  text.trim() !== '' && sessionId === null && final === null && turns === 0 && usage === null;
