import type { Capacity } from '../domain/admission.ts';
import { TendError } from '../domain/errors.ts';
import { type AgentWork, seated } from '../domain/agent-work.ts';
import { holdsSlot } from '../domain/lifecycle.ts';
import type { StoredAgentChange } from '../domain/agent-change.ts';
import { isDrain, isDrained } from '../domain/drain.ts';
import { drainOf, type Hold, manualHold } from '../domain/holds.ts';
import { asTheyStand } from '../domain/release.ts';
import { windowAt } from '../domain/budget-window.ts';
import { namedZone, UTC } from '../domain/civil.ts';
import { settledUsd } from '../domain/spent.ts';
import type { Task, TaskId } from '../domain/task.ts';
import { advise, type Advised, type AdviseRequest } from './agent-advise.ts';
import { agentNamed } from './agent-ask.ts';
import { agentEvents, type EventOptions } from './agent-events.ts';
import type {
  AgentMoment,
  AgentStatus,
  AgentVerbs,
  Environment,
  RecordedFiles,
  Replayed,
} from './agent-facade.ts';
import { promptOf } from './agent-prompt.ts';
import type { Ports, Settings } from './context.ts';
import type { Feed } from './feed.ts';
import type { Loop } from './loop.ts';
import { recordingOf } from './record.ts';
import { NO_FACTS } from './agent-source.ts';
import { sharedFor } from './shared.ts';
import { informed } from './results.ts';
import { replayFiles } from './replay.ts';
import type { Tasks } from './tasks.ts';

/** Agents whose spending is told. */
const MOST_AGENTS = 100;

/** Everything that doors may ask about agents. */
export class AgentDesk implements AgentVerbs {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #tasks: Tasks;
  readonly #feed: Feed;
  readonly #find: (prefix: string) => Promise<Task>;
  readonly #wake: Loop['wake'];
  readonly #capacity: () => Promise<Capacity>;

  constructor(
    ports: Ports,
    settings: Settings,
    tasks: Tasks,
    feed: Feed,
    find: (prefix: string) => Promise<Task>,
    wake: Loop['wake'],
    capacity: () => Promise<Capacity>,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#tasks = tasks;
    this.#feed = feed;
    this.#find = find;
    this.#wake = wake;
    this.#capacity = capacity;
  }

