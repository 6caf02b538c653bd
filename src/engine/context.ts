import type { Limits } from '../domain/admission.ts';
import type { Budget } from '../domain/budget.ts';
import type { Choosing } from '../domain/choice.ts';
import type { ResumePolicy } from '../domain/holds.ts';
import type { PermissionLayer } from '../domain/permission.ts';
import type { PushTargets } from '../domain/delivery.ts';
import type { SubmitDefaults } from './facade.ts';
import type { NoticeSettings } from './notice-settings.ts';
import type { Agents, WorkerTools } from '../ports/agent.ts';
import type { Calendar } from '../ports/calendar.ts';
import type { Chance } from '../ports/chance.ts';
import type { Classifier } from '../ports/classifier.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hooks } from '../ports/hooks.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Output } from '../ports/output.ts';
import type { Store } from '../ports/store.ts';
import type { Environments, Supervisor } from '../ports/supervisor.ts';
import type { Merging } from '../ports/merging.ts';
import type { Trash } from '../ports/trash.ts';
import type { WorkerTokens } from '../ports/worker-tokens.ts';
import type { Workspaces } from '../ports/workspace.ts';

/** The world as the engine reaches it. */
export interface Ports {
  store: Store;
  supervisor: Supervisor;
  environments: Environments;
  workspaces: Workspaces;
  merging: Merging;
  trash: Trash;
  output: Output;
  agents: Agents;
  tokens: WorkerTokens;
  calendar: Calendar;
  notifier: Notifier;
  hooks: Hooks;
  classifier: Classifier;
  clock: Clock;
  chance: Chance;
}

/** What configuration says now; read anew at each use, so that a change needs no restart. Bytes and ms. */
export interface Settings {
  limits: Limits;
  /** Available memory (bytes) below which nothing new starts, of `total`. */
  memoryFloor(total: number): number;
  /** Whether tasks that a limit put back start again by themselves, now. */
  resume(now: number): ResumePolicy;
  budgets: readonly Budget[];
  /** A task of `cwd` whose running output grows beyond this is stopped. */
  outputLimit(cwd: string): number;
  /** An ended stream keeps this much of its end. */
  outputKeep: number;
  /** Free space below which nothing new starts, of a disk of `total` bytes. */
  diskFloor(total: number): number;
  /** Who is told of the end of a task that worked in `cwd`. */
  targets(cwd: string): PushTargets;
  /** Whether a hook is asked before a task of `cwd` runs; left out = none ever is. */
  beforeRun?(cwd: string): boolean;
  /** How people are told; left out = as nobody configured anything. */
  notices?(): NoticeSettings;
  /** What a submit from `cwd` means when it says nothing. */
  defaults(cwd: string): SubmitDefaults;
  /** Texts by name that go into the prompts of agents. */
  skills: Readonly<Record<string, string>>;
  templates: Readonly<Record<string, string>>;
  /** How an agent is chosen for who names none. */
  choice: Choosing;
  /** How long a question waits for its answer (ms); null = for ever. */
  questionDeadline: number | null;
  /** How the server of the worker's tools is started, but for its token; null = agents get none. */
  workerTools: Pick<WorkerTools, 'command' | 'args' | 'env'> | null;
  /** What a worker may do that works in `cwd`, as all say who have a say. */
  permissions(cwd: string): readonly PermissionLayer[];
  gcAfter: number;
  gcAutomatic: boolean;
  /** What holds for the work of a task that is asked for in `cwd`. */
  workspace(cwd: string): WorkspaceSettings;
  /** What was taken away is kept this long (ms). */
  trashAfter: number;
}

/** What configuration says of work trees, and of what is asked of the work in them. */
export interface WorkspaceSettings {
  /** Where agents work that were not told, in a repository. */
  agents: 'none' | 'worktree' | 'in_place';
  /** Line for the shell, run once in each new work tree; null = none. */
  setup: string | null;
  links: readonly string[];
  keepIgnored: readonly string[];
  /** A line for the shell, `auto` or `none`. */
  verify: string;
  /** Ms. */
  verifyTimeout: number;
  review: boolean;
  denied: readonly string[];
  /** Template of the message of a merge; null = our own words. */
  mergeMessage: string | null;
}

/** Reports a pass that threw; the engine itself never logs. */
export type Report = (error: unknown, what: string) => void;
