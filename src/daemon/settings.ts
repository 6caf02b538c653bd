import type { AgentSettings } from '../adapters/agents/catalog.ts';
import type { Receivers } from '../adapters/notify/notifier.ts';
import type { Limits } from '../domain/admission.ts';
import type { Choosing } from '../domain/choice.ts';
import type { Budget } from '../domain/budget.ts';
import type { PermissionLayer } from '../domain/permission.ts';
import type { ResumePolicy } from '../domain/holds.ts';
import type { Settings, WorkspaceSettings } from '../engine/context.ts';
import type { NoticeSettings } from '../engine/notice-settings.ts';
import type { Configuration, Finding } from '../engine/facade.ts';
import { agentLimits } from './agent-limits.ts';
import { type Config, diskFloor, flatten, memoryFloor, readConfig } from './config.ts';
import { setValue } from './config-edit.ts';
import { noticeSettings } from './config-notices.ts';
import { unreadableProject } from './config-permissions.ts';
import { HookBook } from './hook-book.ts';
import { resumeNow } from './config-resume.ts';
import { narrow, readProjectConfig } from './config-project.ts';
import { TrustFile } from './trust-file.ts';

/** The person's configuration, read anew when `configure` changed it, narrowed by the project of a task. */
export class LiveSettings implements Settings {
  readonly #path: string;
  #config: Config;
  /** Made of the configuration when first asked for: to ask for a zone takes long. */
  #notices: NoticeSettings | null = null;

  readonly #tools: Settings['workerTools'];
  readonly hooks: HookBook;

  /**
   * `tools` = how this installation serves the tools of the worker; `trusted` = the file of the projects that the person
   * trusts, null = none is. Throws `config_invalid`.
   */
  constructor(path: string, tools: Settings['workerTools'] = null, trusted: string | null = null) {
    this.#path = path;
    this.#tools = tools;
    this.#config = readConfig(path);
    this.hooks = new HookBook(() => this.#config.hooks, new TrustFile(trusted));
  }

  get config(): Config {
    return this.#config;
  }

  get limits(): Limits {
    const { slots, groups, labels, checks } = this.#config.limits;
    return { slots, groups, labels, checks, agents: agentLimits(this.#config.agents) };
  }

  memoryFloor(total: number): number {
    return memoryFloor(this.#config, total);
  }

  resume(now: number): ResumePolicy {
    return resumeNow(this.#config.resume, now);
  }

  get budgets(): readonly Budget[] {
    return this.#config.budgets;
  }

  get outputKeep(): number {
    return this.#config.limits.outputKeep;
  }

  get skills(): Readonly<Record<string, string>> {
    return this.#config.skills;
  }

  get templates(): Readonly<Record<string, string>> {
    return this.#config.templates;
  }

  get choice(): Choosing {
    return this.#config.choice;
  }

  /** What the person set for agents, and their own ones. */
  get agents(): AgentSettings {
    return this.#config.agents;
  }

  get questionDeadline(): number | null {
    return this.#config.worker.questionDeadline;
  }

  get workerTools(): Settings['workerTools'] {
    return this.#config.worker.tools ? this.#tools : null;
  }

  /** The rules of a project that cannot be read may have been strict. */
  permissions(cwd: string): readonly PermissionLayer[] {
    try {
      return this.#of(cwd).permissions;
    } catch {
      return [...this.#config.permissions, unreadableProject];
    }
  }

  get gcAfter(): number {
    return this.#config.gc.after;
  }

  get gcAutomatic(): boolean {
    return this.#config.gc.automatic;
  }

  get trashAfter(): number {
    return this.#config.workspace.trashAfter;
  }

  /** As with `defaults`: where it is asked for, a broken project file is refused. Throws `config_invalid`. */
  workspace(cwd: string): WorkspaceSettings {
    return this.#of(cwd).workspace;
  }

  diskFloor(total: number): number {
    return diskFloor(this.#config, total);
  }

  outputLimit(cwd: string): number {
    return this.#lenient(cwd).limits.outputLimit;
  }

  targets(cwd: string) {
    const { webhooks, channels = {}, onDone } = this.#lenient(cwd);
    return {
      webhooks: Object.keys(webhooks),
      channels: Object.keys(channels),
      hooks: this.hooks.subscribers(cwd),
      onDone: onDone !== null,
    };
  }

  beforeRun(cwd: string): boolean {
    return this.hooks.asksBeforeRun(cwd);
  }

  /** A project file that cannot be read is refused here, where somebody sees it. Throws `config_invalid`. */
  defaults(cwd: string) {
    const { defaults, notices } = this.#of(cwd);
    return { ...defaults, criteria: notices.criteria };
  }

  notices(): NoticeSettings {
    return (this.#notices ??= noticeSettings(this.#config.notices, this.#config));
  }

  /** Of a task that worked in `cwd`; null = of the person. */
  receivers(cwd: string | null): Receivers {
    return cwd === null ? this.#config : this.#lenient(cwd);
  }

  /** Reads the file again. Throws `config_invalid` and keeps what holds now. */
  reload(): void {
    this.#config = readConfig(this.#path);
    this.#notices = null;
  }

  configuration(): Configuration {
    return { path: this.#path, values: flatten(this.#config) };
  }

  configure(name: string, value: string): Configuration {
    setValue(this.#path, name, value);
    this.reload();
    return this.configuration();
  }

  findings(): Finding[] {
    const { warnings } = this.#config;
    const changed = this.hooks.findings();
    if (warnings.length === 0) return [finding('ok', `${this.#path} is sound`), ...changed];
    return [...warnings.map((warning) => finding('note', warning)), ...changed];
  }

  #of(cwd: string): Config {
    const project = readProjectConfig(cwd);
    return project === null ? this.#config : narrow(this.#config, project);
  }

  /** A task that is on its way must not fail for a project file that was broken meanwhile. */
  #lenient(cwd: string): Config {
    try {
      return this.#of(cwd);
    } catch {
      return this.#config;
    }
  }
}

const finding = (level: Finding['level'], message: string): Finding => ({
  check: 'config',
  level,
  message,
  taskId: null,
});
