import type { AgentOutcome, Limit } from '../../src/domain/agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from '../../src/domain/agent-report.ts';
import { seated } from '../../src/domain/agent-work.ts';
import { type Exit, NO_OUTPUT, type ProcessIdentity } from '../../src/domain/attempt.ts';
import type { AgentEvidence, AttemptEvidence } from '../../src/domain/evidence.ts';
import type { TaskId, TaskIn } from '../../src/domain/task.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import { Violation } from './violation.ts';

/** What has become of an attempt's launch and process. */
export interface Run {
  id: TaskId;
  number: number;
  state: 'unclaimed' | 'void' | 'refused' | 'alive' | 'exited' | 'vanished' | 'rebooted';
  process: ProcessIdentity | null;
  startedAt: number | null;
  /** By the clock on the wall, and by the time that passed. */
  endedAt: number;
  endedAfter: number;
  exit: Exit;
  /** Of an agent. */
  report: AgentReport | null;
  outcome: AgentOutcome | null;
  /** What the dearest turn cost. */
  turnUsd: number;
  ceilingUsd: number;
  isAsked: boolean;
  /** Nobody looked for a while: it may have done more than it was allowed to. */
  unwatched: boolean;
}

type Live = TaskIn<'claimed' | 'running' | 'stopping'>;

export interface Weather {
  /** Nothing goes wrong any more. */
  fair: boolean;
  /** How likely each mishap is. */
  mishap: number;
  longest: number;
}

const LIMITS: readonly [Limit['class'], ...Limit['class'][]] = [
  'transient',
  'windowed',
  'until',
  'needs_person',
];

/** The machine and the providers: processes that run for a while and come to something. */
export class World {
  readonly runs = new Map<string, Run>();
  readonly #alive = new Set<Run>();
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #weather: Weather;
  /** Tells the daemon that something moved; false = there is none. */
  readonly #hint: (id: TaskId) => boolean;
  #pid = 1;
  #boot = 1;

  constructor(random: Random, clock: Clock, weather: Weather, hint: (id: TaskId) => boolean) {
    this.#random = random;
    this.#clock = clock;
    this.#weather = weather;
    this.#hint = hint;
  }

  /** A launch that was asked for twice still starts one process: the claim is taken once. */
  launch(task: TaskIn<'claimed'>): void {
    const run = this.#runOf(task);
    const isLost = this.#mishap(0.3);
    const isSlow = this.#mishap(0.3);
    if (!isLost)
      this.#clock.after(isSlow ? 31_000 : this.#random.int(1, 50), () => this.#begin(run, task));
  }

  /** Answers whether the evidence may have changed. */
  void(task: Live): boolean {
    const run = this.#runOf(task);
    if (run.state === 'unclaimed') run.state = 'void';
    return true;
  }