  async list(given: Environment | null): Promise<AgentStatus[]> {
    const { agents, store, clock } = this.#ports;
    const environment = given ?? agents.environment;
    const now = clock.now();
    const holds = asTheyStand(await store.holds(), this.#settings.resume(now), now);
    const spent = await this.#spentToday(now);
    const live = [...this.#tasks.live.values()].filter((task) => holdsSlot(task.state));
    const isOf = (name: string) => (task: Task) =>
      task.spec.work.kind === 'agent' && seated(task.spec.work, task.attempt?.agent).agent === name;
    return Promise.all(
      agents.list().map(async (agent) => {
        const { name, verified, capabilities } = agent;
        const found = await agents.detect(agent, { ...environment, ...agents.override(name).env });
        return {
          name,
          verified,
          capabilities,
          ...found,
          active: live.filter(isOf(name)).length,
          holds: holds.filter((hold) => hold.agent === name),
          spentUsd: spent.get(name) ?? 0,
        };
      }),
    );
  }

  /** By agent; what was not told counts as its ceiling. */
  async #spentToday(now: number): Promise<Map<string | null, number>> {
    const { agents, store } = this.#ports;
    const { from } = windowAt('day', now, namedZone(agents.timeZone) ?? UTC);
    const shares = await store.costs({ from, by: 'agent', limit: MOST_AGENTS });
    return new Map(shares.map((share) => [share.key, settledUsd(share)]));
  }

  async hold(agent: string, time: number | null, reason: string): Promise<Hold[]> {
    const { name } = agentNamed(this.#ports, agent);
    const hold = manualHold(name, time, reason, this.#ports.clock.now());
    await this.#ports.store.setHold(hold);
    this.#wake();
    return [hold];
  }

  async release(agent: string): Promise<Hold[]> {
    const { name } = agentNamed(this.#ports, agent);
    const holds = (await this.#ports.store.holds()).filter((hold) => hold.agent === name);
    await this.#drop(holds, 'released');
    return holds.filter((hold) => !isDrain(hold) || isDrained(hold));
  }

  async ack(agent: string): Promise<Hold[]> {
    const { name } = agentNamed(this.#ports, agent);
    const account = drainOf(name);
    const rows = (await this.#ports.store.holds()).filter((hold) => hold.account === account);
    await this.#drop(rows, 'acknowledged');
    return rows.filter(isDrained);
  }

  async #drop(holds: readonly Hold[], kind: 'acknowledged' | 'released'): Promise<void> {
    const { store, clock } = this.#ports;
    await store.dropHolds(
      holds.map(({ account }) => account),
      kind,
      clock.now(),
    );
    this.#wake();
  }

  async changes(limit: number, agent: string | null): Promise<StoredAgentChange[]> {
    const name = agent === null ? null : agentNamed(this.#ports, agent).name;
    return this.#ports.store.agentChanges(limit, name);
  }

  async prompt(id: TaskId, number: number | null): Promise<{ attempt: number; prompt: string }> {
    const task = await this.#agentTask(id);
    const work = await informed(this.#ports, task);
    const attempts = await this.#ports.store.attempts(task.id);
    const wanted = number ?? Math.max(task.attempt?.number ?? 0, 1);
    const attempt = attempts.find((one) => one?.number === wanted) ?? null;
    if (attempt === null && wanted > 1)
      throw new TendError(
        'not_found',
        `${task.id} has no attempt ${wanted}`,
        `It has had ${task.attempt?.number ?? 0}.`,
      );
    const earlier = (await this.#ports.store.endedAttempts(task.id)).filter(
      (one) => one.number < wanted,
    );
    const attempting = attempt ?? (await this.#toCome(task, wanted));
    return { attempt: wanted, prompt: promptOf(work, attempting, earlier, task.spec) };
  }

  /** The first attempt, as it would be if it were claimed now. */
  async #toCome(task: Task, number: number) {
    const work = task.spec.work as AgentWork;
    const resumed = work.resume?.sessionId ?? null;
    const shared = resumed === null ? await sharedFor(this.#ports, task) : '';
    return { number, agent: { ...NO_FACTS, resumed, shared } };
  }

  async *events(
    id: TaskId,
    options: EventOptions,
    signal: AbortSignal,
  ): AsyncIterable<AgentMoment> {
    const task = await this.#agentTask(id);
    yield* agentEvents(this.#ports, this.#feed, this.#find, task.id, options, signal);
  }

  async *recording(id: TaskId, number: number | null): AsyncIterable<string> {
    const task = await this.#agentTask(id);
    const attempts = await this.#ports.store.attempts(task.id);
    const wanted = number ?? task.attempt?.number;
    const attempt = attempts.find((one) => one?.number === wanted) ?? null;
    if (attempt === null)
      throw new TendError(
        'not_found',
        `${task.id} has no attempt ${number ?? 1}`,
        `It has had ${task.attempt?.number ?? 0}.`,
      );
    yield* recordingOf(this.#ports, task, attempt);
  }

  advise(request: AdviseRequest): Promise<Advised> {
    return advise(this.#ports, this.#settings, this.#capacity, request);
  }

  replay(name: string, files: RecordedFiles): Promise<Replayed> {
    const agent = agentNamed(this.#ports, name);
    const { clock, agents } = this.#ports;
    const place = { now: clock.now(), timeZone: agents.timeZone };
    return replayFiles(agents, agent, files, place);
  }

  async #agentTask(id: TaskId): Promise<Task> {
    const task = await this.#find(id);
    if (task.spec.work.kind === 'agent') return task;
    throw new TendError(
      'unsupported',
      `${task.id} is a command, not an agent's task`,
      `See what it wrote with: tend logs ${task.id}`,
    );
  }
}
