/** The engine with agents whose programs play what a test wants. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN } from '../../src/adapters/agents/built-in.ts';
import { AgentCatalog, type AgentSettings } from '../../src/adapters/agents/catalog.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import type { EndedAttempt } from '../../src/domain/attempt.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { Hold } from '../../src/domain/holds.ts';
import type { Task, TaskId } from '../../src/domain/task.ts';
import type { Settings } from '../../src/engine/context.ts';
import type { AgentMoment, Description } from '../../src/engine/facade.ts';
import { until } from '../cli/home.ts';
import { type Ground, openGround, SPEC, type Spec } from '../engine/ground.ts';
import { init, result, said } from './claude-lines.ts';

const PROGRAM = join(import.meta.dirname, '../../src/interfaces/fake-agent/main.ts');

/** A step of the fake agent; see docs/guides/fake-agent.md. */
export type Step = Readonly<Record<string, unknown>>;
type Line = Readonly<Record<string, unknown>>;
type Ask = Extract<Spec['work'], { kind: 'ask' }>;

const OURS = { session_id: '{{session}}' };

/** Claude opens its session. */
export const opens = (more: Line = {}): Step => ({ json: init({ ...OURS, ...more }) });
/** Claude says something. */
export const says = (text: string, message: Line = {}): Step => ({
  json: said(text, OURS, message),
});
/** Claude says that it is done. */
export const ends = (more: Line = {}): Step => ({
  json: result({ ...OURS, total_cost_usd: 0.25, ...more }),
});
/** A line of Claude as it stands, in our session. */
export const line = (value: Line): Step => ({ json: { ...value, ...OURS } });
/** Claude, as it answers when all is well. */
export const answers = (text = 'All done.'): Step[] => [
  opens(),
  says(text),
  ends({ result: text }),
];

/** A plan's limit that ends at the epoch second `resetsAt`; then Claude gives up. */
export const refuses = (resetsAt: number): Step[] => [
  line({
    type: 'rate_limit_event',
    rate_limit_info: { status: 'rejected', resetsAt, rateLimitType: 'five_hour' },
  }),
  ends({
    is_error: true,
    api_error_status: 429,
    result: "You've hit your session limit",
    total_cost_usd: 0,
    usage: { input_tokens: 0, output_tokens: 0 },
  }),
  { exit: 1 },
];

/** The steps, but only in a call that has the argument, or has it not. */
export const only = (when: 'if' | 'unless', argument: string, steps: readonly Step[]): Step[] =>
  steps.map((step) => ({ ...step, [`${when}_argument`]: argument }));

/** The steps of the first call in this folder, of the second, and so on; those of the last for all others. */
export const inTurn = (...calls: readonly (readonly Step[])[]): Step[] =>
  calls.flatMap((steps, nth) =>
    [{ file: `.call-${nth}`, text: '' }, ...steps].map((step) => ({
      ...step,
      ...(nth > 0 && { if_file: `.call-${nth - 1}` }),
      ...(nth < calls.length - 1 && { unless_file: `.call-${nth}` }),
    })),
  );

/** A process that has ended may stay listed until its parent has looked. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** How an agent's program was called. */
export interface Call {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  stdin: string;
  pid: number;
}

type Logged = { kind: string; pid: number; signal: string; child: number } & Call;

/** An engine, a folder in which its tasks work, and agents of our own making in their PATH. */
export class Stage {
  readonly ground: Ground;
  readonly cwd: string;
  readonly settings: AgentSettings & { overrides: Record<string, object> };
  readonly #root: string;

  constructor(ground: Ground, root: string, settings: Stage['settings']) {
    this.ground = ground;
    this.settings = settings;
    this.#root = root;
    this.cwd = join(root, 'cwd');
    for (const name of ['cwd', 'bin', 'home']) fs.mkdirSync(join(root, name));
  }

