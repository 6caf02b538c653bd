import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isTendError } from '../../src/domain/errors.ts';
import { connect, type Client, type Delivery } from '../../src/interfaces/client/index.ts';
import { streams } from '../../src/interfaces/client/routes.generated.ts';
import type { AgentRecord, Moment, Told } from './agent-record.ts';
import { agentEnvironment } from './agents.ts';
import { Observer, readDatabase } from './database.ts';
import type { Home } from './home.ts';
import type { Kind, Violation } from './invariants.ts';
import { intercept } from './points.ts';
import type { Scenario } from './scenarios.ts';
import { until, type Waiting } from './until.ts';

const PASSING: readonly string[] = ['database_busy', 'disk_full', 'daemon_unreachable'];

const isPassing = (error: unknown): boolean => isTendError(error) && PASSING.includes(error.code);

/** As every client should: what fails for a reason that passes is tried again, until `signal` aborts. */
const insisting = (client: Client, signal: AbortSignal): Client =>
  intercept(client, (name, call) =>
    name === 'close' || name in streams ? call() : insist(call, signal),
  );

async function insist(call: () => unknown, signal: AbortSignal): Promise<unknown> {
  for (;;)
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(100, null, { signal });
    }
}

/** Whether it names other tasks, which have to be there. */
const names = ({ after, parent }: Scenario): boolean => after !== undefined || parent !== undefined;

/** Everything an owner and a consumer remember over the lives of a daemon. */
export class Memory {
  /** Ids by scenario, as the daemon acknowledged them. */
  readonly ids = new Map<string, string>();
  /** Deliveries after dedupe: id to task. */
  readonly seen = new Map<string, string>();
  /** Acknowledged and answered. */
  readonly acked = new Set<string>();
  /** What listeners were told of agents while it happened, by scenario. */
  readonly heard = new Map<string, Moment[]>();
  /** What was told of agents after their end, and what it comes to; by scenario. */
  readonly told = new Map<string, Told>();
  readonly records = new Map<string, AgentRecord>();
  readonly violations: Violation[] = [];
  /** An acknowledgement was sent, whether or not its answer came. */
  acking = false;
  /** Everything was checked and may be removed now. */
  checked = false;

  /** The sessions that were stored when a daemon died, by attempt. */
  readonly sessions = new Map<string, string>();

  noteSessions(home: Home): void {
    for (const { id, attempts } of readDatabase(home))
      for (const { number, agent } of attempts) {
        const name = `${id}.${number}`;
        if (agent !== undefined && agent.sessionId !== null && !this.sessions.has(name))
          this.sessions.set(name, agent.sessionId);
      }
  }

  blame(kind: Kind, detail: string): void {
    this.violations.push({ kind, detail });
  }
}

/** Plays all scenarios against one life of the daemon, from wherever the lives before got to. */
export class Driver {
  readonly #client: Client;
  readonly #home: Home;
  readonly #memory: Memory;
  readonly #scenarios: readonly Scenario[];
  readonly #observer: Observer;
  readonly #waiting: Required<Waiting>;

  /** `signal` aborts when the daemon has ended. */
  constructor(
    home: Home,
    { scenarios, patience = 30_000 }: { scenarios: readonly Scenario[]; patience?: number },
    memory: Memory,
    signal: AbortSignal,
  ) {
    this.#waiting = { signal, cap: patience };
    this.#client = insisting(connect({ socket: home.paths.socket }), signal);
    this.#home = home;
    this.#memory = memory;
    this.#scenarios = scenarios;
    this.#observer = new Observer(home);
  }

  close(): void {
    this.#observer.close();
    this.#client.close();
  }

