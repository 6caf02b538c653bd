import type { Pauses, PauseTarget } from '../domain/pauses.ts';
import type { EndedTask, Task, TaskId } from '../domain/task.ts';
import type { Change, StoreCounts, Submitted, TaskPage, TaskQuery } from '../ports/store.ts';
import { AgentDesk } from './agent-desk.ts';
import { Batches } from './batch.ts';
import { changes, type Told } from './changes.ts';
import type { Ports } from './context.ts';
import { budgetFindings, costReport, type CostReport, type CostRequest } from './cost.ts';
import { descriptions } from './description.ts';
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
import { findTask } from './find.ts';
import type { GroupVerbs } from './group-facade.ts';
import { groupVerbs } from './groups.ts';
import { collect } from './gc.ts';
import type { Host } from './host.ts';
import { Intake } from './intake.ts';
import { jobFindings } from './jobs.ts';
import { Machine } from './machine.ts';
import { memoryVerbs } from './memories.ts';
import type { MemoryVerbs } from './memory-facade.ts';
import { TaskInputs } from './inputs.ts';
import { Merges } from './merges.ts';
import { follow, read } from './reading.ts';
import { notices, type Notices } from './notices.ts';
import type { QuestionVerbs } from './question-facade.ts';
import { Questions } from './questions.ts';
import { type GoingTree, removeAsked } from './removal.ts';
import { scheduleFindings } from './schedule-doctor.ts';
import { reviewVerbs } from './review.ts';
import { Schedules } from './schedules.ts';
import { stopTask } from './stop.ts';
import type { TrustVerbs } from './trust-facade.ts';
import { undo } from './undo.ts';
import { guarded } from './watch-asked.ts';
import { Watches } from './watches.ts';
import type { WorkVerbs } from './work-facade.ts';
import { workerVerbs } from './worker.ts';
import type { WorkerVerbs } from './worker-facade.ts';
import { inbox, type InboxWait, settled, type Until } from './waiting.ts';

/** One machine's engine: everything a door may ask, on these ports. */
export class Node implements Engine {
  readonly #ports: Ports;
  readonly #host: Host;
  readonly #machine: Machine;
  readonly #intake: Intake;
  readonly agents: AgentDesk;
  readonly batches: Batches;
  readonly schedules: Schedules;
  readonly work: WorkVerbs;
  readonly merges: Merges;
  readonly inputs: TaskInputs;
  readonly watches: Watches;
  readonly groups: GroupVerbs;
  readonly memories: MemoryVerbs;
  readonly notices: Notices;
  readonly questions: QuestionVerbs;
  readonly worker: WorkerVerbs;

  constructor(given: Ports, host: Host) {
    const { settings, report, info } = host;
    const find = (prefix: string): Promise<Task> => this.find(prefix);
    this.watches = new Watches(given, find, report);
    this.inputs = new TaskInputs(given, find);
    const ports = { ...given, output: guarded(given.output, (ref) => this.watches.finish(ref)) };
    this.#ports = ports;
    this.#host = host;
    const tick = (): void => this.schedules.tick();
    const machine = new Machine(ports, settings, info.node, report, tick);
    this.#machine = machine;
    this.#intake = new Intake(ports, settings, machine, info.node, find);
    this.groups = groupVerbs(ports);
    this.memories = memoryVerbs(ports);
    this.notices = notices(ports, settings, machine, info.owner, report);
    this.merges = new Merges(ports, settings, machine, report);
    this.batches = new Batches(ports, settings, {
      node: info.node,
      family: machine.family,
      find,
      stored: (tasks, look) => {
        for (const task of tasks) machine.feed.announce(task);
        machine.wake(...look);
      },
    });
    this.schedules = new Schedules(ports, settings, report, (request, environment) =>
      this.#intake.submit(request, environment),
    );
    this.work = {
      ...reviewVerbs({
        ports,
        tasks: machine.tasks,
        find,
        retry: (task, change) => this.#intake.retry(task, change),
        wake: machine.wake,
      }),
      undo: (id) => undo(ports, id),
    };
    this.agents = new AgentDesk(
      ports,
      settings,
      machine.tasks,
      machine.feed,
      find,
      () => machine.wake(),
      () => machine.dispatch.capacity(),
    );
    this.questions = new Questions({
      ports,
      tasks: machine.tasks,
      find,
      wake: machine.wake,
      acknowledge: (agent) => this.agents.ack(agent),
      note: (task, noted) => machine.feed.note(task, noted),
    });
    this.worker = workerVerbs({ ports, settings, tasks: machine.tasks, feed: machine.feed });
  }

  get info(): NodeInfo {
    return this.#host.info;
  }

  get trust(): TrustVerbs {
    return this.#host.trust;
  }

