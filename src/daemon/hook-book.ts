import type { Hook } from '../adapters/notify/hook-process.ts';
import type { HookSet } from '../adapters/notify/hooks.ts';
import { TendError } from '../domain/errors.ts';
import {
  HOOK_SOURCES,
  HOOKS,
  type HookName,
  type HookSource,
  hookSubscriber,
  type HookSubscriber,
} from '../domain/hook.ts';
import type { Finding, ProjectTrust, TrustVerbs } from '../engine/facade.ts';
import type { HooksConfig } from './config-hooks.ts';
import { hooksOfProject, type ProjectText, projectText } from './config-project.ts';
import { hashOf, type TrustFile } from './trust-file.ts';

/** The hooks that are called: of the person's configuration, and of the projects that the person trusts as they are. */
export class HookBook implements TrustVerbs {
  readonly #own: () => HooksConfig;
  readonly #trusted: TrustFile;

  constructor(own: () => HooksConfig, trusted: TrustFile) {
    this.#own = own;
    this.#trusted = trusted;
  }

  /** Those for tasks of `cwd`. The person's run in the home folder, a project's in the root of its repository. */
  of(cwd: string): Readonly<Record<HookSource, HookSet>> {
    return {
      person: runIn(this.#own(), process.env['HOME'] ?? '/'),
      project: this.#ofProject(cwd),
    };
  }

  subscribers(cwd: string): HookSubscriber[] {
    const sets = this.of(cwd);
    const told = HOOKS.filter((name) => name !== 'before_run');
    return HOOK_SOURCES.flatMap((source) =>
      told
        .filter((name) => sets[source][name] !== undefined)
        .map((name) => hookSubscriber(name, source)),
    );
  }

  asksBeforeRun(cwd: string): boolean {
    return HOOK_SOURCES.some((source) => this.of(cwd)[source].before_run !== undefined);
  }

  /** Trusted files that were changed since: nobody is asked or told there. */
  findings(): Finding[] {
    return [...this.#trusted.all].flatMap(([root, hash]): Finding[] => {
      const file = lenient(() => projectText(root));
      if (typeof file?.text === 'string' && hashOf(file.text) === hash) return [];
      const message = `the configuration of ${root} is not the one that you trusted, so its hooks are not called; look at it with: tend trust ${root}`;
      return [{ check: 'trust', level: 'note', message, taskId: null }];
    });
  }

  async look(folder: string): Promise<ProjectTrust> {
    return this.#view(projectAround(folder));
  }

  async trust(folder: string, hash: string): Promise<ProjectTrust> {
    const project = projectAround(folder);
    if (project.text === null || hashOf(project.text) !== hash)
      throw new TendError(
        'invalid_input',
        `${project.path} is not the file that was looked at`,
        'Look at it again with: tend trust',
      );
    this.#trusted.set(project.root, hash);
    return this.#view(project);
  }

  async distrust(folder: string): Promise<ProjectTrust> {
    const project = projectAround(folder);
    this.#trusted.set(project.root, null);
    return this.#view(project);
  }

  #ofProject(cwd: string): HookSet {
    if (this.#trusted.isEmpty) return {};
    const project = lenient(() => projectText(cwd));
    if (project === null || project.text === null) return {};
    if (!this.#trusted.trusts(project.root, hashOf(project.text))) return {};
    return runIn(lenient(() => hooksOfProject(project)) ?? {}, project.root);
  }

  #view(project: ProjectText): ProjectTrust {
    const { root, path, text } = project;
    const hash = text === null ? null : hashOf(text);
    return {
      folder: root,
      path,
      hash,
      hooks: defined(hooksOfProject(project)),
      trusted: hash !== null && this.#trusted.trusts(root, hash),
    };
  }
}

/** Throws `not_found`. */
function projectAround(folder: string): ProjectText {
  const project = projectText(folder);
  if (project !== null) return project;
  throw new TendError(
    'not_found',
    `there is no repository around ${folder}`,
    'A project is a git repository with a .tend.toml at its root.',
  );
}

/** What is on its way must not fail for a file that was broken meanwhile. */
function lenient<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

type Commands = Partial<Record<HookName, string | readonly string[] | undefined>>;

const defined = (hooks: Commands): ProjectTrust['hooks'] =>
  Object.fromEntries(
    HOOKS.flatMap((name) => (hooks[name] === undefined ? [] : [[name, hooks[name]]])),
  );

const runIn = (hooks: Commands, cwd: string): HookSet =>
  Object.fromEntries(
    Object.entries(defined(hooks)).map(([name, command]): [string, Hook] => [
      name,
      { command, cwd },
    ]),
  );
