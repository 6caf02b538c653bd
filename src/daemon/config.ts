import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import { parse } from 'smol-toml';
import type { z } from 'zod';
import { acpAgent } from '../adapters/agents/acp/agent.ts';
import type { AgentSettings } from '../adapters/agents/catalog.ts';
import { customAgent } from '../adapters/agents/custom.ts';
import type { Receivers } from '../adapters/notify/notifier.ts';
import type { Budget } from '../domain/budget.ts';
import type { Choosing } from '../domain/choice.ts';
import type { NotifyPolicy } from '../domain/delivery.ts';
import { TendError } from '../domain/errors.ts';
import type { PermissionLayer } from '../domain/permission.ts';
import type { AgentOverride } from '../ports/agent.ts';
import type { Configuration } from '../engine/facade.ts';
import { agentsOf } from './config-agents.ts';
import { budgetsOf, flatBudgets } from './config-budgets.ts';
import { sourceOf } from './config-channels.ts';
import { choiceOf, flatChoice, unknownAgents } from './config-choice.ts';
import {
  absent,
  channelsOf,
  exposed,
  flatNotices,
  type NoticesConfig,
  noticesOf,
} from './config-notices.ts';
import { flatHooks, type HooksConfig } from './config-hooks.ts';
import { schemaProblem, syntaxProblem } from './config-problem.ts';
import { type LOG_LEVELS, type PersonFile, personSchema } from './config-schema.ts';
import { flatPermissions, permissionsOf } from './config-permissions.ts';
import type { ResumeConfig } from './config-resume.ts';
import { flatWorker, type WorkerConfig, workerOf } from './config-worker.ts';
import { flatWorkspace, type WorkspaceConfig, workspaceOf } from './config-workspace.ts';
import { durationText, sizeText } from './size.ts';

/** What holds for this node, defaults filled in. Bytes and milliseconds. */
export interface Config extends Receivers {
  limits: {
    slots: number;
    groups: Readonly<Record<string, number>>;
    labels: Readonly<Record<string, number>>;
    checks: number;
    /** Null = the default floor, which depends on the machine. */
    memoryFloor: number | null;
    outputKeep: number;
    outputLimit: number;
  };
  /** Null = the default floor, which depends on the disk. */
  disk: { floor: number | null };
  defaults: { timeout: number; grace: number; remind: number; notify: NotifyPolicy; retry: number };
  gc: { after: number; automatic: boolean };
  resume: ResumeConfig;
  /** Null = the daemon stays. */
  daemon: { idleExit: number | null; logLevel: (typeof LOG_LEVELS)[number] };
  agents: AgentSettings;
  choice: Choosing;
  budgets: readonly Budget[];
  /** Texts by name for the prompts of agents. */
  skills: Readonly<Record<string, string>>;
  templates: Readonly<Record<string, string>>;
  workspace: WorkspaceConfig;
  worker: WorkerConfig;
  hooks: HooksConfig;
  permissions: readonly PermissionLayer[];
  notices: NoticesConfig;
  /** What is legal but should be looked at; for `doctor`. */
  warnings: readonly string[];
}

const MOST_SLOTS = 256;
/** No sane configuration is longer; a device or a pipe never ends (bytes). */
const LONGEST_FILE = 1_000_000;

/** The person's configuration; a missing file means defaults. Throws `config_invalid`. */
export function readConfig(path: string): Config {
  const file = readText(path);
  const config = configOf(parseConfig(path, file?.text ?? ''));
  const unknown = unknownAgents(config.choice, config.agents);
  const holders = exposed(path, file?.mode ?? 0, config);
  return { ...config, warnings: [...holders, ...absent(config), ...unknown] };
}

/** The text of a person's file, checked whole. Throws `config_invalid`. */
export const parseConfig = (path: string, text: string): PersonFile =>
  checked(path, text, personSchema);

/** A text that is TOML and fits the schema. Throws `config_invalid`. */
export function checked<T extends z.ZodType>(path: string, text: string, schema: T): z.output<T> {
  const result = schema.safeParse(parsed(path, text));
  if (result.success) return result.data;
  throw schemaProblem(path, text, result.error, schema);
}

/** The text as plain data. Throws `config_invalid`. */
export function parsed(path: string, text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    throw syntaxProblem(path, error);
  }
}