  signal(task: Live, force: 'interrupt' | 'polite' | 'kill'): void {
    const run = this.#runOf(task);
    if (run.state !== 'alive') return;
    run.isAsked = true;
    const isDeaf = force !== 'kill' && this.#mishap(0.5);
    if (isDeaf) return;
    const exit = { signal: force === 'kill' ? 'SIGKILL' : 'SIGTERM' };
    this.#clock.after(force === 'kill' ? 1 : this.#random.int(1, 3_000), () =>
      this.#end(run, exit),
    );
  }

  /** All processes are gone, and another boot begins. */
  reboot(): void {
    this.#boot += 1;
    for (const run of this.#alive) run.state = 'rebooted';
    this.#alive.clear();
  }

  unwatch(): void {
    for (const run of this.#alive) run.unwatched = true;
  }

  /** What the attempt has cost so far, in dollars; undefined = it has not told. */
  costOf(id: TaskId, number: number): number | null | undefined {
    return this.runs.get(`${id}.${number}`)?.report?.usage?.costUsd;
  }

  evidence(task: Live): { attempt: AttemptEvidence; agent: AgentEvidence | null } {
    const run = this.runs.get(keyOf(task));
    if (run === undefined) return { attempt: { kind: 'none' }, agent: null };
    const agent = run.report === null ? null : { report: run.report, outcome: null };
    return {
      attempt: this.#shown(run),
      agent: agent && { ...agent, outcome: run.state === 'alive' ? null : run.outcome },
    };
  }

  #shown({ state, process, startedAt, endedAt: at, exit }: Run): AttemptEvidence {
    const remains = { process, startedAt, output: NO_OUTPUT, survivors: [] };
    switch (state) {
      case 'unclaimed':
        return { kind: 'none' };
      case 'void':
        return { kind: 'voided' };
      case 'refused':
        return { kind: 'refused', detail: 'no such program' };
      case 'alive':
        return process === null
          ? { kind: 'none' }
          : { kind: 'alive', process, startedAt: startedAt ?? at };
      case 'exited':
        return { kind: 'exited', exit, at, ...remains };
      case 'vanished':
      case 'rebooted':
        return { kind: 'gone', how: state, at: this.#clock.wall, ...remains };
    }
  }

  #mishap(share: number): boolean {
    return !this.#weather.fair && this.#random.once(this.#weather.mishap * share);
  }

  #runOf(task: Live): Run {
    const key = keyOf(task);
    const known = this.runs.get(key);
    if (known !== undefined) return known;
    const { work } = task.spec;
    const run: Run = {
      id: task.id,
      number: task.attempt.number,
      state: 'unclaimed',
      process: null,
      startedAt: null,
      endedAt: 0,
      endedAfter: Infinity,
      exit: { code: 0 },
      report: null,
      outcome: null,
      turnUsd: 0,
      ceilingUsd:
        work.kind === 'agent' ? seated(work, task.attempt.agent).envelope.costUsd : Infinity,
      isAsked: false,
      unwatched: false,
    };
    this.runs.set(key, run);
    return run;
  }

  #begin(run: Run, { id, spec }: TaskIn<'claimed'>): void {
    if (run.state !== 'unclaimed') return;
    if (this.#mishap(0.2)) {
      run.state = 'refused';
      this.#hint(id);
      return;
    }
    for (const other of this.#alive)
      if (other.id === id)
        throw new Violation(
          `${id} runs twice at once, as attempts ${other.number} and ${run.number}`,
        );
    run.state = 'alive';
    this.#alive.add(run);
    run.process = { pid: this.#pid++, startTime: `${this.#clock.now}`, bootId: `${this.#boot}` };
    run.startedAt = this.#clock.wall;
    if (this.#mishap(0.3) || !this.#hint(id)) run.unwatched = true;
    if (spec.work.kind === 'agent') this.#agent(run, this.#random.int(1, 6));
    else this.#after(() => this.#end(run, { code: this.#mishap(2) ? 1 : 0 }));
  }

  #after(then: () => void): void {
    const { longest, fair } = this.#weather;
    const wait = this.#random.int(10, fair ? Math.min(longest, 60_000) : longest);
    this.#clock.after(this.#mishap(0.05) ? 2 * 3_600_000 : wait, then);
  }

  /** Turn after turn, each of which costs something, until it says what it came to. */
  #agent(run: Run, turns: number): void {
    this.#after(() => {
      if (run.state !== 'alive' || run.isAsked) return;
      const report = run.report ?? { ...EMPTY_REPORT, sessionId: 's' };
      const turnUsd = (run.ceilingUsd * this.#random.int(1, 40)) / 100;
      run.turnUsd = Math.max(run.turnUsd, turnUsd);
      const costUsd = (report.usage?.costUsd ?? 0) + turnUsd;
      const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: null, costUsd };
      run.report = { ...report, turns: report.turns + 1, usage };
      if (turns > 1) this.#agent(run, turns - 1);
      else this.#conclude(run);
      this.#hint(run.id);
    });
  }

  #conclude(run: Run): void {
    const outcome = this.#mishap(3) ? this.#failure() : ({ kind: 'ok' } as const);
    run.outcome = outcome;
    const ok = outcome.kind === 'ok';
    const final = { ok, text: null, failure: ok ? null : outcome.kind, message: null };
    if (run.report !== null) run.report = { ...run.report, final };
    if (!this.#mishap(0.5)) this.#end(run, { code: ok ? 0 : 1 });
  }

  #failure(): AgentOutcome {
    const message = 'so it is';
    if (this.#random.once(0.4))
      return { kind: this.#random.pick(['agent_error', 'no_final_answer']), message };
    const kind = this.#random.pick(['rate_limited', 'quota_exhausted', 'overloaded'] as const);
    const name = this.#random.pick(LIMITS);
    const until = name === 'until' ? this.#clock.wall + this.#random.int(0, 3_600_000) : null;
    return { kind, limit: { class: name, until, message }, message };
  }

  #end(run: Run, exit: Exit): void {
    if (run.state !== 'alive') return;
    this.#alive.delete(run);
    run.state = this.#mishap(0.3) ? 'vanished' : 'exited';
    run.exit = exit;
    run.endedAt = this.#clock.wall;
    run.endedAfter = this.#clock.now;
    this.#checkCost(run);
    if (!this.#mishap(0.2)) this.#hint(run.id);
  }

  #checkCost({ id, report, turnUsd, ceilingUsd, unwatched }: Run): void {
    const costUsd = report?.usage?.costUsd ?? 0;
    if (!unwatched && costUsd > ceilingUsd + turnUsd + 1e-9)
      throw new Violation(`${id} cost $${costUsd}, more than a turn above its $${ceilingUsd}`);
  }
}

const keyOf = ({ id, attempt }: Live): string => `${id}.${attempt.number}`;
