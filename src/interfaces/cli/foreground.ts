/** A task watched from the terminal that asked for it: output, interrupts, detaching, promotion. */
import type { Client, Task } from '../client/index.ts';
import type { Context } from './context.ts';
import { AgentLines } from './agent-lines.ts';
import { aborted, tellEvents, untilHeld } from './agent-logs.ts';
import { EXIT, exitCodeOf } from './exit.ts';
import { copy, openSink, type Sink } from './follow.ts';
import { endOf, situation } from './sentence.ts';
import { next } from './show-work.ts';
import { watchWaits } from './watch-waits.ts';
import { safeText } from './text.ts';

export interface ForegroundOptions {
  json: boolean;
  quiet: boolean;
  /** Stdout and stderr are kept apart. */
  split: boolean;
  /** What an agent does is told on stderr, its answer is the result. */
  agent?: boolean;
  /** Ms after which the task goes on in the background; null = stay. */
  promoteAfter: number | null;
}

/** Why watching was given up before the end. */
type Leave = 'detached' | 'promoted' | 'held';

/** Submits by `submit`, watches until the end, and answers the exit code. */
export async function foreground(
  context: Context,
  submit: (client: Client) => Promise<Task>,
  options: ForegroundOptions,
): Promise<number> {
  const watch = new Watch(context, options);
  const client = await context.connect();
  const task = await submit(client);
  context.brokenPipeCode = EXIT.interrupted;
  if (!options.quiet && !options.json && context.err.isTerminal)
    await context.err.line(context.err.paint('dim', announcement(task)));
  return watch.task(client, task);
}

const announcement = (task: Task): string =>
  // It has only just been queued: that it has no slot yet says nothing.
  task.state === 'waiting' || (task.queueReason ?? 'slots') !== 'slots'
    ? `tend: ${task.id} ${situation(task, Date.now())}`
    : `tend: ${task.id}`;

class Watch {
  readonly #context: Context;
  readonly #options: ForegroundOptions;
  readonly #over = new AbortController();
  #target: { client: Client; id: string } | null = null;
  #interrupts = 0;
  #leave: Leave | null = null;

  constructor(context: Context, options: ForegroundOptions) {
    this.#context = context;
    this.#options = options;
    context.takeSignals((signal) =>
      signal === 'SIGINT' ? this.#interrupt() : this.#giveUp('detached'),
    );
  }