/** A regular file's text, mode and owner; null when there is none. Throws `config_invalid`. */
export function readText(path: string): { text: string; mode: number; owner: number } | null {
  let descriptor: number | null = null;
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const { mode, uid, size } = fs.fstatSync(descriptor);
    if ((mode & fs.constants.S_IFMT) !== fs.constants.S_IFREG) throw unreadable(path, 'is no file');
    if (size > LONGEST_FILE) throw unreadable(path, 'is too long for a configuration');
    return { text: fs.readFileSync(descriptor, 'utf8'), mode: mode & 0o7777, owner: uid };
  } catch (error) {
    if (error instanceof TendError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(path, `cannot be read (${code})`, error);
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

const unreadable = (path: string, what: string, cause?: unknown): TendError =>
  new TendError('config_invalid', `${path} ${what}`, 'Make it a readable text file.', cause);

/** The floor of available memory on a machine that has `total` bytes. */
export const memoryFloor = ({ limits }: Config, total: number): number =>
  limits.memoryFloor ?? Math.min(256e6, total / 20);

/** The floor of free space on a disk of `total` bytes. */
export const diskFloor = ({ disk }: Config, total: number): number =>
  disk.floor ?? Math.min(1e9, total / 20);

function configOf(file: PersonFile): Config {
  const { limits, disk, defaults, gc, on_done: onDone, webhooks, daemon } = file;
  return {
    limits: {
      slots: limits.slots ?? Math.min(availableParallelism(), MOST_SLOTS),
      groups: limits.groups,
      labels: limits.labels,
      checks: limits.checks,
      memoryFloor: limits.memory_floor ?? null,
      outputKeep: limits.output_keep,
      outputLimit: limits.output_limit,
    },
    disk: { floor: disk.floor ?? null },
    defaults,
    gc,
    resume: file.resume,
    onDone: onDone.command ?? null,
    webhooks: mapValues(webhooks, (one) => ({
      url: one.url,
      events: one.events,
      secret: sourceOf(one.secret, one.secret_file, one.secret_env),
      publicOnly: false,
    })),
    daemon: {
      idleExit: daemon.idle_exit === 'off' ? null : daemon.idle_exit,
      logLevel: daemon.log_level,
    },
    agents: agentSettings(file.agents),
    choice: choiceOf(file.auto, Object.keys(file.agents)),
    budgets: budgetsOf(file.budgets),
    skills: textsOf(file.skills, 'skills'),
    templates: textsOf(file.templates, 'templates'),
    workspace: workspaceOf(file.workspace),
    channels: channelsOf(file.channels),
    notices: noticesOf(file),
    worker: workerOf(file.questions, file.worker),
    hooks: file.hooks,
    permissions: permissionsOf(file.permissions),
    warnings: [],
  };
}

/** Each text by its name. Throws `config_invalid` for a file that cannot be read. */
function textsOf(given: PersonFile['skills'], section: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(given).map(([called, { text: own, file }]) => {
      const content = own ?? (file === undefined ? undefined : readText(file)?.text);
      if (content !== undefined) return [called, content];
      throw new TendError(
        'config_invalid',
        `${section}.${called}: there is no file ${file}`,
        'Make the file, or name another one.',
      );
    }),
  );
}

function agentSettings(file: PersonFile['agents']): AgentSettings {
  const { overrides, custom } = agentsOf(file);
  return { overrides, custom: custom.map((definition) => customAgent(definition, acpAgent)) };
}

export const mapValues = <T, U>(
  given: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, change(value)]));

/** The effective values by their dotted names in the file, as they would be written there; no secrets. */
export function flatten(config: Config): Configuration['values'] {
  const { limits, disk, defaults, gc, daemon } = config;
  return {
    'limits.slots': limits.slots,
    ...named('limits.groups', limits.groups),
    ...named('limits.labels', limits.labels),
    'limits.checks': limits.checks,
    'limits.memory_floor': limits.memoryFloor === null ? null : sizeText(limits.memoryFloor),
    'limits.output_keep': sizeText(limits.outputKeep),
    'limits.output_limit': sizeText(limits.outputLimit),
    'disk.floor': disk.floor === null ? null : sizeText(disk.floor),
    'defaults.timeout': durationText(defaults.timeout),
    'defaults.grace': durationText(defaults.grace),
    'defaults.remind': durationText(defaults.remind),
    'defaults.notify': defaults.notify,
    'defaults.retry': defaults.retry,
    'gc.after': durationText(gc.after),
    'gc.automatic': gc.automatic,
    'resume.automatic': config.resume.automatic,
    'resume.quiet': config.resume.quiet,
    'on_done.command': config.onDone,
    ...flatNotices(config.notices, config),
    ...Object.fromEntries(Object.entries(config.agents.overrides).flatMap(flatAgent)),
    ...flatChoice(config.choice),
    ...flatBudgets(config.budgets),
    ...flatWorkspace(config.workspace),
    ...flatWorker(config.worker),
    ...flatHooks(config.hooks),
    ...flatPermissions(config.permissions),
    'daemon.idle_exit': daemon.idleExit === null ? 'off' : durationText(daemon.idleExit),
    'daemon.log_level': daemon.logLevel,
  };
}

const named = (section: string, values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${section}.${name}`, value]));

/** Variables may hold keys, so that only their names are shown. */
function flatAgent([name, given]: [string, AgentOverride]): [string, string | number | boolean][] {
  const values = {
    program: given.program,
    model: given.model,
    tier: given.tier,
    permissions: given.permissions,
    turns: given.turns,
    cost_usd: given.costUsd,
    minutes: given.minutes,
    isolated: given.isolated,
    on_quota: given.onQuota,
    fallback: given.fallback?.join(', '),
    max_concurrent: given.maxConcurrent,
    ...Object.fromEntries(Object.keys(given.env ?? {}).map((key) => [`env.${key}`, '(hidden)'])),
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[`agents.${name}.${key}`, value]],
  );
}
