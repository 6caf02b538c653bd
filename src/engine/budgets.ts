import type { AgentReport } from '../domain/agent-report.ts';
import { EMPTY_REPORT } from '../domain/agent-report.ts';
import { type AgentWork, seated } from '../domain/agent-work.ts';
import { beyondBudget, type Budget, type BudgetState, counts } from '../domain/budget.ts';
import { windowAt } from '../domain/budget-window.ts';
import { type Cap, countedBy } from '../domain/cap.ts';
import { namedZone, UTC, type Zone } from '../domain/civil.ts';
import type { AgentEvidence } from '../domain/evidence.ts';
import { toldUsd } from '../domain/expense.ts';
import { sumUsd } from '../domain/money.ts';
import { countedUsd, settledUsd } from '../domain/spent.ts';
import type { Task, TaskId, TaskIn } from '../domain/task.ts';
import type { AgentWatch } from './agent-watch.ts';
import type { Ports, Settings } from './context.ts';
import type { Tasks } from './tasks.ts';

/** What the store said of the budgets, as long as it holds. */
interface Known {
  budgets: readonly Budget[];
  from: number;
  until: number;
  states: Promise<BudgetState[]>;
}

/** What is spent of each budget. Without a budget nothing is ever asked. */
export class Budgets {
  readonly #ports: Pick<Ports, 'store' | 'clock'>;
  readonly #settings: Pick<Settings, 'budgets'>;
  readonly #tasks: Pick<Tasks, 'live'>;
  readonly #watch: Pick<AgentWatch, 'seen'>;
  /** The zone in which days begin. */
  readonly zone: Zone;
  #known: Known | null = null;
  /** How far the attempt of each task had come when all of its budgets were last seen to suffice. */
  readonly #marks = new Map<TaskId, string>();

  constructor(
    ports: Pick<Ports, 'store' | 'clock' | 'agents'>,
    settings: Pick<Settings, 'budgets'>,
    tasks: Pick<Tasks, 'live'>,
    watch: Pick<AgentWatch, 'seen'>,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#tasks = tasks;
    this.#watch = watch;
    this.zone = namedZone(ports.agents.timeZone) ?? UTC;
  }

  /** Takes note of a durable change; true = an agent told more of its bill: look whether it may go on. */
  saw({ id, state, spec }: Task): boolean {
    if (this.#settings.budgets.length === 0 || spec.work.kind !== 'agent') return false;
    if (state === 'running') return true;
    this.#known = null;
    this.#marks.delete(id);
    return false;
  }

  /** Each budget in the window that is now. */
  async spendings(now: number): Promise<BudgetState[]> {
    const { budgets } = this.#settings;
    if (budgets.length === 0) return [];
    const known = this.#known;
    if (known?.budgets === budgets && known.from <= now && now < known.until) return known.states;
    const windows = budgets.map(({ window }) => windowAt(window, now, this.zone));
    const fresh: Known = {
      budgets,
      from: Math.max(...windows.map(({ from }) => from)),
      until: Math.min(...windows.map(({ until }) => until ?? Infinity)),
      states: Promise.all(budgets.map((budget) => this.#stateOf(budget, now))),
    };
    this.#known = fresh;
    try {
      return await fresh.states;
    } catch (error) {
      if (this.#known === fresh) this.#known = null;
      throw error;
    }
  }

  async #stateOf(budget: Budget, now: number): Promise<BudgetState> {
    const { from, until } = windowAt(budget.window, now, this.zone);
    const spent = await this.#ports.store.spent(countedBy({ budget, from }));
    return { budget, from, until, spent, spentUsd: countedUsd(spent) };
  }

  /** What a claim must fit into. */
  caps(now: number): Cap[] {
    return this.#settings.budgets.map((budget) => ({
      budget,
      from: windowAt(budget.window, now, this.zone).from,
    }));
  }

  /** When a budget of which something is spent begins anew (epoch ms); null = none does. */
  async nextRelease(now: number): Promise<number | null> {
    const ends = (await this.spendings(now)).flatMap(({ spentUsd, until }) =>
      spentUsd > 0 ? (until ?? []) : [],
    );
    return ends.length === 0 ? null : Math.min(...ends);
  }

  /** A budget of the running task is overspent, and the turn in which that was noticed is over. */
  async isOver(task: Task, agent: AgentEvidence | null): Promise<boolean> {
    if (this.#settings.budgets.length === 0 || agent === null || !isRunningAgent(task))
      return false;
    const states = await this.spendings(this.#ports.clock.now());
    const isOver = states.some(
      (one) =>
        counts(one.budget, payerOf(task)) &&
        beyondBudget(one.budget, settledUsd(one.spent), this.#reported(one)),
    );
    const mark = markOf(task, agent.report);
    if (isOver) return mark !== (this.#marks.get(task.id) ?? markOf(task, EMPTY_REPORT));
    this.#marks.set(task.id, mark);
    return false;
  }

  /** What the attempts that run now have told so far. */
  #reported({ budget, from }: BudgetState): number {
    const told = Array.from(this.#tasks.live.values(), (task) => {
      const counted =
        isRunningAgent(task) && task.attempt.claimedAt >= from && counts(budget, payerOf(task));
      if (!counted) return 0;
      const facts = task.attempt.agent;
      const report = this.#watch.seen(task)?.report ?? facts?.report ?? null;
      const { resumed = null, before = null } = facts ?? {};
      return toldUsd({ report, resumed, before }) ?? 0;
    });
    return sumUsd(...told);
  }
}

type RunningAgent = TaskIn<'running' | 'stopping'> & { spec: { work: AgentWork } };

const isRunningAgent = (task: Task): task is RunningAgent =>
  (task.state === 'running' || task.state === 'stopping') && task.spec.work.kind === 'agent';

const payerOf = ({ spec, attempt }: RunningAgent) => ({
  agent: seated(spec.work, attempt.agent).agent,
  group: spec.group,
  owner: spec.owner,
});

/** A turn that is over shows in the turns, or in the bill of agents that do not count them. */
const markOf = ({ attempt }: RunningAgent, { turns, usage }: AgentReport): string =>
  JSON.stringify([attempt.number, turns, usage?.costUsd ?? 0]);
