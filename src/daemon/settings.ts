import type { AgentSettings } from '../adapters/agents/catalog.ts';
import type { Receivers } from '../adapters/notify/notifier.ts';
import type { Limits } from '../domain/admission.ts';
import type { Choosing } from '../domain/choice.ts';
import type { Budget } from '../domain/budget.ts';
import type { ResumePolicy } from '../domain/holds.ts';
import type { Settings, WorkspaceSettings } from '../engine/context.ts';
import type { Configuration, Finding } from '../engine/facade.ts';
import { agentLimits } from './agent-limits.ts';
import { type Config, diskFloor, flatten, memoryFloor, readConfig } from './config.ts';
import { setValue } from './config-edit.ts';
import { resumeNow } from './config-resume.ts';
import { narrow, readProjectConfig } from './config-project.ts';

/** The person's configuration, read anew when `configure` changed it, narrowed by the project of a task. */
export class LiveSettings implements Settings {
  readonly #path: string;
  #config: Config;

  /** Throws `config_invalid`. */
  constructor(path: string) {
    this.#path = path;
    this.#config = readConfig(path);
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
    const { webhooks, onDone } = this.#lenient(cwd);
    return { webhooks: Object.keys(webhooks), onDone: onDone !== null };
  }

  /** A project file that cannot be read is refused here, where somebody sees it. Throws `config_invalid`. */
  defaults(cwd: string) {
    return this.#of(cwd).defaults;
  }

  receivers(cwd: string): Receivers {
    return this.#lenient(cwd);
  }

  /** Reads the file again. Throws `config_invalid` and keeps what holds now. */
  reload(): void {
    this.#config = readConfig(this.#path);
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
    if (warnings.length === 0) return [finding('ok', `${this.#path} is sound`)];
    return warnings.map((warning) => finding('note', warning));
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