  defaults(cwd: string): SubmitDefaults {
    return this.#host.settings.defaults(cwd);
  }

  /** Adopts what an earlier daemon left, then keeps going until `close`. */
  async start(): Promise<void> {
    await this.#machine.start();
    await this.watches.start(this.#machine.feed);
    this.inputs.hurry(this.#machine.tasks.live.values());
    this.notices.wake();
    this.schedules.start();
    await this.merges.start();
  }

  /** Stops looking; tasks run on and are adopted by the next start. */
  async close(): Promise<void> {
    await this.schedules.close();
    await this.notices.close();
    await this.merges.close();
    await this.watches.close();
    await this.#machine.close();
  }

  submit(request: SubmitRequest): Promise<Submitted> {
    return this.#intake.submit(request, null);
  }

  retry(task: EndedTask, change: RetryChange): Promise<Submitted> {
    return this.#intake.retry(task, change);
  }

  resume(
    task: EndedTask,
    text: string | null,
    environment: Environment | null,
  ): Promise<Submitted> {
    return this.#intake.resume(task, text, environment);
  }

  find(prefix: string): Promise<Task> {
    return findTask(this.#ports.store, this.#machine.tasks, prefix);
  }

  list(query: TaskQuery): Promise<TaskPage> {
    return this.#ports.store.list(query);
  }

  describe(tasks: readonly Task[]): Promise<Description[]> {
    return descriptions(this.#ports, this.#machine, this.inputs, this.info.node, tasks);
  }

  history(id: TaskId): Promise<Change[]> {
    return this.#ports.store.history(id);
  }

  async stop(id: TaskId, options: StopOptions): Promise<Task> {
    const { tasks, pass } = this.#machine;
    const stopped = await stopTask(this.#ports, tasks, pass, id, options);
    if (stopped !== null) this.#machine.wake(id);
    if (options.tree)
      await this.#machine.family.stopChildren(id, (child) =>
        this.stop(child, { ...options, reason: 'parent' }),
      );
    return stopped ?? this.find(id);
  }

  settled(ids: readonly TaskId[], until: Until): ReturnType<Engine['settled']> {
    return settled(this.#machine.tasks, this.#machine.feed, ids, until);
  }

  async read(id: TaskId, request: OutputRequest): Promise<OutputSlice> {
    return read(this.#ports, await this.find(id), request);
  }

  follow(id: TaskId, request: OutputRequest, signal: AbortSignal): AsyncIterable<OutputSlice> {
    return follow(this.#ports, this.#machine.feed, (task) => this.find(task), id, request, signal);
  }

  changes(after: number | null, only: TaskId | null, signal: AbortSignal): AsyncIterable<Told> {
    return changes(this.#ports.store, this.#machine.feed, after, only, signal);
  }

  inbox(query: InboxWait, signal: AbortSignal): ReturnType<Engine['inbox']> {
    return inbox(this.#ports.store, this.#machine.tasks, this.#machine.feed, query, signal);
  }

  ack(owner: string, ids: readonly string[]): Promise<string[]> {
    return this.#ports.store.ack(owner, ids, this.#ports.clock.now());
  }

  async remove(id: TaskId, dryRun = false): Promise<GoingTree[]> {
    return removeAsked(this.#ports, await this.find(id), dryRun);
  }

  gc(request: GcRequest): Promise<GcResult> {
    return collect(this.#ports, this.#host.settings, request);
  }

  async doctor(): Promise<Finding[]> {
    return [
      ...(await this.#host.findings()),
      ...(await examine(this.#ports, this.#machine.dispatch, this.#machine.explain)),
      ...jobFindings(this.#machine.jobs),
      ...jobFindings(this.#machine.hooks, 'hooks'),
      ...(await scheduleFindings(this.#ports)),
      ...(await budgetFindings(this.#ports, this.#machine.budgets)),
    ];
  }

  cost(request: CostRequest): Promise<CostReport> {
    return costReport(this.#ports, this.#machine.budgets, request);
  }

  counts(): Promise<StoreCounts> {
    return this.#ports.store.counts();
  }

  configuration(): Configuration {
    return this.#host.configuration();
  }

  async configure(name: string, value: string): Promise<Configuration> {
    const configuration = await this.#host.configure(name, value);
    this.#machine.wake();
    this.notices.wake();
    return configuration;
  }

  get pauses(): Pauses {
    return this.#machine.dispatch.pauses;
  }

  pause(target: PauseTarget): Promise<Pauses> {
    return this.#machine.dispatch.pause(target);
  }

  async unpause(target: PauseTarget): Promise<Pauses> {
    const pauses = await this.#machine.dispatch.unpause(target);
    this.#machine.wake();
    return pauses;
  }

  shutdown(): void {
    this.#host.shutdown();
  }
}
