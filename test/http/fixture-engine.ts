import { NO_OUTPUT, type EndedAttempt, type OpenAttempt } from '../../src/domain/attempt.ts';
import { UTC } from '../../src/domain/civil.ts';
import { TendError } from '../../src/domain/errors.ts';
import { isTerminal } from '../../src/domain/lifecycle.ts';
import {
  type EndedTask,
  type Step,
  step,
  type Task,
  type TaskIn,
  type Work,
} from '../../src/domain/task.ts';
import { changes } from '../../src/engine/changes.ts';
import { costReport, type CostRequest } from '../../src/engine/cost.ts';
import type * as facade from '../../src/engine/facade.ts';
import { until } from '../../src/engine/feed.ts';
import { NO_AGENTS } from './fixture-agents.ts';
import { fixtureBatches } from './fixture-batches.ts';
import { CountedFeed } from './fixture-feed.ts';
import { DEFAULTS, FIXTURE_INFO, NODE } from './fixture-info.ts';
import { fixtureInputs, fixtureWatches } from './fixture-inputs.ts';
import { fixtureSchedules } from './fixture-schedules.ts';
import { fixtureQuestions } from './fixture-questions.ts';
import { FixtureShared } from './fixture-shared.ts';
import { fixtureMerges } from './fixture-merges.ts';
import { fixtureWork } from './fixture-work.ts';

/** No agent lives here: a prompt is kept as the line that it is. */
const workOf = ({ spec: { work } }: facade.SubmitRequest): Work =>
  work.kind === 'ask' ? { kind: 'command', command: work.prompt, shell: '/bin/sh' } : work;

/** An engine on the memory store whose tasks do what the test says: nothing runs by itself. */
export class FixtureEngine extends FixtureShared implements facade.Engine {
  readonly feed = new CountedFeed();
  readonly outputs = new Map<string, Buffer>();
  readonly submitted: facade.SubmitRequest[] = [];
  stopped = 0;
  settings = new Map<string, string>();
  readonly asking = fixtureQuestions({
    store: this.store,
    feed: this.feed,
    find: (id) => this.find(id),
  });
  readonly questions = this.asking.questions;
  readonly worker = this.asking.worker;
  #count = 0;

  readonly info = FIXTURE_INFO;

  defaults = (): facade.SubmitDefaults => DEFAULTS;

  async submit(request: facade.SubmitRequest): Promise<facade.Submitted> {
    this.submitted.push(request);
    const result = await this.store.submit({
      id: request.id,
      freshId: `t-${String(++this.#count).padStart(8, '0')}`,
      spec: { ...request.spec, work: workOf(request), environment: null, depth: 0 },
      contentHash: JSON.stringify({ ...request.spec, id: request.id }),
      runAt: request.runAt,
      now: Date.now(),
      node: NODE,
    });
    this.feed.announce(result.task);
    return result;
  }

  retry(task: EndedTask, { environment }: facade.RetryChange) {
    const spec = { ...task.spec, key: null, retryOf: task.id };
    return this.submit({ id: null, spec, environment: environment ?? {}, runAt: null });
  }

  resume(task: EndedTask) {
    const spec = { ...task.spec, key: null, resumeOf: task.id };
    return this.submit({ id: null, spec, environment: {}, runAt: null });
  }

  readonly schedules = fixtureSchedules(this.store);

  readonly batches = fixtureBatches(this.store, (request) => this.submit(request));

  readonly agents = NO_AGENTS;

  readonly work = fixtureWork((id) => this.find(id));
  readonly merges = fixtureMerges();
  readonly inputs = fixtureInputs((id) => this.find(id));
  readonly watches = fixtureWatches(this.store, (id) => this.find(id));

  async find(prefix: string): Promise<Task> {
    const ids = await this.store.resolve(prefix, 2);
    const task = ids.length === 1 ? await this.store.get(ids[0] ?? '') : null;
    if (task !== null) return task;
    const code = ids.length > 1 ? 'ambiguous_id' : 'not_found';
    throw new TendError(code, `"${prefix}" names no task`, 'Look: tend ls');
  }

  list = (query: facade.TaskQuery) => this.store.list(query);
  history = (id: string) => this.store.history(id);
  counts = () => this.store.counts();

  cost = (request: CostRequest) =>
    costReport(
      { store: this.store, clock: { now: Date.now, monotonic: Date.now } },
      { zone: UTC, spendings: async () => [] },
      request,
    );

  async describe(tasks: readonly Task[]): Promise<facade.Description[]> {
    return tasks.map((task) => ({
      task,
      attempts: task.attempt === null ? [] : [task.attempt],
      wait:
        task.state === 'queued'
          ? {
              block: { reason: 'slots', what: null, until: null, detail: null },
              hold: null,
              ahead: null,
            }
          : null,
      children: [],
      output: {
        path: `/out/${task.id}`,
        stderrPath: null,
        bytes: this.#output(task.id).byteLength,
        truncated: false,
        tail: this.#output(task.id).subarray(-300).toString(),
      },
      lastActivityAt: null,
      merge: null,
      trashed: null,
      hostId: 'host',
      inputs: [],
      now: Date.now(),
    }));
  }

