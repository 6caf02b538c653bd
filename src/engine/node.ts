import { TendError } from '../domain/errors.ts';
import { type EndedTask, isEnded, type Task, type TaskId } from '../domain/task.ts';
import type { Change, StoreCounts, Submitted, TaskPage, TaskQuery } from '../ports/store.ts';
import { resumedSpec, retried } from './agent-again.ts';
import { AgentDesk } from './agent-desk.ts';
import { AgentWatch } from './agent-watch.ts';
import { changes } from './changes.ts';
import type { Ports, Report, Settings } from './context.ts';
import { Deliver } from './deliver.ts';
import { Dispatch } from './dispatch.ts';
import { examine } from './doctor.ts';
import type {
  Configuration,
  Description,
  Engine,
  Environment,
  Finding,
  GcRequest,
  GcResult,
  NodeInfo,
  OutputRequest,
  OutputSlice,
  RetryChange,
  StopOptions,
  SubmitDefaults,
  SubmitRequest,
} from './facade.ts';
import { Feed } from './feed.ts';
import { findTask } from './find.ts';
import { clear, collect, removeTask } from './gc.ts';
import { Loop } from './loop.ts';
import { Pass } from './pass.ts';
import { describe, follow, read } from './reading.ts';
import { stopTask } from './stop.ts';
import { submitTask } from './submit.ts';
import { Sweep } from './sweep.ts';
import { Tasks } from './tasks.ts';
import { inbox, type InboxWait, settled, type Until } from './waiting.ts';

/** What only the daemon around the engine can do. */
export interface Host {
  info: NodeInfo;
  settings: Settings;
  report: Report;
  configuration(): Configuration;
  configure(name: string, value: string): Promise<Configuration>;
  findings(): Promise<Finding[]>;
  shutdown(): void;
}

/** Ended tasks are collected this often (ms). */
const GC_INTERVAL = 3_600_000;
/** The first time soon, or daemons that live shortly would never do it. */
const FIRST_GC = 60_000;

