import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Webhook } from '../adapters/notify/webhook.ts';
import { checked, type Config, mapValues, readText } from './config.ts';
import type { HooksConfig } from './config-hooks.ts';
import { type ProjectFile, projectSchema } from './config-schema.ts';
import { narrowPermissions } from './config-permissions.ts';
import { narrowWorkspace } from './config-workspace.ts';

/** What a repository asks for; only what narrows the person's configuration. */
export interface ProjectConfig {
  outputLimit: number | null;
  timeout: number | null;
  grace: number | null;
  retry: number | null;
  webhooks: Readonly<Record<string, Webhook>>;
  workspace: ProjectFile['workspace'];
  permissions: ProjectFile['permissions'];
  warnings: readonly string[];
}

const FILE = '.tend.toml';

/**
 * The `.tend.toml` at the root of the repository around `cwd`; null without one. A file of another user
 * is not followed, only warned of. Throws `config_invalid`.
 */
export function readProjectConfig(cwd: string): ProjectConfig | null {
  const project = projectText(cwd);
  if (project === null) return null;
  const { path, text, isForeign } = project;
  if (isForeign)
    return { ...NOTHING, warnings: [`${path} belongs to another user and is not followed`] };
  return text === null ? null : projectOf(parseProjectConfig(path, text));
}

/** The file of a project, unread. */
export interface ProjectText {
  /** Of the repository. */
  root: string;
  path: string;
  /** Null = there is none, or none that is followed. */
  text: string | null;
  isForeign: boolean;
}

/** That of the repository around `cwd`; null = there is no repository. Throws `config_invalid`. */
export function projectText(cwd: string): ProjectText | null {
  const root = repositoryAround(cwd);
  if (root === null) return null;
  const path = join(root, FILE);
  const file = readText(path);
  const isForeign = file !== null && file.owner !== process.getuid?.() && file.owner !== 0;
  return { root, path, text: isForeign ? null : (file?.text ?? null), isForeign };
}

/** What it asks to be called, whether it is trusted or not. Throws `config_invalid`. */
export const hooksOfProject = ({ path, text }: ProjectText): HooksConfig =>
  text === null ? {} : parseProjectConfig(path, text).hooks;

/** The text of a project's file, checked whole. Throws `config_invalid`. */
const parseProjectConfig = (path: string, text: string): ProjectFile =>
  checked(path, text, projectSchema);

function repositoryAround(cwd: string): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (fs.existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

const NOTHING: ProjectConfig = {
  outputLimit: null,
  timeout: null,
  grace: null,
  retry: null,
  webhooks: {},
  workspace: { review: false, denied: [] },
  permissions: { rule: [] },
  warnings: [],
};

function projectOf({
  limits,
  defaults,
  webhooks,
  workspace,
  permissions,
}: ProjectFile): ProjectConfig {
  return {
    outputLimit: limits.output_limit ?? null,
    timeout: defaults.timeout ?? null,
    grace: defaults.grace ?? null,
    retry: defaults.retry ?? null,
    webhooks: mapValues(webhooks, ({ url, events, secret }) => ({
      url,
      events,
      secret: secret === undefined ? null : ({ kind: 'value', value: secret } as const),
      publicOnly: true,
    })),
    workspace,
    permissions,
    warnings: [],
  };
}

const lesser = (a: number, b: number | null): number => (b === null ? a : Math.min(a, b));

/** The person's configuration for tasks of the project: nothing becomes wider, and no receiver is replaced. */
export function narrow(person: Config, project: ProjectConfig): Config {
  return {
    ...person,
    limits: {
      ...person.limits,
      outputLimit: lesser(person.limits.outputLimit, project.outputLimit),
    },
    defaults: {
      ...person.defaults,
      timeout: lesser(person.defaults.timeout, project.timeout),
      grace: lesser(person.defaults.grace, project.grace),
      retry: lesser(person.defaults.retry, project.retry),
    },
    webhooks: {
      ...mapValues(project.webhooks, (one) => ({ ...one, publicOnly: true })),
      ...person.webhooks,
    },
    workspace: narrowWorkspace(person.workspace, project.workspace),
    permissions: narrowPermissions(person.permissions, project.permissions),
    warnings: [...person.warnings, ...project.warnings],
  };
}