  async stop(id: string): Promise<Task> {
    const task = await this.find(id);
    if (task.state === 'queued' || task.state === 'waiting')
      return this.#take(
        step('cancel', task, { state: 'cancelled', attempt: null, reason: 'user', endedAt: 1 }, 1),
      );
    return task;
  }

  async settled(
    ids: readonly string[],
    given: { any: boolean; timeout: number | null; signal: AbortSignal },
  ) {
    const tasks = () => Promise.all(ids.map((id) => this.find(id)));
    const done = async () => {
      const ended = (await tasks()).map((task) => isTerminal(task.state));
      return given.any ? ended.some(Boolean) : ended.every(Boolean);
    };
    const concerns = (task: Task) => ids.includes(task.id);
    const inTime = await until(this.feed, concerns, done, given.timeout, given.signal);
    return { tasks: await tasks(), timedOut: !inTime };
  }

  async read(id: string, request: facade.OutputRequest): Promise<facade.OutputSlice> {
    const all = this.#output(id);
    const offset = request.tail === null ? (request.offset ?? 0) : all.length - request.tail;
    const data = all.subarray(Math.max(0, offset), Math.max(0, offset) + request.limit);
    return {
      stream: request.stream ?? 'output',
      offset: all.length - all.subarray(Math.max(0, offset)).length,
      nextOffset: Math.max(0, offset) + data.length,
      size: all.length,
      truncated: false,
      ended: isTerminal((await this.find(id)).state),
      data,
    };
  }

  async *follow(id: string, request: facade.OutputRequest, signal: AbortSignal) {
    let next = request;
    while (!signal.aborted) {
      const slice = await this.read(id, next);
      next = { ...next, offset: slice.nextOffset, tail: null };
      if (slice.data.length > 0) yield slice;
      else if (slice.ended) return;
      else {
        const ready = async () =>
          this.#output(id).length > slice.size || isTerminal((await this.find(id)).state);
        await until(this.feed, (task) => task.id === id, ready, null, signal);
      }
    }
  }

  changes = (after: number | null, only: string | null, signal: AbortSignal) =>
    changes(this.store, this.feed, after, only, signal);

  async inbox(query: { owner: string; limit: number; wait: number }, signal: AbortSignal) {
    const some = async () => (await this.store.inbox(query)).length > 0;
    await until(this.feed, () => true, some, query.wait, signal);
    const deliveries = await this.store.inbox(query);
    return Promise.all(
      deliveries.map(async (delivery) => ({ delivery, task: await this.find(delivery.taskId) })),
    );
  }

  ack = (owner: string, ids: readonly string[]) => this.store.ack(owner, ids, Date.now());

  async remove(id: string): Promise<facade.GcResult['worktrees']> {
    if (!(await this.store.remove(id)))
      throw new TendError('protected', `${id} is protected`, 'Acknowledge first.');
    return [];
  }

  gc = async (): Promise<facade.GcResult> => ({
    removed: [],
    kept: 0,
    freedBytes: 0,
    refused: [],
    worktrees: [],
    purged: { gone: [], kept: [] },
  });
  doctor = async (): Promise<facade.Finding[]> => [
    { check: 'store', level: 'ok', message: 'fine', taskId: null },
  ];
  configuration = () => ({ path: '/c', values: Object.fromEntries(this.settings) });

  async configure(name: string, value: string) {
    this.settings.set(name, value);
    return this.configuration();
  }

  shutdown(): void {
    this.stopped += 1;
  }

  #output = (id: string): Buffer => this.outputs.get(id) ?? Buffer.alloc(0);

  async #take(next: Step): Promise<Task> {
    const task = await this.store.commit([next], { webhooks: [], onDone: false });
    if (task === null) throw new RangeError('stale step');
    this.feed.announce(task);
    return task;
  }

  /** The task writes. */
  async write(id: string, text: string | Uint8Array): Promise<void> {
    this.outputs.set(id, Buffer.concat([this.#output(id), Buffer.from(text)]));
    this.feed.announce(await this.find(id));
  }

  /** A queued task starts. */
  async start(id: string): Promise<void> {
    const open: OpenAttempt = {
      number: 1,
      node: NODE,
      claimedAt: 1,
      process: null,
      startedAt: null,
      deadlineAt: null,
      endedAt: null,
      outcome: null,
    };
    const queued = (await this.find(id)) as TaskIn<'queued'>;
    const claimed = await this.#take(
      step('claim', queued, { state: 'claimed', attempt: open }, Date.now()),
    );
    const process = { pid: 4242, startTime: '1', bootId: 'b' };
    const attempt = { ...open, process, startedAt: 2, deadlineAt: 3, idleFrom: 0 };
    await this.#take(
      step('start', claimed as TaskIn<'claimed'>, { state: 'running', attempt }, Date.now()),
    );
  }

  /** A running task ends with `code`. */
  async finish(id: string, code = 0): Promise<void> {
    const running = (await this.find(id)) as TaskIn<'running'>;
    const attempt: EndedAttempt = {
      ...running.attempt,
      endedAt: Date.now(),
      outcome: { kind: 'exited', code },
      exit: { code },
      output: NO_OUTPUT,
      survivors: [],
    };
    const finishing = (await this.#take(
      step('exit', running, { state: 'finishing', attempt }, Date.now()),
    )) as TaskIn<'finishing'>;
    const endedAt = Date.now();
    await this.#take(
      code === 0
        ? step('complete', finishing, { state: 'completed', attempt, endedAt }, endedAt)
        : step(
            'fail',
            finishing,
            { state: 'failed', attempt, endedAt, reason: 'exit_code' },
            endedAt,
          ),
    );
  }
}
