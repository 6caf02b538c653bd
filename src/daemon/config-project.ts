import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Webhook } from '../adapters/notify/webhook.ts';
import { checked, type Config, mapValues, readText } from './config.ts';
import { type ProjectFile, projectSchema } from './config-schema.ts';
import { narrowWorkspace } from './config-workspace.ts';

/** What a repository asks for; only what narrows the person's configuration. */
export interface ProjectConfig {
  outputLimit: number | null;
  timeout: number | null;
  grace: number | null;
  retry: number | null;
  webhooks: Readonly<Record<string, Webhook>>;
  workspace: ProjectFile['workspace'];
  warnings: readonly string[];
}

const FILE = '.tend.toml';

/**
 * The `.tend.toml` at the root of the repository around `cwd`; null without one. A file of another user
 * is not followed, only warned of. Throws `config_invalid`.
 */
export function readProjectConfig(cwd: string): ProjectConfig | null {
  const root = repositoryAround(cwd);
  if (root === null) return null;
  const path = join(root, FILE);
  const file = readText(path);
  if (file === null) return null;
  if (file.owner !== process.getuid?.() && file.owner !== 0)
    return { ...NOTHING, warnings: [`${path} belongs to another user and is not followed`] };
  return projectOf(parseProjectConfig(path, file.text));
}

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
  warnings: [],
};

function projectOf({ limits, defaults, webhooks, workspace }: ProjectFile): ProjectConfig {
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
    warnings: [...person.warnings, ...project.warnings],
  };
}