/** One machine's engine: everything a door may ask, on these ports. */
export class Node implements Engine {
  readonly #ports: Ports;
  readonly #host: Host;
  readonly #feed = new Feed();
  readonly #tasks: Tasks;
  readonly #watch: AgentWatch;
  readonly #pass: Pass;
  readonly #dispatch: Dispatch;
  readonly #loop: Loop;
  readonly #sweep: Sweep;
  readonly #deliver: Deliver;
  readonly agents: AgentDesk;
  #gcTimer: ReturnType<typeof setInterval> | undefined;
  #firstGc: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: Ports, host: Host) {
    const { settings, report } = host;
    this.#ports = ports;
    this.#host = host;
    this.#tasks = new Tasks(ports.store, settings, this.#feed);
    this.#watch = new AgentWatch(ports, this.#tasks, (...ids) => this.#loop.wake(...ids), report);
    this.#pass = new Pass(ports, settings, this.#tasks, this.#watch);
    this.#dispatch = new Dispatch(ports, settings, this.#tasks, host.info.node);
    this.#loop = new Loop(ports, this.#pass, this.#dispatch, report, () =>
      this.#sweep.correctClocks(),
    );
    this.#sweep = new Sweep(
      ports,
      this.#tasks,
      this.#pass,
      this.#dispatch,
      this.#feed,
      this.#watch,
      (...ids) => this.#loop.wake(...ids),
      report,
    );
    this.#deliver = new Deliver(ports, report);
    this.agents = new AgentDesk(
      ports,
      this.#tasks,
      this.#feed,
      (prefix) => this.find(prefix),
      () => this.#loop.wake(),
    );
  }

  get info(): NodeInfo {
    return this.#host.info;
  }

  defaults(cwd: string): SubmitDefaults {
    return this.#host.settings.defaults(cwd);
  }

  /** Adopts what an earlier daemon left, then keeps going until `close`. */
  async start(): Promise<void> {
    const { store, supervisor } = this.#ports;
    for (const task of await store.live(this.info.node)) this.#tasks.saw(task);
    for (const id of await store.uncleared()) await clear(this.#ports, id);
    await this.#dispatch.checkDisk();
    this.#feed.listen((task) => {
      if (isEnded(task)) this.#deliver.wake();
      else this.#sweep.start();
    });
    supervisor.onHint(({ taskId }) => this.#loop.wake(taskId));
    const released = await store.releasable(Number.MAX_SAFE_INTEGER);
    this.#loop.wake(...this.#tasks.live.keys(), ...released.map((task) => task.id));
    if (this.#tasks.live.size > 0) this.#sweep.start();
    this.#deliver.wake();
    this.#gcTimer = setInterval(() => this.#collect(), GC_INTERVAL).unref();
    this.#firstGc = setTimeout(() => this.#collect(), FIRST_GC).unref();
  }

  /** Stops looking; tasks run on and are adopted by the next start. */
  async close(): Promise<void> {
    clearInterval(this.#gcTimer);
    clearTimeout(this.#firstGc);
    await this.#loop.close();
    await this.#sweep.close();
    await this.#watch.close();
    await this.#deliver.close();
    await this.#ports.supervisor.close();
    await this.#ports.store.close();
  }

  async submit(request: SubmitRequest): Promise<Submitted> {
    return this.#submitted(await this.#store(request, null));
  }

  async retry(task: EndedTask, change: RetryChange): Promise<Submitted> {
    return this.#again(task, await retried(this.#ports, task, change), change.environment);
  }

  async resume(
    task: EndedTask,
    text: string | null,
    environment: Environment | null,
  ): Promise<Submitted> {
    return this.#again(task, resumedSpec(this.#ports, task, text), environment);
  }

  async #again(
    task: EndedTask,
    spec: SubmitRequest['spec'],
    environment: Environment | null,
  ): Promise<Submitted> {
    const request = { id: null, spec, environment: environment ?? {}, runAt: null };
    const known = environment === null ? task.spec.environment : null;
    return this.#submitted(await this.#store(request, known));
  }

  #store(request: SubmitRequest, environment: string | null): Promise<Submitted> {
    const { settings, info } = this.#host;
    return submitTask(
      this.#ports,
      settings,
      info.node,
      (id) => this.find(id),
      request,
      environment,
    );
  }

  #submitted(submitted: Submitted): Submitted {
    this.#feed.announce(submitted.task);
    if (submitted.created) this.#loop.wake(submitted.task.id);
    return submitted;
  }

  find(prefix: string): Promise<Task> {
    return findTask(this.#ports.store, this.#tasks, prefix);
  }

  list(query: TaskQuery): Promise<TaskPage> {
    return this.#ports.store.list(query);
  }

  async describe(tasks: readonly Task[]): Promise<Description[]> {
    const capacity = await this.#dispatch.full();
    return Promise.all(
      tasks.map((task) => describe(this.#ports, task, this.#watch, capacity, this.info.node)),
    );
  }

  history(id: TaskId): Promise<Change[]> {
    return this.#ports.store.history(id);
  }

  async stop(id: TaskId, options: StopOptions): Promise<Task> {
    if (options.tree) await this.#stopChildren(id, options);
    const stopped = await stopTask(this.#ports, this.#tasks, this.#pass, id, options);
    if (stopped === null) return this.find(id);
    this.#loop.wake(id);
    return stopped;
  }

  async #stopChildren(id: TaskId, options: StopOptions): Promise<void> {
    let cursor: string | undefined;
    do {
      const query = { parent: id, limit: 100, ...(cursor !== undefined && { cursor }) };
      const page = await this.#ports.store.list(query);
      await Promise.all(
        page.tasks.map((child) => this.stop(child.id, { ...options, reason: 'parent' })),
      );
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  settled(ids: readonly TaskId[], until: Until): ReturnType<Engine['settled']> {
    return settled(this.#tasks, this.#feed, ids, until);
  }

  async read(id: TaskId, request: OutputRequest): Promise<OutputSlice> {
    return read(this.#ports, await this.find(id), request);
  }

  follow(id: TaskId, request: OutputRequest, signal: AbortSignal): AsyncIterable<OutputSlice> {
    return follow(this.#ports, this.#feed, (task) => this.find(task), id, request, signal);
  }

  changes(after: number | null, only: TaskId | null, signal: AbortSignal): AsyncIterable<Change> {
    return changes(this.#ports.store, this.#feed, after, only, signal);
  }

  inbox(query: InboxWait, signal: AbortSignal): ReturnType<Engine['inbox']> {
    return inbox(this.#ports.store, this.#tasks, this.#feed, query, signal);
  }

  ack(owner: string, ids: readonly string[]): Promise<string[]> {
    return this.#ports.store.ack(owner, ids, this.#ports.clock.now());
  }

  async remove(id: TaskId): Promise<void> {
    const task = await this.find(id);
    if (!isEnded(task))
      throw new TendError(
        'not_ended',
        `${id} is ${task.state}, not ended`,
        `Wait for it with: tend wait ${id}`,
      );
    if (!(await removeTask(this.#ports, id)))
      throw new TendError(
        'protected',
        `${id} is kept: its completion is not acknowledged, or another task waits for it`,
        'Acknowledge completions with: tend inbox --drain',
      );
  }

  gc(request: GcRequest): Promise<GcResult> {
    return collect(this.#ports, request);
  }

  async doctor(): Promise<Finding[]> {
    return [...(await this.#host.findings()), ...(await examine(this.#ports, this.#dispatch))];
  }

  counts(): Promise<StoreCounts> {
    return this.#ports.store.counts();
  }

  configuration(): Configuration {
    return this.#host.configuration();
  }

  async configure(name: string, value: string): Promise<Configuration> {
    const configuration = await this.#host.configure(name, value);
    this.#loop.wake();
    return configuration;
  }

  shutdown(): void {
    this.#host.shutdown();
  }

  #collect(): void {
    const { gcAutomatic, gcAfter } = this.#host.settings;
    if (!gcAutomatic) return;
    this.gc({ olderThan: gcAfter, dryRun: false }).catch((error: unknown) =>
      this.#host.report(error, 'gc'),
    );
  }
}
