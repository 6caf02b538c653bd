/** What an agent told, as lines for people. */
import type { Item } from '../client/index.ts';
import { span } from './format.ts';
import type { Printer } from './print.ts';
import { oneLine, safeText } from './text.ts';

export type AgentEventView = Item<'agentEvents'>;

const wordOf = (value: unknown, otherwise = ''): string =>
  typeof value === 'string' ? value : otherwise;

/** Pieces of one text are written as they come; a line of another kind begins a new line. */
export class AgentLines {
  readonly #printer: Printer;
  #open = false;
  #attempt = 1;

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  async write(event: AgentEventView): Promise<void> {
    const { kind, attempt } = event;
    if (attempt !== this.#attempt) await this.#begin(attempt);
    if (kind === 'text' && event['delta'] === true) {
      const text = this.#safe(wordOf(event['text']));
      this.#open = !text.endsWith('\n') && text !== '';
      return this.#printer.write(text);
    }
    const line = kind === 'text' ? this.#safe(wordOf(event['text'])) : lineOf(event, this.#printer);
    if (line === null) return;
    await this.end();
    await this.#printer.line(line);
  }

  /** Whether a person would see anything of it. */
  shows(event: AgentEventView): boolean {
    return event.kind === 'text' || lineOf(event, this.#printer) !== null;
  }

  async #begin(attempt: number): Promise<void> {
    this.#attempt = attempt;
    await this.end();
    await this.#printer.line(this.#printer.paint('dim', `── attempt ${attempt} ──`));
  }

  /** A pipe gets the words as they are. */
  #safe(text: string): string {
    return this.#printer.isTerminal ? safeText(text) : text;
  }

  /** Ends a line that was left open. */
  async end(): Promise<void> {
    if (this.#open) await this.#printer.line();
    this.#open = false;
  }
}

/** Null = nothing that a person would miss. */
function lineOf(event: AgentEventView, { paint }: Printer): string | null {
  const of = (name: string): string => oneLine(wordOf(event[name]));
  switch (event.kind) {
    case 'tool_started':
      return paint('cyan', `▸ ${of('tool')}`) + said(paint, of('summary'));
    case 'tool_finished':
      return event['ok'] === false ? paint('red', `  ✗ ${of('summary') || of('tool')}`) : null;
    case 'file_changed':
      return `${paint('green', `  ${SIGNS[wordOf(event['change'])] ?? '~'}`)} ${of('path')}`;
    case 'command_run':
      return commandLine(event, paint);
    case 'plan':
      return planLines(event, paint);
    case 'subagent':
      return paint('magenta', `⤷ ${of('status')}`) + said(paint, of('summary'));
    case 'limit':
      return paint('yellow', `⏳ ${limitText(event)}`);
    case 'retrying':
      return paint('yellow', `↻ ${retryText(event)}`);
    case 'permission_denied':
      return (
        paint('yellow', `⊘ ${of('tool') || 'a tool'} was not allowed`) + said(paint, of('reason'))
      );
    case 'warning':
      return paint('yellow', `! ${of('message')}`);
    case 'error':
      return paint('red', `✗ ${of('message')}`);
    case 'final':
      return event['ok'] === true ? null : paint('red', `✗ ${of('message') || of('failure')}`);
    default:
      return null;
  }
}

type Paint = Printer['paint'];

const SIGNS: Readonly<Record<string, string>> = { add: '+', update: '~', delete: '-' };

const said = (paint: Paint, text: string): string => (text === '' ? '' : ` ${paint('dim', text)}`);

function commandLine(event: AgentEventView, paint: Paint): string {
  const code = event['exitCode'];
  const good = code === 0 || code === null;
  const end = typeof code === 'number' ? paint(good ? 'dim' : 'red', ` → ${code}`) : '';
  return `${paint('cyan', '  $')} ${oneLine(wordOf(event['command']))}${end}`;
}

function planLines(event: AgentEventView, paint: Paint): string | null {
  const items: unknown = event['items'];
  if (!Array.isArray(items) || items.length === 0) return null;
  return items
    .map((item: { text?: unknown; status?: unknown }) => {
      const mark = item.status === 'completed' ? '✓' : item.status === 'in_progress' ? '●' : '○';
      return `  ${paint('dim', mark)} ${oneLine(wordOf(item.text))}`;
    })
    .join('\n');
}

function limitText(event: AgentEventView): string {
  const limit = event['limit'] as { message?: unknown; until?: unknown } | undefined;
  const until =
    typeof limit?.until === 'number' ? ` (until ${new Date(limit.until).toISOString()})` : '';
  return `${oneLine(wordOf(limit?.message, 'a limit was reached'))}${until}`;
}

function retryText(event: AgentEventView): string {
  const delay = event['delay'];
  const wait = typeof delay === 'number' ? `tries again in ${span(delay)}` : 'tries again';
  const message = oneLine(wordOf(event['message']));
  return message === '' ? wait : `${wait}: ${message}`;
}
