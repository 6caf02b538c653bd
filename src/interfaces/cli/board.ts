/** Bare `tend`: the live board on a terminal, `tend ls` elsewhere. */
import type { Command } from 'commander';
import { ownerInEnvironment } from '../../domain/host.ts';
import type { Client } from '../client/index.ts';
import { act, answer, type Told } from './board-acts.ts';
import { BoardFeed } from './board-feed.ts';
import { followLog } from './board-logs.ts';
import { initial, type Model, paneColumns, paneRows } from './board-model.ts';
import type { Effect } from './board-step.ts';
import { type Message, update } from './board-update.ts';
import { view } from './board-view.ts';
import type { Common, Context } from './context.ts';
import { hasEnded } from './exit.ts';
import { asTendError } from './failure.ts';
import { list } from './ls.ts';
import { common, text } from './options.ts';
import { openScreen, type Screen } from './screen.ts';

/** Frames follow each other no faster than that (ms): at once after a key, else ten times a second. */
const FRAME = 100;
const KEY_FRAME = 16;
const SECOND = 1_000;
/** What no event tells of the task that is looked at (its spending, its last output) is fetched so often (ms). */
const LOOK = 2_000;

interface Options extends Common {
  owner?: string;
  group?: string;
}

export function define(command: Command, context: Context): void {
  common(command)
    .description('The live board.')
    .option('--owner <owner>', 'only the tasks of this owner', text('--owner'))
    .option('--group <group>', 'only the tasks of this group', text('--group'))
    .action((options: Options) => show(context, options));
}

async function show(context: Context, options: Options): Promise<void> {
  const { out, env } = context;
  const isLive = out.isTerminal && process.stdin.isTTY && env['TERM'] !== 'dumb';
  if (!isLive || options.json === true || options.quiet === true) return list(context, options);
  // Once it is there, it is only watched: a daemon that is ended on purpose is not started again by a board.
  const started = await context.connect();
  const client = (await context.connectRunning()) ?? started;
  try {
    await run(context, client, options);
  } finally {
    client.close();
  }
}

/** Resolves when the person leaves. */
async function run(context: Context, client: Client, options: Options): Promise<void> {
  const { out, env, takeSignals } = context;
  let model = initial(out.columns, out.rows, Date.now());
  let due: NodeJS.Timeout | undefined;
  let drawnAt = 0;
  let problem: Error | null = null;
  const draw = (): void => {
    clearTimeout(due);
    due = undefined;
    drawnAt = Date.now();
    if (screen.signal.aborted) return;
    try {
      screen.draw(view(model, out));
    } catch (error) {
      // Told once the terminal is given back.
      problem = asTendError(error);
      screen.leave();
    }
  };
  const drawSoon = (pause: number): void => {
    const wait = Math.max(0, drawnAt + pause - Date.now());
    if (pause === KEY_FRAME) clearTimeout(due);
    if (due === undefined || pause === KEY_FRAME) due = setTimeout(draw, wait);
  };
  const tell = (message: Message): void => {
    const [next, effects] = update(model, message, Date.now());
    model = next;
    for (const effect of effects) deeds(effect);
    drawSoon(message.is === 'key' || message.is === 'size' ? KEY_FRAME : FRAME);
  };
  const screen = openScreen(out, process.stdin, process.stdout, env, {
    onKey: (key) => tell({ is: 'key', key }),
    onResize: () => tell({ is: 'size', columns: out.columns, rows: out.rows }),
  });
  takeSignals(screen.leave);
  const { signal } = screen;
  const { owner, group } = options;
  const only = { ...(owner !== undefined && { owner }), ...(group !== undefined && { group }) };
  const feed = new BoardFeed({ client, only, tell, signal });
  const deeds = doer({ context, client, screen, feed, tell, model: () => model });
  const clocks = [
    setInterval(() => tell({ is: 'clock' }), SECOND),
    setInterval(() => lookAgain(model, feed), LOOK),
  ];
  draw();
  try {
    await feed.run();
  } finally {
    clocks.forEach(clearInterval);
    clearTimeout(due);
    await screen.close();
  }
  if (problem !== null) throw problem as Error;
}

/** A task that runs tells no event of what it spends and writes. */
function lookAgain(model: Model, feed: BoardFeed): void {
  const { page, selected, tasks } = model;
  const task = selected === null ? undefined : tasks.get(selected);
  const isSeen = page === 'task' || hasPane(model);
  if (task !== undefined && isSeen && !hasEnded(task) && model.link.is === 'live')
    feed.look(task.id);
}

const hasPane = (model: Model): boolean => paneColumns(model) + paneRows(model) > 0;

interface Doer {
  context: Context;
  client: Client;
  screen: Screen;
  feed: BoardFeed;
  tell: (message: Message) => void;
  model: () => Model;
}

function doer({ context, client, screen, feed, tell, model }: Doer): (effect: Effect) => void {
  const owner = ownerInEnvironment(context.env);
  const by = owner === null ? {} : { by: owner };
  let log: AbortController | null = null;
  let looked: AbortController | null = null;
  const told = async (job: Promise<Told>): Promise<void> => {
    const { text: said, kind, ids } = await job;
    tell({ is: 'note', text: said, kind });
    feed.look(...ids);
    feed.ask();
  };
  const look = async (id: string | null): Promise<void> => {
    looked?.abort();
    if (id === null) return;
    looked = new AbortController();
    const signal = AbortSignal.any([looked.signal, screen.signal]);
    const found = await client.history({ id }, { signal }).catch(() => null);
    if (found !== null && !signal.aborted) tell({ is: 'history', id, changes: found.changes });
  };
  const follow = (id: string | null): void => {
    log?.abort();
    const task = id === null ? undefined : model().tasks.get(id);
    if (task === undefined) return;
    log = new AbortController();
    const signal = AbortSignal.any([log.signal, screen.signal]);
    void followLog(task, { client, printer: context.out, tell, signal });
  };
  return (effect) => {
    switch (effect.do) {
      case 'leave':
        return screen.leave();
      case 'suspend':
        return screen.suspend();
      case 'redraw':
        return screen.forget();
      case 'mouse':
        return screen.mouse(effect.on);
      case 'look':
        return void look(effect.id);
      case 'logs':
        return follow(effect.id);
      case 'act':
        return void told(act(client, effect.act, effect.id, effect.text));
      case 'answer':
        return void told(answer(client, { id: effect.id, text: effect.text, ...by }));
    }
  };
}