  /** Below what the test made. */
  at(...names: readonly string[]): string {
    return join(this.#root, ...names);
  }

  /** From now on the agent is installed, and plays these steps. */
  plays(agent: string, ...steps: readonly Step[]): void {
    const program = this.at('bin', agent);
    const text = `#!${process.execPath}\nimport(${JSON.stringify(PROGRAM)});\n`;
    if (!fs.existsSync(program)) fs.writeFileSync(program, text, { mode: 0o755 });
    const script = steps.map((step) => `${JSON.stringify(step)}\n`).join('');
    // By its name in one stroke: a call may be reading the one before.
    fs.writeFileSync(this.at('next'), script);
    fs.renameSync(this.at('next'), `${program}.jsonl`);
  }

  /** From now on the agent is this program. */
  installs(agent: string, text: string): void {
    fs.writeFileSync(this.at('bin', agent), text, { mode: 0o755 });
  }

  get environment(): Record<string, string> {
    return {
      PATH: `${this.at('bin')}:/usr/bin:/bin`,
      HOME: this.at('home'),
      TEND_FAKE_AGENT_LOG: this.at('log'),
      TEND_FAKE_AGENT_ENV: '*',
    };
  }

  /** Asks Claude, or another agent. */
  async ask(
    prompt: string,
    {
      spec = {},
      env = {},
      ...change
    }: Partial<Ask> & { spec?: Partial<Spec>; env?: Record<string, string> } = {},
  ): Promise<Task> {
    const work: Ask = { ...ASK, prompt, ...change };
    const { task } = await this.ground.node.submit({
      id: null,
      runAt: null,
      environment: { ...this.environment, ...env },
      spec: { ...SPEC, ...PATIENT, cwd: this.cwd, work, ...spec },
    });
    return task;
  }

  /** The same, to its end. */
  async asked(...given: Parameters<Stage['ask']>): Promise<Ended> {
    return this.ended((await this.ask(...given)).id);
  }

  /** Time passes, and the engine sees it. */
  async later(ms: number): Promise<void> {
    this.ground.jump(ms);
    await this.ground.node.configure('', '');
  }

  /** The task once it is as `is` says; what its agent tells is no change that anybody is told of. */
  once(id: TaskId, is: (task: Task) => boolean): Promise<Task> {
    return until(`${id} is ${String(is)}`, async () => {
      const task = await this.ground.node.find(id);
      return is(task) ? task : null;
    });
  }

  wait = until;

  /** The task once it waits for its account. */
  async held(id: TaskId): Promise<Description & { hold: Hold | null; queueReason: string | null }> {
    const isBack = ({ state, attempt }: Task): boolean =>
      state === 'queued' && attempt !== null && attempt.outcome !== null;
    const [described] = await this.ground.node.describe([await this.once(id, isBack)]);
    if (described === undefined) throw new Error(`no task ${id}`);
    const { wait } = described;
    return { ...described, hold: wait?.hold ?? null, queueReason: wait?.block.reason ?? null };
  }

  async ended(id: TaskId): Promise<Ended> {
    const [task] = await this.ground.settled(id);
    if (task === undefined) throw new Error(`no task ${id}`);
    return endOf(task);
  }

  /** Every call of an agent's program, the oldest first. */
  calls(): Call[] {
    return this.logged('call');
  }

  signals(): string[] {
    return this.logged('signal').map(({ signal }) => signal);
  }

  logged(kind: string): Logged[] {
    if (!fs.existsSync(this.at('log'))) return [];
    const lines = fs.readFileSync(this.at('log'), 'utf8').split('\n').filter(Boolean);
    return lines.map((text) => JSON.parse(text) as Logged).filter((one) => one.kind === kind);
  }

  /** What the agent has told so far. */
  async events(id: TaskId, after: string | null = null): Promise<AgentMoment[]> {
    const found: AgentMoment[] = [];
    const options = { after, attempt: null, follow: false };
    for await (const moment of this.ground.node.agents.events(id, options, NEVER))
      found.push(moment);
    return found;
  }

  async attempts(id: TaskId): Promise<readonly EndedAttempt[]> {
    return this.ground.ports.store.endedAttempts(id);
  }

  holds(): Promise<Hold[]> {
    return this.ground.ports.store.holds();
  }

  /** The completions of a task that its owner was told. */
  async completions(id: TaskId): Promise<Delivery[]> {
    const found = await this.ground.node.inbox({ owner: SPEC.owner, limit: 99, wait: 0 }, NEVER);
    return found.map(({ delivery }) => delivery).filter(({ taskId }) => taskId === id);
  }

  async close(): Promise<void> {
    await this.ground.close();
    fs.rmSync(this.#root, { recursive: true, force: true });
  }
}

const NEVER = new AbortController().signal;

/** The end of a task, as far as tests ask for it. */
export interface Ended {
  task: Task;
  attempt: EndedAttempt;
  /** `completed`, or the state with its reason. */
  end: string;
  answer: string;
  outcome: EndedAttempt['outcome'];
  report: NonNullable<NonNullable<EndedAttempt['agent']>['report']>;
}

function endOf(task: Task): Ended {
  const { attempt } = task;
  const reason = 'reason' in task ? ` ${task.reason}` : '';
  const report = attempt?.agent?.report ?? null;
  if (attempt === null || attempt.outcome === null || report === null)
    throw new Error(`${task.id} ended without a report: ${JSON.stringify(task)}`);
  const { outcome } = attempt;
  return { task, attempt, end: task.state + reason, answer: answerOf(report), outcome, report };
}

/** Files keep the real time: to a clock that was moved ahead a process seems to have been silent since then. */
const PATIENT = { idleTimeout: 3_600_000, firstOutputTimeout: 3_600_000 };
export const ASK: Ask = {
  kind: 'ask',
  agent: 'claude',
  prompt: '',
  model: null,
  tier: null,
  wish: {},
  permissions: null,
  isolated: null,
  onQuota: null,
  context: [],
  skills: [],
  template: null,
  resume: null,
};

/** `change` = what the configuration says. */
export async function openStage(change: Partial<Settings> = {}): Promise<Stage> {
  const settings: Stage['settings'] = { overrides: {}, custom: [] };
  const ground = await openGround((ports) => ({
    ...ports,
    agents: new AgentCatalog(BUILT_IN, () => settings),
  }));
  Object.assign(ground.settings, change);
  const root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-stage-')));
  return new Stage(ground, root, settings);
}