  /** Until every task has ended and every delivery is acknowledged. */
  async play(): Promise<void> {
    await this.#submitAll();
    const listening = this.#scenarios.map((scenario) => this.#listen(scenario));
    await Promise.all([...listening, ...this.#scenarios.map((scenario) => this.#act(scenario))]);
    await until('every task has ended', () => this.#observer.open() === 0, this.#waiting);
    await this.#askAgents();
    await this.#collectInVain();
    await this.#consume();
    await until('every push was answered', () => this.#observer.due() === 0, this.#waiting);
  }

  /** Removes what nothing protects any more. */
  async remove(): Promise<void> {
    await this.#client.gc({ olderThan: '0s' });
  }

  async #submitAll(): Promise<void> {
    const [first, later] = [
      this.#scenarios.filter((scenario) => !names(scenario)),
      this.#scenarios.filter((scenario) => names(scenario)),
    ];
    await Promise.all(first.map((scenario) => this.#submit(scenario)));
    for (const scenario of later) await this.#submit(scenario);
  }

  async #submit(scenario: Scenario): Promise<void> {
    const { key, request, after = [], parent, pushed } = scenario;
    const { ids } = this.#memory;
    const { id } = await this.#client.submit({
      ...request,
      key,
      cwd: join(this.#home.folder, request.cwd ?? 'cwd'),
      owner: 'sweep',
      notify: pushed === true ? 'always' : 'never',
      env: agentEnvironment(this.#home, scenario),
      ...(parent !== undefined && { parent: ids.get(parent) ?? parent }),
      after: after.map(({ key: other, when }) => ({ task: ids.get(other) ?? other, when })),
    });
    const known = ids.get(key);
    if (known !== undefined && known !== id)
      this.#memory.blame('task_lost', `"${key}" was acknowledged as ${known}, and then as ${id}`);
    ids.set(key, id);
  }

  async #act(scenario: Scenario): Promise<void> {
    const id = this.#memory.ids.get(scenario.key);
    if (id !== undefined)
      await scenario.act?.(this.#client, id, this.#home, this.#waiting, scenario);
  }

  /** Hears an agent until its task has ended, from where an earlier life broke off. */
  async #listen({ key, agent }: Scenario): Promise<void> {
    const id = this.#memory.ids.get(key);
    if (id === undefined || agent?.followed !== true) return;
    const heard = this.#memory.heard.get(key) ?? [];
    this.#memory.heard.set(key, heard);
    const { signal } = this.#waiting;
    for (;;)
      try {
        const from = { signal, lastEventId: heard.at(-1)?.id };
        for await (const { data } of this.#client.agentEvents({ id }, from)) heard.push(data);
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await pause(100, null, { signal });
      }
  }

  /** What is told of the agents when everything is over. */
  async #askAgents(): Promise<void> {
    const keys = this.#scenarios.filter(({ agent }) => agent !== undefined).map(({ key }) => key);
    const tasks = readDatabase(this.#home).filter(({ key }) => keys.includes(key));
    await Promise.all(
      tasks.map(async ({ id, key, attempts }) => {
        const events: Moment[] = [];
        for await (const { data } of this.#client.agentEvents({ id, follow: false }))
          events.push(data);
        const prompts = await Promise.all(
          attempts.map(async ({ number }) => {
            const { prompt } = await this.#client.prompt({ id, attempt: number });
            return [number, prompt] as const;
          }),
        );
        this.#memory.told.set(key, { events, prompts: new Map(prompts) });
      }),
    );
  }

  /** Nothing may go that its owner has not acknowledged. */
  async #collectInVain(): Promise<void> {
    if (this.#memory.acking) return;
    const { removed } = await this.#client.gc({ olderThan: '0s' });
    if (removed.length > 0)
      this.#memory.blame('work_deleted', `removed before it was told of: ${removed.join(', ')}`);
  }

  /** One consumer dies between peek and ack; the next one gets the same deliveries again. */
  async #consume(): Promise<void> {
    const first = await this.#peek();
    const second = await this.#peek();
    const again = new Set(second.map(({ id }) => id));
    for (const { id } of first)
      if (!again.has(id))
        this.#memory.blame('delivery_lost', `${id} was gone after it was only read`);
    const half = Math.ceil(second.length / 2);
    for (const part of [second.slice(0, half), second.slice(half)]) await this.#ack(part);
    for (const { id } of await this.#peek())
      if (this.#memory.acked.has(id))
        this.#memory.blame('delivery_doubled', `${id} came again after it was acknowledged`);
  }

  async #peek(): Promise<Delivery[]> {
    const { deliveries } = await this.#client.inbox({ owner: 'sweep', limit: 1_000 });
    for (const { id, taskId, kind } of deliveries)
      if (kind === 'completion') this.#memory.seen.set(id, taskId);
    return deliveries;
  }

  async #ack(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    this.#memory.acking = true;
    const ids = deliveries.map(({ id }) => id);
    await this.#client.ack({ owner: 'sweep', ids });
    for (const id of ids) this.#memory.acked.add(id);
  }
}
