import type { Block } from '../domain/admission.ts';
import type { Hold } from '../domain/holds.ts';
import { type Lane, laneOf } from '../domain/lane.ts';
import type { Task, TaskIn } from '../domain/task.ts';
import type { Store } from '../ports/store.ts';
import type { Dispatch } from './dispatch.ts';
import type { Queue } from './queue.ts';

/** Why a task is still queued. */
export interface Wait {
  block: Block;
  /** The hold that it waits for. */
  hold: Hold | null;
  /** Queued tasks that go first; null = not counted. */
  ahead: number | null;
}

/** So many tasks are counted ahead of, and lanes looked at for it: more would cost a listing too much. */
const MOST_COUNTED = 20;
const MOST_LANES = 200;

/** Tells, of queued tasks, what they wait for. */
export class Explain {
  readonly #store: Pick<Store, 'ahead'>;
  readonly #queue: Queue;
  readonly #dispatch: Dispatch;

  constructor(store: Pick<Store, 'ahead'>, queue: Queue, dispatch: Dispatch) {
    this.#store = store;
    this.#queue = queue;
    this.#dispatch = dispatch;
  }

  /** What each of the tasks waits for, as it is now. */
  async of(tasks: readonly Task[]): Promise<(task: Task) => Wait | null> {
    const queued = tasks.filter((task) => task.state === 'queued');
    if (queued.length === 0) return () => null;
    const capacity = await this.#dispatch.capacity();
    const waits = new Map<string, Wait>();
    for (const task of queued) {
      const block = this.#dispatch.why(task, capacity);
      if (block === null) continue;
      const hold =
        block.reason === 'held'
          ? (capacity.holds.find(({ account }) => account === block.what) ?? null)
          : null;
      const ahead = queued.length > MOST_COUNTED ? null : await this.#ahead(task, block);
      waits.set(task.id, { block, hold, ahead });
    }
    return ({ id }) => waits.get(id) ?? null;
  }

  /** Those that wait for the same and have a higher priority, or the same and are older. */
  async #ahead({ spec, queuedAt }: TaskIn<'queued'>, block: Block): Promise<number | null> {
    const own = laneOf(spec);
    const rivals = this.#queue.lanes.filter((lane) => isRival(lane, own, block));
    if (rivals.length > MOST_LANES) return null;
    const counts = await Promise.all(
      rivals.map((lane) =>
        this.#store.ahead(lane, lane.priority > own.priority ? Infinity : queuedAt),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

function isRival(lane: Lane, own: Lane, { reason, what }: Block): boolean {
  if (lane.priority < own.priority || lane.foreground) return false;
  switch (reason) {
    case 'held':
    case 'agent_limit':
    case 'budget': {
      const agents = new Set(own.seats.map(({ agent }) => agent));
      return lane.seats.some(({ agent }) => agents.has(agent));
    }
    case 'group_limit':
      return lane.group === what;
    case 'label_limit':
      return Object.entries(lane.labels).some(
        ([name, value]) => name === what || `${name}=${value}` === what,
      );
    case 'exclusive':
    case 'workspace_busy':
      return lane.exclusive === own.exclusive;
    default:
      return true;
  }
}
