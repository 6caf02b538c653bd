/** What every test of real processes stands on: a state folder of its own, tasks, conditions, and no leftovers. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import type { ProcessIdentity } from '../../src/domain/attempt.ts';
import type { AttemptEvidence } from '../../src/domain/evidence.ts';
import { NO_RETRY } from '../../src/domain/retry.ts';
import type { TaskIn, TaskSpec, Work } from '../../src/domain/task.ts';
import { StoredEnvironments } from '../../src/adapters/process/environments.ts';
import { type ProcessOptions, ProcessSupervisor } from '../../src/adapters/process/supervisor.ts';

export const FIXTURES = join(import.meta.dirname, '../fixtures/bin');
export const fixture = (name: string): string => join(FIXTURES, name);

const SPEC: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'test',
  cwd: '/',
  environment: null,
  owner: 'cli:0',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 60_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};

export const argv = (...words: string[]): Work => ({ kind: 'command', argv: words });
export const line = (command: string): Work => ({ kind: 'command', command, shell: '/bin/sh' });

/** Until `check` answers something; fails after `cap` ms. */
export async function until<T>(
  check: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  cap = 10_000,
): Promise<T> {
  const deadline = performance.now() + cap;
  for (;;) {
    const answer = await check();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline)
      throw new Error(`not true within ${cap} ms: ${check.toString()}`);
    await pause(2);
  }
}

/** One state folder with a supervisor on it. */
export class Ground {
  readonly state: string;
  readonly supervisors: ProcessSupervisor[] = [];
  supervisor: ProcessSupervisor;
  environments: StoredEnvironments;
  #count = 0;

  constructor(options: Partial<ProcessOptions> = {}, base = tmpdir()) {
    this.state = fs.realpathSync(fs.mkdtempSync(join(base, 'tend-process-')));
    this.environments = new StoredEnvironments(this.state);
    this.supervisor = this.another(options);
  }

  /** A further daemon on the same state. */
  another(options: Partial<ProcessOptions> = {}): ProcessSupervisor {
    const made = new ProcessSupervisor({ state: this.state, umask: 0o022, ...options });
    this.supervisors.push(made);
    return made;
  }

  task(work: Work, spec: Partial<TaskSpec> = {}, number = 1): TaskIn<'claimed'> {
    this.#count += 1;
    const now = Date.now();
    return {
      id: `t-${process.pid}-${this.#count}`,
      version: 2,
      node: 'here',
      createdAt: now,
      spec: { ...SPEC, cwd: this.state, ...spec, work },
      state: 'claimed',
      attempt: {
        number,
        node: 'here',
        claimedAt: now,
        process: null,
        startedAt: null,
        deadlineAt: null,
        endedAt: null,
        outcome: null,
      },
    };
  }

  folder(task: TaskIn<'claimed'>): string {
    return join(this.state, 'tasks', task.id, String(task.attempt.number));
  }

  read(task: TaskIn<'claimed'>, name: string): string {
    return fs.readFileSync(join(this.folder(task), name), 'utf8');
  }

  async launch(work: Work, spec: Partial<TaskSpec> = {}): Promise<TaskIn<'claimed'>> {
    const task = this.task(work, spec);
    await this.supervisor.launch(task);
    return task;
  }

  alive(task: TaskIn<'claimed'>): Promise<ProcessIdentity> {
    return until(async () => {
      const evidence = await this.supervisor.inspect(task);
      return evidence.kind === 'alive' && evidence.process;
    });
  }

  /** Evidence of the end. */
  over(task: TaskIn<'claimed'>): Promise<Exclude<AttemptEvidence, { kind: 'none' | 'alive' }>> {
    return until(async () => {
      const evidence = await this.supervisor.inspect(task);
      return evidence.kind !== 'none' && evidence.kind !== 'alive' && evidence;
    });
  }

  async exit(task: TaskIn<'claimed'>): Promise<unknown> {
    const evidence = await this.over(task);
    return evidence.kind === 'exited' ? evidence.exit : evidence;
  }

  /** Launches and waits for the end. */
  async run(work: Work, spec: Partial<TaskSpec> = {}): Promise<unknown> {
    return this.exit(await this.launch(work, spec));
  }

  async close(): Promise<void> {
    await Promise.all(this.supervisors.map((one) => one.close()));
    await until(() => everything(this.state).length === 0, 3_000).catch(() => undefined);
    const left = everything(this.state);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    fs.rmSync(this.state, { recursive: true, force: true });
    expect(left).toEqual([]);
  }
}

/** Processes that work in the folder or carry it in their environment. */
export function everything(folder: string): { pid: number; command: string; cwd: string }[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => (pid === process.pid ? [] : processIn(pid, folder)));
}

/** The same without the launchers, which live as long as their daemon. */
export const living = (folder: string): { pid: number; command: string; cwd: string }[] =>
  everything(folder).filter(({ cwd }) => cwd !== join(folder, 'tasks'));

function processIn(pid: number, folder: string): { pid: number; command: string; cwd: string }[] {
  try {
    const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
    const isInside = cwd === folder || cwd.startsWith(`${folder}/`);
    if (!isInside && !fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder)) return [];
    if (/^State:\s*[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))) return [];
    return [{ pid, cwd, command: fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1') }];
  } catch {
    return [];
  }
}

/** A fresh ground for each test of the file, clean afterwards. */
export function eachOnGround(options: Partial<ProcessOptions> = {}): () => Ground {
  let ground: Ground;
  beforeEach(() => {
    ground = new Ground(options);
  });
  afterEach(async () => {
    await ground.close();
  });
  return () => ground;
}

export const stopping = (task: TaskIn<'claimed'>): TaskIn<'stopping'> => ({
  ...task,
  state: 'stopping',
  stop: { reason: 'user', requestedAt: Date.now(), killAt: Date.now() },
});