  async task(client: Client, submitted: Task): Promise<number> {
    this.#target = { client, id: submitted.id };
    if (this.#interrupts > 0) this.#act();
    const { promoteAfter } = this.#options;
    const timer =
      promoteAfter === null ? undefined : setTimeout(() => this.#giveUp('promoted'), promoteAfter);
    const isSilent = this.#options.json || this.#options.quiet;
    const stopTelling = isSilent
      ? () => undefined
      : watchWaits(this.#context, client, submitted.id);
    const ended = await this.#end(client, submitted.id).finally(stopTelling);
    clearTimeout(timer);
    if (ended !== null) return this.#ended(ended);
    if (this.#leave === 'held') return this.#held(client, submitted);
    return this.#leave === 'promoted'
      ? this.#promoted(client, submitted)
      : this.#detached(client, submitted);
  }

  /** The ended task once all of its output is written; null when watching was given up. */
  async #end(client: Client, id: string): Promise<Task | null> {
    const { signal } = this.#over;
    const sinks = await this.#stream(client, id, signal);
    try {
      const task = signal.aborted ? null : await client.waitOne({ id }, { signal });
      for (const sink of sinks) await sink.end(task === null || undefined);
      return task;
    } catch (error) {
      if (!signal.aborted) throw error;
      for (const sink of sinks) await sink.end(true);
      return null;
    }
  }

  async #stream(client: Client, id: string, signal: AbortSignal): Promise<Sink[]> {
    const { out, err } = this.#context;
    if (this.#options.agent === true) await this.#watchAgent(client, id, signal);
    if (this.#options.json || this.#options.quiet || this.#options.agent === true) return [];
    const stdout = openSink(out, false);
    if (!this.#options.split) {
      await copy(client, id, stdout, { signal });
      return [stdout];
    }
    const stderr = openSink(err, false);
    await Promise.all([
      copy(client, id, stdout, { stream: 'stdout', signal }),
      copy(client, id, stderr, { stream: 'stderr', signal }),
    ]);
    return [stdout, stderr];
  }

  /** Until the end, or until the account is held: then the task goes on by itself, later. */
  async #watchAgent(client: Client, id: string, signal: AbortSignal): Promise<void> {
    const { err } = this.#context;
    const isSilent = this.#options.json || this.#options.quiet;
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const lines = new AgentLines(err);
    const told = isSilent
      ? Promise.resolve()
      : tellEvents(client, id, lines, { answerApart: !this.#onOneScreen, signal: either });
    if (await untilHeld(client, id, either)) this.#giveUp('held');
    await Promise.race([told, aborted(signal)]);
    over.abort();
    await lines.end();
  }

  /** One person sees results and everything else on one screen: told as it came, nothing is told twice. */
  get #onOneScreen(): boolean {
    const { out, err } = this.#context;
    return out.isTerminal && err.isTerminal;
  }

  async #answer(answer: string): Promise<void> {
    const { out } = this.#context;
    if (!this.#onOneScreen) await out.line(out.isTerminal ? safeText(answer) : answer);
  }

  async #held(client: Client, { id }: Task): Promise<number> {
    const task = await client.show({ id });
    if (this.#options.json) await this.#context.out.json(task);
    else if (this.#options.quiet) await this.#context.out.line(id);
    // Without a moment it is for a person to act: the sentence says how.
    const goesOn = task.wait !== null && task.wait.until !== null ? '; it goes on by itself' : '';
    await this.#tellNext(`${id} ${situation(task, Date.now())}${goesOn}`, id);
    return EXIT.held;
  }

  /** In a terminal the first interrupt stops the task, the second kills it, the third only leaves. */
  #interrupt(): void {
    if (!this.#context.onTerminal) return this.#giveUp('detached');
    this.#interrupts += 1;
    if (this.#interrupts > 2) this.#giveUp('detached');
    else this.#act();
  }

  #act(): void {
    if (this.#target === null) return;
    const { client, id } = this.#target;
    const polite = this.#interrupts === 1;
    const { err } = this.#context;
    void err.line(polite ? `\ntend: stopping ${id}; interrupt again to kill it` : '');
    // The end is told by the stream; a stop that fails leaves the next interrupt to the person.
    const told = polite ? client.stop({ id }) : client.kill({ id });
    told.catch((error: Error) => err.line(`tend: ${error.message}`));
  }

  #giveUp(leave: Leave): void {
    this.#leave ??= leave;
    this.#over.abort();
  }

  async #ended(task: Task): Promise<number> {
    const { out, err } = this.#context;
    const { json, quiet } = this.#options;
    if (json) await out.json(task);
    else if (quiet) await out.line(task.id);
    else {
      if (task.answer !== null) await this.#answer(task.answer);
      // An answer speaks for itself, unless nothing shows that the work is good.
      const isTold = task.answer === null ? task.state !== 'completed' : task.verdict === 'broken';
      if (isTold || task.verdict === 'unverified')
        await err.line(`tend: ${task.id} ${endOf(task)}`);
      for (const line of next(task)) await err.line(`  ${line}`);
    }
    if (this.#interrupts > 0 && task.state !== 'completed') return EXIT.interrupted;
    return exitCodeOf(task);
  }

  async #promoted(client: Client, { id }: Task): Promise<number> {
    const { out } = this.#context;
    if (this.#options.json) await out.json(await client.show({ id }));
    else await out.line(id);
    await this.#tellNext(`${id} goes on in the background`, id);
    return EXIT.success;
  }

  async #detached(client: Client, submitted: Task): Promise<number> {
    const { out } = this.#context;
    const { id } = submitted;
    await this.#tellNext(`detached; ${id} goes on in the background`, id);
    if (this.#options.json) await out.json(await client.show({ id }).catch(() => submitted));
    else if (this.#options.quiet) await out.line(id);
    return EXIT.interrupted;
  }

  async #tellNext(what: string, id: string): Promise<void> {
    const { err } = this.#context;
    await err.line(`tend: ${what}`);
    await err.line(`  tend wait ${id}`);
    await err.line(`  tend logs -f ${id}`);
  }
}
