import { isEnded } from '../domain/task.ts';
import { AgentWatch } from './agent-watch.ts';
import { Budgets } from './budgets.ts';
import { awaitingChildren } from './children.ts';
import { checkSubmitter, type SubmitCheck } from './checks.ts';
import type { Ports, Report, Settings } from './context.ts';
import { Deliver } from './deliver.ts';
import { Dispatch } from './dispatch.ts';
import { Explain } from './explain.ts';
import { Family } from './family.ts';
import { Feed } from './feed.ts';
import { Collector } from './gc.ts';
import { Jobs } from './jobs.ts';
import { Loop } from './loop.ts';
import { Pass } from './pass.ts';
import { Queue } from './queue.ts';
import { clear } from './removal.ts';
import { Sweep } from './sweep.ts';
import { Tasks } from './tasks.ts';
import { Works } from './works.ts';

/** Hooks that are asked at a time: one that hangs delays few others. */
const HOOKS_AT_ONCE = 16;

/** Everything that moves by itself: passes, claims, sweeps, pushes, clean-up. */
export class Machine {
  readonly feed = new Feed();
  readonly tasks: Tasks;
  readonly watch: AgentWatch;
  readonly budgets: Budgets;
  readonly family: Family;
  readonly pass: Pass;
  readonly dispatch: Dispatch;
  readonly explain: Explain;
  readonly jobs: Jobs;
  /** Beside the jobs: what a person's command takes its time for delays no work. */
  readonly hooks: Jobs;
  readonly submitCheck: SubmitCheck;
  readonly #ports: Ports;
  readonly #node: string;
  readonly #queue: Queue;
  readonly #works: Works;
  readonly #loop: Loop;
  readonly #sweep: Sweep;
  readonly #deliver: Deliver;
  readonly #collector: Collector;

  /** `tick` is called before each round of passes. */
  constructor(ports: Ports, settings: Settings, node: string, report: Report, tick: () => void) {
    this.#ports = ports;
    this.#node = node;
    this.tasks = new Tasks(ports.store, settings, this.feed);
    this.watch = new AgentWatch(ports, this.tasks, this.wake, report);
    this.family = new Family(ports.store);
    this.budgets = new Budgets(ports, settings, this.tasks, this.watch);
    this.jobs = new Jobs(this.wake, report);
    this.submitCheck = checkSubmitter(ports, node, (check) => {
      this.feed.announce(check);
      this.wake(check.id);
    });
    this.hooks = new Jobs(this.wake, report, HOOKS_AT_ONCE);
    this.#works = new Works(ports, this.tasks, this.jobs, this.hooks, this.submitCheck);
    this.pass = new Pass(
      ports,
      settings,
      this.tasks,
      this.watch,
      this.family,
      this.budgets,
      this.#works,
    );
    this.#queue = new Queue(ports.store);
    this.dispatch = new Dispatch(ports, settings, this.tasks, this.#queue, this.budgets, node);
    this.explain = new Explain(ports.store, this.#queue, this.dispatch);
    this.#loop = new Loop(ports, this.pass, this.dispatch, report, () => {
      tick();
      return this.#sweep.correctClocks();
    });
    this.#sweep = new Sweep(
      ports,
      this.tasks,
      this.pass,
      this.dispatch,
      this.feed,
      this.watch,
      this.wake,
      report,
    );
    this.#deliver = new Deliver(ports, report, settings);
    this.#collector = new Collector(ports, settings, report);
  }

  /** Hurries a pass over these tasks, and over the queue. */
  readonly wake: Loop['wake'] = (...ids) => this.#loop.wake(...ids);

  /** Looks for what is to be pushed now. */
  readonly push = (): void => this.#deliver.wake();

  /** Adopts what an earlier daemon left, then keeps going until `close`. */
  async start(): Promise<void> {
    const { store, supervisor } = this.#ports;
    for (const task of await store.live(this.#node)) this.tasks.saw(task);
    for (const id of await store.uncleared()) await clear(this.#ports, id);
    this.feed.listen((task) => {
      this.#queue.saw(task);
      if (this.budgets.saw(task)) this.wake(task.id);
      this.#deliver.wake();
      if (!isEnded(task)) this.#sweep.start();
    });
    await this.dispatch.start();
    supervisor.onHint(({ taskId }) => this.wake(taskId));
    const released = await store.releasable(Number.MAX_SAFE_INTEGER);
    const awaiting = await awaitingChildren(store);
    this.wake(...this.tasks.live.keys(), ...released.map((task) => task.id), ...awaiting);
    if (this.tasks.live.size > 0) this.#sweep.start();
    await this.#works.sweep();
    this.#deliver.wake();
    this.#collector.start();
  }

  /** Stops looking; tasks run on and are adopted by the next start. */
  async close(): Promise<void> {
    this.#collector.close();
    await this.#loop.close();
    await this.jobs.close();
    await this.hooks.close();
    await this.#sweep.close();
    await this.watch.close();
    await this.#deliver.close();
    await this.#ports.supervisor.close();
    await this.#ports.store.close();
  }
}
