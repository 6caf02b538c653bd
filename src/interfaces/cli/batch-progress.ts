/** How far the tasks of a batch are, followed from the changes that the daemon tells. */
import { isTerminal, type State, STATES } from '../../domain/lifecycle.ts';
import type { Change, Client, Task } from '../client/index.ts';
import type { Batch, BatchTask } from './batch-file.ts';
import type { Sent } from './batch-send.ts';

/** One task as it is known now. */
export interface Watched {
  task: BatchTask;
  id: string;
  state: State;
  claimedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  /** It was over before the watching began. */
  wasOver: boolean;
  /** What the daemon says of it, where that was asked for. */
  view: Task | null;
}

/** Tasks asked about in one call. */
const TOGETHER = 200;

export class BatchProgress {
  readonly all: readonly Watched[];
  readonly in: ReadonlyMap<State, Set<Watched>>;
  readonly #byId: ReadonlyMap<string, Watched>;
  readonly #client: Client;
  /** Those of which the daemon is to be asked. */
  readonly #asked = new Set<Watched>();
  /** Ended, and not told yet. */
  readonly #ends: Watched[] = [];
  /** Told of each end, in their order. */
  onEnd: (watched: Watched) => void = () => {};
  #cost = 0;

  constructor(client: Client, batch: Batch, { entries }: Sent) {
    this.#client = client;
    this.in = new Map(STATES.map((state) => [state, new Set<Watched>()]));
    this.all = entries.map((entry, at) => ({
      task: batch.tasks[at] as BatchTask,
      id: entry.id ?? '',
      state: entry.state ?? 'waiting',
      claimedAt: null,
      startedAt: null,
      endedAt: null,
      wasOver: isTerminal(entry.state ?? 'waiting'),
      view: null,
    }));
    this.#byId = new Map(this.all.map((one) => [one.id, one]));
    for (const one of this.all) {
      this.in.get(one.state)?.add(one);
      // Since when it runs, or what it has cost, is older than the changes that are followed.
      if (one.state !== 'waiting' && one.state !== 'queued' && isWorthAsking(one))
        this.#asked.add(one);
    }
  }

  count(...states: readonly State[]): number {
    return states.reduce((sum, state) => sum + (this.in.get(state)?.size ?? 0), 0);
  }

  get ended(): number {
    return this.count(...STATES.filter(isTerminal));
  }

  get isOver(): boolean {
    return this.ended === this.all.length;
  }

  /** Dollars, as far as they are known. */
  get cost(): number {
    return this.#cost;
  }

  /** False when the change is none of the batch's. */
  saw({ taskId, state, at }: Change): boolean {
    const one = this.#byId.get(taskId);
    if (one === undefined || isTerminal(one.state)) return false;
    this.#move(one, state);
    const when = Date.parse(at);
    // A command that ends at once is never seen to run: it was claimed hardly before it began.
    if (state === 'claimed') one.claimedAt = when;
    if (state === 'running') one.startedAt ??= when;
    if (!isTerminal(state)) return true;
    one.endedAt = when;
    one.startedAt ??= one.claimedAt;
    this.#ends.push(one);
    if (isWorthAsking(one)) this.#asked.add(one);
    return true;
  }

  #move(one: Watched, state: State): void {
    this.in.get(one.state)?.delete(one);
    one.state = state;
    this.in.get(state)?.add(one);
  }

  /** Asks the daemon about what it must be asked. */
  async look(signal: AbortSignal): Promise<void> {
    while (this.#asked.size > 0) {
      const some = [...this.#asked].slice(0, TOGETHER);
      for (const one of some) this.#asked.delete(one);
      await this.#ask(some, signal);
    }
    for (const one of this.#ends.splice(0)) this.onEnd(one);
  }

  /** What running agents have spent is no change that the daemon tells. */
  async refresh(signal: AbortSignal): Promise<void> {
    const agents = [...(this.in.get('running') ?? [])].filter(isAgent);
    if (agents.length > 0) await this.#ask(agents.slice(0, TOGETHER), signal);
  }

  async #ask(some: readonly Watched[], signal: AbortSignal): Promise<void> {
    for (const [at, view] of (await viewsOf(this.#client, some, signal)).entries()) {
      const one = some[at] as Watched;
      this.#cost += (view.usage.costUsd ?? 0) - (one.view?.usage.costUsd ?? 0);
      one.view = view;
      one.startedAt ??= view.startedAt === null ? null : Date.parse(view.startedAt);
      if (isTerminal(one.state) && view.endedAt !== null) one.endedAt = Date.parse(view.endedAt);
    }
  }

  /** True when nothing runs, and everything that could start waits for a limit. */
  async isHeld(signal: AbortSignal): Promise<boolean> {
    const queued = [...(this.in.get('queued') ?? [])];
    const waiting = [...(this.in.get('waiting') ?? [])];
    const open = this.all.length - this.ended;
    if (queued.length === 0 || queued.length + waiting.length < open) return false;
    if (!queued.every(isAgent)) return false;
    for (const some of chunks([...queued, ...waiting]))
      for (const view of await viewsOf(this.#client, some, signal)) {
        if (view.state === 'waiting' ? view.runAt !== null : !isHeldNow(view)) return false;
      }
    return true;
  }
}

const isHeldNow = ({ state, queueReason }: Task): boolean =>
  state === 'queued' && queueReason === 'held';

export const isAgent = ({ task }: Watched): boolean => task.wire.agent !== undefined;

/** That a command completed says it all. */
const isWorthAsking = (one: Watched): boolean => one.state !== 'completed' || isAgent(one);

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += TOGETHER) yield items.slice(at, at + TOGETHER);
}

async function viewsOf(
  client: Client,
  some: readonly Watched[],
  signal: AbortSignal,
): Promise<Task[]> {
  const ids = some.map(({ id }) => id);
  return (await client.wait({ ids, timeout: 0 }, { signal })).tasks;
}

/** The Task JSON of all, in the order of the file, a part at a time. */
export async function* allViews(
  client: Client,
  all: readonly Watched[],
): AsyncGenerator<Task, void> {
  const inOrder = all.toSorted((a, b) => a.task.index - b.task.index);
  for (const some of chunks(inOrder))
    yield* await viewsOf(client, some, new AbortController().signal);
}
