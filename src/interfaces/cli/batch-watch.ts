/** `tend batch --wait`: how far the batch is, until it is over. */
import type { Batch } from './batch-file.ts';
import { BatchFrame } from './batch-frame.ts';
import { writeList } from './batch-json.ts';
import { allViews, BatchProgress, type Watched } from './batch-progress.ts';
import type { Sent } from './batch-send.ts';
import type { Client } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { EXIT } from './exit.ts';
import { count, quoted, span } from './format.ts';
import { endOf, situation } from './sentence.ts';

interface Options extends Common {
  /** The command that goes on with it. */
  again: string;
}

/** Changes within this time are drawn together (ms). */
const TOGETHER = 100;
/** Between two looks at what no change tells (ms). */
const CALM = 2_000;

type Over = 'ended' | 'held' | 'left';

/** Answers the exit code. */
export async function watchBatch(
  context: Context,
  batch: Batch,
  sent: Sent,
  options: Options,
): Promise<number> {
  const watch = new Watch(context, await context.connect(), batch, sent, options);
  return watch.run();
}

class Watch {
  readonly #context: Context;
  readonly #client: Client;
  readonly #options: Options;
  readonly #group: string;
  readonly #seq: number;
  readonly #progress: BatchProgress;
  readonly #frame: BatchFrame | null;
  readonly #left = new AbortController();
  readonly #over = new AbortController();
  readonly #began = Date.now();
  #written: Promise<void> = Promise.resolve();

  constructor(context: Context, client: Client, batch: Batch, sent: Sent, options: Options) {
    const { out, err, env } = context;
    const { json, quiet } = options;
    this.#context = context;
    this.#client = client;
    this.#options = options;
    this.#group = sent.group;
    this.#seq = sent.seq;
    this.#progress = new BatchProgress(client, batch, sent);
    const isSilent = json === true || quiet === true;
    const isLive = !isSilent && err.isTerminal && env['TERM'] !== 'dumb';
    this.#frame = isLive ? new BatchFrame(err, this.#progress, sent.group) : null;
    // Whoever sees the tree is not told each end as well.
    if (!isSilent && !(isLive && out.isTerminal))
      this.#progress.onEnd = (one) => this.#tellEnd(one);
    context.takeSignals(() => this.#left.abort());
    context.brokenPipeCode = EXIT.interrupted;
  }

  async run(): Promise<number> {
    const { out, err } = this.#context;
    const { json, quiet } = this.#options;
    if (json !== true && this.#frame === null && quiet !== true)
      await err.line(`tend: ${this.#group}`);
    const over = await this.#watch();
    await this.#written;
    if (json === true) await writeList(out, {}, 'tasks', this.#views());
    else if (quiet === true) await out.line(this.#group);
    if (json !== true && quiet !== true) await this.#conclude(over);
    if (over === 'left') return EXIT.interrupted;
    if (over === 'held') return EXIT.held;
    return this.#progress.count('completed') === this.#progress.all.length
      ? EXIT.success
      : EXIT.failed;
  }

  #views() {
    return allViews(this.#client, this.#progress.all);
  }

  async #watch(): Promise<Over> {
    const signal = AbortSignal.any([this.#left.signal, this.#over.signal]);
    const broken = new Promise<never>((_, reject) => void this.#follow(signal).catch(reject));
    // Nobody waits for it when the batch is over from the beginning.
    broken.catch(() => undefined);
    const clock = setInterval(() => this.#frame?.draw(), 1_000);
    try {
      await this.#progress.look(signal);
      let calm = 0;
      while (!this.#progress.isOver) {
        this.#frame?.draw();
        await Promise.race([pause(TOGETHER, signal), broken]);
        await this.#progress.look(signal);
        calm += TOGETHER;
        if (calm < CALM) continue;
        calm = 0;
        await this.#progress.refresh(signal);
        if (await this.#progress.isHeld(signal)) return 'held';
      }
      await this.#progress.look(signal);
      return 'ended';
    } catch (error) {
      if (this.#left.signal.aborted) return 'left';
      throw error;
    } finally {
      clearInterval(clock);
      this.#over.abort();
      this.#frame?.draw();
      await this.#frame?.close();
    }
  }

  /** Ends with an error only: the changes never do. */
  async #follow(signal: AbortSignal): Promise<void> {
    try {
      const changes = this.#client.events({ after: this.#seq }, { signal });
      for await (const { data } of changes) this.#progress.saw(data);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #tellEnd(one: Watched): void {
    const { out } = this.#context;
    this.#written = this.#written.then(async () => {
      await this.#frame?.erase();
      await out.line(`${one.task.name} ${one.id} ${endIn(one)}`);
    });
  }

  async #conclude(over: Over): Promise<void> {
    const { err } = this.#context;
    const progress = this.#progress;
    const { again } = this.#options;
    const took = span(Date.now() - this.#began);
    const cost = progress.cost > 0 ? `, $${progress.cost.toFixed(2)}` : '';
    const all = count(progress.all.length, 'task');
    const done = progress.count('completed');
    if (over === 'left') {
      await err.line(`tend: ${done} of ${all} completed; the others go on`);
      await this.#tellNext([again.concat(' --wait'), 'watch it again']);
      return;
    }
    if (over === 'held') {
      const [held] = progress.in.get('queued') ?? [];
      const view = held === undefined ? null : await this.#client.show({ id: held.id });
      const why = view === null ? '' : `: ${held?.task.name} ${situation(view, Date.now())}`;
      await err.line(`tend: ${done} of ${all} completed; all others wait for a limit${why}`);
      await this.#tellNext([again.concat(' --wait'), 'watch it again; it goes on by itself']);
      return;
    }
    if (done === progress.all.length) {
      await err.line(`tend: ${all} completed in ${took}${cost}`);
      return;
    }
    const others = (['failed', 'cancelled', 'skipped'] as const)
      .filter((state) => progress.count(state) > 0)
      .map((state) => `${progress.count(state)} ${state}`);
    await err.line(`tend: ${done} of ${all} completed, ${others.join(', ')} in ${took}${cost}`);
    await this.#tellFailures();
    await this.#tellNext([again.concat(' --wait'), 'run again what did not complete']);
  }

  /** What to look at first. */
  async #tellFailures(): Promise<void> {
    const { err } = this.#context;
    for (const one of [...(this.#progress.in.get('failed') ?? [])].slice(0, 5))
      await err.line(`  ${err.paint('red', one.task.name)} ${endIn(one)}: tend logs ${one.id}`);
  }

  async #tellNext([line, does]: readonly [string, string]): Promise<void> {
    const { err } = this.#context;
    await err.line(`  ${line}  ${err.paint('dim', does)}`);
    if (this.#left.signal.aborted) await err.line(`  tend ls --group ${quoted(this.#group)}`);
  }
}

/** How it ended, without asking the daemon where that is plain. */
function endIn({ view, state, startedAt, endedAt }: Watched): string {
  if (view !== null) return endOf(view);
  const took = startedAt === null || endedAt === null ? '' : ` after ${span(endedAt - startedAt)}`;
  return `${state}${took}`;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer);
      reject(new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
