/** Bare `tend`: the live board on a terminal, `tend ls` elsewhere. */
import type { Command } from 'commander';
import type { Client, Task } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { hasEnded } from './exit.ts';
import { recent } from './listing.ts';
import { list } from './ls.ts';
import { common } from './options.ts';
import type { Printer } from './print.ts';
import { countStates, lines, summary } from './rows.ts';
import { type Key, openScreen, type Screen } from './screen.ts';
import { oneLine, shorten, width } from './text.ts';

/** Ended tasks kept on the board. */
const ENDED = 100;
/** Changes within this time are drawn together (ms). */
const TOGETHER = 60;
const SECOND = 1_000;

export function define(command: Command, context: Context): void {
  common(command)
    .description('The live board.')
    .action((options: Common) => show(context, options));
}

async function show(context: Context, options: Common): Promise<void> {
  const isLive = context.out.isTerminal && process.stdin.isTTY;
  if (!isLive || options.json === true || options.quiet === true) return list(context, options);
  await new Board(context.out, await context.connect()).run(context);
}

class Board {
  readonly #printer: Printer;
  readonly #client: Client;
  #tasks: Task[] = [];
  #top = 0;
  #problem = '';
  #pending: NodeJS.Timeout | undefined;
  #loading = false;

  constructor(printer: Printer, client: Client) {
    this.#printer = printer;
    this.#client = client;
  }

  /** Resolves when the person leaves. */
  async run({ takeSignals }: Context): Promise<void> {
    const screen = openScreen(this.#printer, process.stdin, process.stdout, {
      onKey: (key) => {
        this.#scroll(key);
        this.#draw(screen);
      },
      onResize: () => this.#draw(screen),
    });
    takeSignals(screen.leave);
    // The seconds go on without asking the daemon.
    const clock = setInterval(() => this.#draw(screen), SECOND);
    try {
      await this.#load(screen);
      await this.#follow(screen);
    } finally {
      clearInterval(clock);
      clearTimeout(this.#pending);
      await screen.close();
    }
  }

  /** Every change hurries a look; many at once hurry one. */
  async #follow(screen: Screen): Promise<void> {
    const { signal } = screen;
    try {
      const events = this.#client.events({}, { signal });
      while ((await events.next()).done !== true) this.#soon(screen);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #soon(screen: Screen): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      void this.#load(screen);
    }, TOGETHER);
  }

  async #load(screen: Screen): Promise<void> {
    if (this.#loading) return this.#soon(screen);
    this.#loading = true;
    try {
      const { tasks } = await recent(this.#client, {}, ENDED, screen.signal);
      this.#tasks = ranked(tasks);
      this.#problem = '';
    } catch (error) {
      this.#problem = (error as Error).message;
    } finally {
      this.#loading = false;
    }
    this.#draw(screen);
  }

  #scroll(key: Key): void {
    const page = Math.max(1, this.#printer.rows - 5);
    const steps: Record<Key, number> = {
      up: -1,
      down: 1,
      pageUp: -page,
      pageDown: page,
      top: -Infinity,
      bottom: Infinity,
    };
    this.#top += steps[key];
  }

  #draw(screen: Screen): void {
    if (screen.signal.aborted) return;
    const { rows } = this.#printer;
    const [header = '', ...body] = lines(this.#tasks, this.#printer, Date.now(), {
      live: true,
    });
    const room = Math.max(1, rows - 4);
    this.#top = Math.max(0, Math.min(this.#top, body.length - room));
    const shown = body.slice(this.#top, this.#top + room);
    const gap = Array.from({ length: Math.max(0, room - shown.length) }, () => '');
    screen.draw([this.#title(), header, ...shown, ...gap, this.#footer(body.length, room)]);
  }

  #title(): string {
    const { paint, columns } = this.#printer;
    const states = summary(countStates(this.#tasks), this.#printer);
    if (states === '') return `${paint('bold', 'tend')}  ${paint('dim', 'no tasks yet')}`;
    const room = columns - 'tend  '.length;
    const fitting = width(states) <= room ? states : shorten(oneLine(states), room);
    return `${paint('bold', 'tend')}  ${fitting}`;
  }

  #footer(all: number, room: number): string {
    const { paint, columns } = this.#printer;
    if (this.#problem !== '') return paint('red', shorten(this.#problem, columns - 1));
    const last = Math.min(all, this.#top + room);
    const where = all > room ? `${this.#top + 1}-${last} of ${all}   ↑↓ scroll   ` : '';
    return paint(
      'dim',
      shorten(`${where}q leave   tend show <id>   tend logs -f <id>`, columns - 1),
    );
  }
}

/** What runs stands above what will, and that above what is over; newest first among equals. */
function ranked(tasks: readonly Task[]): Task[] {
  const rank = (task: Task): number => {
    if (hasEnded(task)) return 3;
    if (task.startedAt !== null) return 0;
    return task.state === 'waiting' ? 2 : 1;
  };
  return tasks.toSorted((a, b) => rank(a) - rank(b));
}
