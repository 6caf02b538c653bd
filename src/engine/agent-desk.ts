import { TendError } from '../domain/errors.ts';
import type { AgentWork } from '../domain/agent-work.ts';
import { holdsSlot } from '../domain/lifecycle.ts';
import { type Hold, isHeld, manualHold } from '../domain/holds.ts';
import type { Task, TaskId } from '../domain/task.ts';
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
import type { Ports } from './context.ts';
import type { Feed } from './feed.ts';
import type { Loop } from './loop.ts';
import { recordingOf } from './record.ts';
import { replayFiles } from './replay.ts';
import type { Tasks } from './tasks.ts';

/** Everything that doors may ask about agents. */
export class AgentDesk implements AgentVerbs {
  readonly #ports: Ports;
  readonly #tasks: Tasks;
  readonly #feed: Feed;
  readonly #find: (prefix: string) => Promise<Task>;
  readonly #wake: Loop['wake'];

  constructor(
    ports: Ports,
    tasks: Tasks,
    feed: Feed,
    find: (prefix: string) => Promise<Task>,
    wake: Loop['wake'],
  ) {
    this.#ports = ports;
    this.#tasks = tasks;
    this.#feed = feed;
    this.#find = find;
    this.#wake = wake;
  }

  async list(given: Environment | null): Promise<AgentStatus[]> {
    const { agents, store, clock } = this.#ports;
    const environment = given ?? agents.environment;
    const now = clock.now();
    const holds = (await store.holds()).filter((hold) => isHeld(hold, now));
    const live = [...this.#tasks.live.values()].filter((task) => holdsSlot(task.state));
    const isOf = (name: string) => (task: Task) =>
      task.spec.work.kind === 'agent' && task.spec.work.agent === name;
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
        };
      }),
    );
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
    await this.#ports.store.dropHolds(holds.map(({ account }) => account));
    this.#wake();
    return holds;
  }

  async prompt(id: TaskId, number: number | null): Promise<{ attempt: number; prompt: string }> {
    const task = await this.#agentTask(id);
    const work = task.spec.work as AgentWork;
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
    return { attempt: wanted, prompt: promptOf(work, attempt, earlier) };
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
