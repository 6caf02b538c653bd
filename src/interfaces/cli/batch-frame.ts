/** The tasks of a batch on a terminal, drawn again in place. */
import { isTerminal, STATES } from '../../domain/lifecycle.ts';
import { type BatchProgress, isAgent, type Watched } from './batch-progress.ts';
import { lineage } from './batch-tree.ts';
import { span } from './format.ts';
import type { Printer } from './print.ts';
import { STYLES, summary, SYMBOLS } from './rows.ts';
import { shortReason } from './sentence.ts';
import { oneLine, padded, shorten, width } from './text.ts';

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';
const END_OF_LINE = '\u001b[K';
const REST = '\u001b[J';

/** Who is shown first when not all have room. */
const FIRST = ['failed', 'awaiting_input', 'stopping', 'running', 'finishing', 'claimed'] as const;
const THEN = ['awaiting_review', 'awaiting_children', 'cancelled', 'queued', 'waiting'] as const;
/** From this many columns on the bar is a long one. */
const WIDE = 100;
/** Columns of a mark, with the spaces between columns; of a time; of a sum. */
const SIGNS = 5;
const TIME = 8;
const COST = 8;
/** What is said of a state has at least, and at most, so many columns. */
const SHORTEST = 16;
/** Below this many columns it makes room for the names. */
const NARROW = 60;
const LONGEST = 34;

interface Row {
  one: Watched;
  branch: string;
}

const SECOND = 1_000;

export class BatchFrame {
  readonly #printer: Printer;
  readonly #progress: BatchProgress;
  readonly #group: string;
  readonly #tree: readonly Row[];
  readonly #began = Date.now();
  readonly #giveBack: () => void;
  #height = 0;
  #closed = false;

