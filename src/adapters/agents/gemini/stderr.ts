import { stripVTControlCharacters } from 'node:util';
import { type AgentEvent, summary } from '../../../domain/agent-event.ts';
import type { ReadingPlace } from '../../../ports/agent.ts';
import { child, objectIn, text } from '../json.ts';
import { refusalIn } from './refusal.ts';

const NOTHING: readonly AgentEvent[] = [];

const ATTEMPT = /^Attempt (\d+) failed\b(?: with(?: status)? (\d{3})\b)?/;
/** How the announcement ends: another try, or none. */
const NEXT =
  /\.? *(?:Retrying after (\d+)ms|Retrying with backoff|(Max attempts reached))(?:\.\.\.)?/;
/** Lines that one announcement has at most. */
const LONGEST = 20;

/** Reads the tries that Gemini announces on stderr alone, each over one line or several. */
export class Attempts {
  #lines: string[] = [];

  line(line: string, place: ReadingPlace): readonly AgentEvent[] {
    if (ATTEMPT.test(line)) this.#lines = [line];
    else if (this.#lines.length === 0) return NOTHING;
    else this.#lines.push(line);
    const announced = this.#lines.join('\n');
    const next = NEXT.exec(announced);
    if (next === null) {
      if (this.#lines.length >= LONGEST) this.#lines = [];
      return NOTHING;
    }
    this.#lines = [];
    return attempt(announced, next, place);
  }
}

function attempt(
  announced: string,
  next: RegExpExecArray,
  place: ReadingPlace,
): readonly AgentEvent[] {
  const [head = '', nth, status] = ATTEMPT.exec(announced) ?? [];
  const [, delay, given] = next;
  const before = announced.slice(head.length, next.index).replace(/^: /, '');
  const after = announced.slice(next.index + next[0].length).trim();
  const cause = after === '' ? before : after;
  const { message, limit } = refusalIn(cause, place, status === undefined ? null : Number(status));
  const told: readonly AgentEvent[] = limit === null ? NOTHING : [{ kind: 'limit', ...limit }];
  if (given !== undefined) return told;
  const retrying: AgentEvent = {
    kind: 'retrying',
    attempt: Number(nth),
    delay: delay === undefined ? null : Number(delay),
    message: summary(message),
  };
  return [retrying, ...told];
}

/** The report of an error: its class and its message, up to where it was thrown. */
const REPORT =
  /^Error (?:when talking to|generating content via) .*?\.json (?:\w+: )?([\s\S]*?)(?=\n\s+at |\n\{|(?![\s\S]))/gm;

const NOISE =
  /^(?:Warning: |YOLO mode |Ripgrep is not |\[STARTUP\] |Error executing tool |\s+at |Attempt \d+ failed|Loaded cached credentials)/;

/** What Gemini itself says on stderr about its end; '' = nothing. */
export function ownWords(stderr: string): string {
  const plain = stripVTControlCharacters(stderr).replaceAll('\r', '');
  const printed = errorObject(plain);
  if (printed !== null) return printed;
  const reported = [...plain.matchAll(REPORT)].at(-1)?.[1];
  if (reported !== undefined) return reported.trim();
  const lines = plain.split('\n').filter((line) => line.trim() !== '' && !NOISE.test(line));
  const usage = lines.findIndex((line) => line.startsWith('Usage: '));
  return (usage === -1 ? lines : lines.slice(0, usage)).join('\n').trim();
}

/** The message of the object that ends the stderr of `--output-format json`. */
function errorObject(stderr: string): string | null {
  const from = stderr.lastIndexOf('\n{\n');
  const to = stderr.lastIndexOf('\n}');
  const start = stderr.startsWith('{\n') && from === -1 ? 0 : from + 1;
  const object = to === -1 ? null : objectIn(stderr.slice(start, to + 2));
  return object === null ? null : text(child(object, 'error'), 'message');
}