  constructor(printer: Printer, progress: BatchProgress, group: string) {
    this.#printer = printer;
    this.#progress = progress;
    this.#group = group;
    const byTask = new Map(progress.all.map((one) => [one.task, one]));
    this.#tree = lineage(progress.all.map(({ task }) => task)).map(({ task, branch }) => ({
      one: byTask.get(task) as Watched,
      branch: printer.symbols ? branch : branch.replaceAll(/[├└]/g, '+').replaceAll('│', '|'),
    }));
    this.#giveBack = () => void printer.write(SHOW);
    process.on('exit', this.#giveBack);
    void printer.write(HIDE);
  }

  /** The last frame stays. */
  async close(): Promise<void> {
    this.#closed = true;
    process.off('exit', this.#giveBack);
    await this.#printer.write(SHOW);
  }

  /** Makes room for something else; the next drawing follows below. */
  async erase(): Promise<void> {
    const up = this.#up();
    this.#height = 0;
    if (up !== '') await this.#printer.write(up + REST);
  }

  draw(): void {
    if (this.#closed) return;
    const lines = [...this.#rows(), this.#total()];
    const text = lines.map((line) => `${line}${END_OF_LINE}\n`).join('');
    void this.#printer.write(this.#up() + text + REST);
    this.#height = lines.length;
  }

  #up(): string {
    return this.#height === 0 ? '' : `\r\u001b[${this.#height}A`;
  }

  #rows(): string[] {
    const room = Math.max(3, this.#printer.rows - 3);
    const now = Date.now();
    if (this.#tree.length <= room) return this.#lines(this.#tree, now);
    const shown = this.#chosen(room - 1);
    return [...this.#lines(shown, now), this.#rest(shown)];
  }

  /** How many there are of each state that have no line. */
  #rest(shown: readonly Row[]): string {
    const { paint, columns } = this.#printer;
    const counts = this.#counts();
    for (const { one } of shown) counts[one.state] = (counts[one.state] ?? 0) - 1;
    const states = summary(counts, { paint: (_style, text) => text });
    const more = this.#tree.length - shown.length;
    return paint('dim', shorten(`… and ${more} more: ${states}`, columns - 1));
  }

  #counts(): Record<string, number> {
    return Object.fromEntries(STATES.map((state) => [state, this.#progress.count(state)]));
  }

  #chosen(room: number): Row[] {
    const rows: Row[] = [];
    const take = (states: Iterable<Watched>): void => {
      for (const one of states) {
        if (rows.length >= room) return;
        rows.push({ one, branch: '' });
      }
    };
    for (const state of FIRST) take(this.#progress.in.get(state) ?? []);
    take(lastOf(this.#progress.in.get('completed') ?? new Set(), 3));
    for (const state of THEN) take(firstOf(this.#progress.in.get(state) ?? new Set(), 5));
    return rows;
  }

  #lines(rows: readonly Row[], now: number): string[] {
    const { columns } = this.#printer;
    const names = rows.map(({ one, branch }) => width(branch) + width(nameOf(one)));
    const isCostly = this.#progress.cost > 0;
    const fixed = SIGNS + TIME + (isCostly ? COST : 0);
    const longest = Math.max(0, ...names);
    const states = Math.max(
      columns < NARROW ? SHORTEST / 2 : SHORTEST,
      Math.min(LONGEST, columns - 1 - fixed - longest),
    );
    const room = Math.max(6, Math.min(longest, columns - 1 - fixed - states));
    return rows.map((row) => this.#line(row, { room, states, isCostly, now }));
  }

  #line(
    { one, branch }: Row,
    {
      room,
      states,
      isCostly,
      now,
    }: { room: number; states: number; isCostly: boolean; now: number },
  ): string {
    const { paint, symbols } = this.#printer;
    const style = STYLES[one.state];
    const mark = symbols ? `${paint(style, SYMBOLS[one.state])} ` : '';
    const lines = shorten(branch, room);
    const name = shorten(nameOf(one), room - width(lines));
    const who = isAgent(one) ? ` ${one.task.wire.agent?.name ?? ''}` : '';
    const shown = `${name.slice(0, name.length - who.length)}${name.endsWith(who) ? paint('cyan', who) : name.slice(-who.length)}`;
    const gap = ' '.repeat(Math.max(0, room - width(lines) - width(name)));
    const said = shorten(this.#said(one), states);
    const time = timeOf(one, now).padStart(TIME);
    const cost = isCostly ? costOf(one).padStart(COST) : '';
    return `${paint('dim', lines)}${mark}${who === '' ? name : shown}${gap}  ${paint(style, padded(said, states))}${paint('dim', time + cost)}`.trimEnd();
  }

  /** The state, and why it is so. */
  #said({ state, view, task, wasOver }: Watched): string {
    const word = state.replaceAll('_', ' ');
    if (state === 'waiting') return `waits for ${this.#open(task.after)}`;
    if (wasOver) return `${word} before`;
    const reason = view === null || !isTerminal(state) ? '' : shortReason(view);
    if (state === 'failed' && reason !== '') return `failed: ${oneLine(reason)}`;
    return reason === '' ? word : `${word}: ${oneLine(reason)}`;
  }

  /** Those that it waits for and that are not over. */
  #open(after: Watched['task']['after']): string {
    const open = after.filter(
      ({ name }) => !isTerminal(this.#byName.get(name)?.state ?? 'waiting'),
    );
    return (open.length === 0 ? after : open).map(({ name }) => name).join(', ') || 'its time';
  }

  get #byName(): ReadonlyMap<string, Watched> {
    this.#names ??= new Map(this.#progress.all.map((one) => [one.task.name, one]));
    return this.#names;
  }
  #names: ReadonlyMap<string, Watched> | undefined;

  #total(): string {
    const { paint, columns } = this.#printer;
    const progress = this.#progress;
    const all = progress.all.length;
    const cost = progress.cost > 0 ? `  $${progress.cost.toFixed(2)}` : '';
    const facts = `${progress.ended}/${all}  ${span(Date.now() - this.#began)}${cost}`;
    const states = summary(this.#counts(), this.#printer);
    const bar = this.#bar(columns >= WIDE ? 30 : 16);
    const line = `${bar}  ${facts}  ${states}`;
    const group = `  ${this.#group}`;
    const full = width(line) + width(group) < columns ? line + paint('dim', group) : line;
    if (width(full) < columns) return full;
    const room = columns - 1 - width(bar) - 2;
    return `${bar}  ${shorten(`${facts}  ${oneLine(states)}`, room)}`;
  }

  #bar(length: number): string {
    const { paint, symbols } = this.#printer;
    const progress = this.#progress;
    const part = (some: number): number => Math.round((length * some) / progress.all.length);
    const done = part(progress.count('completed'));
    const bad = Math.min(length - done, part(progress.ended) - done);
    const [full, rest] = symbols ? ['█', '░'] : ['#', '.'];
    return (
      paint('green', full.repeat(done)) +
      paint('red', (symbols ? full : 'x').repeat(Math.max(0, bad))) +
      paint('dim', rest.repeat(Math.max(0, length - done - Math.max(0, bad))))
    );
  }
}

const nameOf = (one: Watched): string =>
  isAgent(one) ? `${one.task.name} ${one.task.wire.agent?.name ?? ''}` : one.task.name;

function timeOf({ startedAt, endedAt, wasOver }: Watched, now: number): string {
  if (startedAt === null || wasOver) return '';
  if (endedAt !== null) return span(endedAt - startedAt);
  // Milliseconds that run by are only restless.
  return span(Math.max(0, Math.floor((now - startedAt) / SECOND) * SECOND)).replace('0ms', '0s');
}

const costOf = ({ view }: Watched): string => {
  const cost = view?.usage.costUsd ?? null;
  return cost === null ? '' : `$${cost.toFixed(2)}`;
};

const firstOf = <T>(set: ReadonlySet<T>, most: number): T[] => {
  const first: T[] = [];
  for (const item of set) if (first.push(item) === most) break;
  return first;
};

/** The newest of a set. */
const lastOf = <T>(set: ReadonlySet<T>, most: number): T[] => [...set].slice(-most);
