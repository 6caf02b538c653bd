/** From one task of a batch file to what is submitted. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TendError } from '../../domain/errors.ts';
import type { Input } from '../client/index.ts';
import { AGENT_KEYS, type Defaults, type FileTask } from './batch-schema.ts';
import { standing, workOf } from './batch-work.ts';
import { quoted } from './format.ts';

export type WireTask = Input<'batch'>['tasks'][number];
type Ask = NonNullable<WireTask['agent']>;
type Refuse = (index: number, key: string | null, message: string, hint: string) => TendError;

/** The longest file that is read for a prompt, bytes. */
const LONGEST_FILE = 4_000_000;
/** As many may be waited for by one. */
const MOST_DEPENDENCIES = 1_000;

/** Keys that mean the same on the wire, but for the way they are written. */
const PLAIN = {
  timeout: 'timeout',
  idle_timeout: 'idleTimeout',
  queue_timeout: 'queueTimeout',
  first_output_timeout: 'firstOutputTimeout',
  grace: 'grace',
  remind: 'remind',
  priority: 'priority',
  exclusive: 'exclusive',
  retry: 'retry',
  owner: 'owner',
  notify: 'notify',
  criterion: 'criteria',
  on_done: 'onDone',
  title: 'title',
  id: 'id',
  key: 'key',
} as const satisfies Partial<Record<keyof FileTask, keyof WireTask>>;
const PLAIN_KEYS = Object.keys(PLAIN) as (keyof typeof PLAIN)[];

const AGENT_NAMES = Object.keys(AGENT_KEYS) as (keyof typeof AGENT_KEYS)[];

/** Turns tasks into what is submitted; reads each file, and looks at each folder, once. */
export class Wires {
  readonly #folder: string;
  readonly #defaults: Defaults;
  readonly #shell: string;
  readonly #refuse: Refuse;
  readonly #texts = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** `folder` is the one of the file: paths in it are relative to that. */
  constructor(folder: string, defaults: Defaults, shell: string, refuse: Refuse) {
    this.#folder = folder;
    this.#defaults = defaults;
    this.#shell = shell;
    this.#refuse = refuse;
  }

  of(task: FileTask, index: number): WireTask {
    const isAgent = this.#isAgent(task, index);
    const given = this.#withDefaults(task, isAgent);
    const { cwd, env, labels, split, input, backoff, retry_on, idempotent } = given;
    if (task.when !== undefined && (task.depends_on ?? []).length === 0)
      throw this.#refuse(
        index,
        'when',
        'when says nothing without depends_on',
        'Name the tasks whose end is meant, as in: depends_on = ["build"]',
      );
    if ((task.depends_on ?? []).length > MOST_DEPENDENCIES)
      throw this.#refuse(
        index,
        'depends_on',
        `names more than ${MOST_DEPENDENCIES} tasks`,
        'Let some tasks in between wait for a part of them each.',
      );
    return {
      name: task.name,
      ...(isAgent
        ? { agent: this.#ask(given, index) }
        : typeof task.command === 'string'
          ? { command: task.command, shell: this.#shell }
          : { argv: task.command ?? [] }),
      ...Object.fromEntries(
        PLAIN_KEYS.filter((key) => given[key] !== undefined).map((key) => [PLAIN[key], given[key]]),
      ),
      ...(cwd !== undefined && { cwd: this.#folderAt(cwd, index) }),
      ...(env !== undefined && { env }),
      ...(labels !== undefined && { labels }),
      ...(split === true && { streams: 'split' as const }),
      ...(input === true && { input }),
      ...(backoff !== undefined && { backoff: Array.isArray(backoff) ? backoff : [backoff] }),
      ...(retry_on !== undefined && { retryOn: listOf(retry_on) }),
      ...(idempotent === true && { idempotent }),
      ...workOf(given, (key, message, hint) => this.#refuse(index, key, message, hint)),
    };
  }

  /** A task is a command or a prompt, and says so itself. */
  #isAgent(task: FileTask, index: number): boolean {
    const { command, agent = this.#defaults.agent, prompt, prompt_file } = task;
    const asks = prompt !== undefined || prompt_file !== undefined;
    const refuse = (key: string | null, message: string, hint: string) =>
      this.#refuse(index, key, message, hint);
    if (command !== undefined) {
      if (asks || task.agent !== undefined)
        throw refuse(
          'command',
          `has a command and ${task.agent !== undefined ? 'an agent' : 'a prompt'}`,
          'A task is one of both: take the other one out.',
        );
      const stray = [...AGENT_NAMES, 'context_from' as const].find(
        (key) => task[key] !== undefined,
      );
      if (stray === undefined) return false;
      throw refuse(
        stray,
        `${stray} is for agents; a command has no use for it`,
        'Take it out, or give the task an agent and a prompt in the place of its command.',
      );
    }
    if (prompt !== undefined && prompt_file !== undefined)
      throw refuse('prompt_file', 'has a prompt and a prompt_file', 'Take one of them out.');
    if (asks && agent === undefined)
      throw refuse(
        prompt === undefined ? 'prompt_file' : 'prompt',
        'has a prompt and no agent',
        'Say who does it, as in: agent = "claude"',
      );
    if (asks) return true;
    if (task.agent !== undefined)
      throw refuse(
        'agent',
        'has an agent and no prompt',
        'Add prompt = "…" or prompt_file = "file.md"',
      );
    throw refuse(
      null,
      'has nothing to do',
      'Give it command = "make test", or agent = "claude" and prompt = "…"',
    );
  }

  /** What is said of the task itself counts more; tables are joined. What only agents know is no default of a command. */
  #withDefaults(task: FileTask, isAgent: boolean): FileTask {
    const {
      env,
      label,
      labels,
      group: _group,
      max_concurrent: _most,
      ...rest
    } = standing(this.#defaults, task);
    const both = { ...labels, ...label };
    const own = { ...task.labels, ...task.label };
    const all: FileTask = {
      ...rest,
      ...task,
      ...((env ?? task.env) !== undefined && { env: { ...env, ...task.env } }),
      ...(Object.keys(both).length + Object.keys(own).length > 0 && {
        labels: { ...both, ...own },
      }),
    };
    delete all.label;
    if (!isAgent) for (const key of [...AGENT_NAMES, 'agent' as const]) delete all[key];
    return all;
  }

  #ask(task: FileTask, index: number): Ask {
    const { agent = '', prompt, prompt_file = '', model, tier, max_turns, max_cost } = task;
    const { permissions, isolated, on_quota, fallback, context, skill, template } = task;
    const { ask_permissions = false, require_finish = false } = task;
    const files = listOf(context).map((name) => ({
      name,
      text: this.#text(name, index, 'context'),
    }));
    return {
      name: agent,
      prompt: prompt ?? this.#text(prompt_file, index, 'prompt_file'),
      ...(model !== undefined && { model }),
      ...(tier !== undefined && { tier }),
      ...(max_turns !== undefined && { maxTurns: max_turns }),
      ...(max_cost !== undefined && { maxCostUsd: max_cost }),
      ...(permissions !== undefined && { permissions }),
      ...(isolated !== undefined && { isolated }),
      ...(on_quota !== undefined && { onQuota: on_quota }),
      ...(fallback !== undefined && { fallback: listOf(fallback) }),
      ...(require_finish && { requireFinish: true }),
      ...(ask_permissions && { askPermissions: true }),
      ...(files.length > 0 && { context: files }),
      ...(skill !== undefined && { skills: listOf(skill) }),
      ...(template !== undefined && { template }),
    };
  }

  #text(name: string, index: number, key: string): string {
    const path = resolve(this.#folder, name);
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const found = statSync(path, { throwIfNoEntry: false });
    const refuse = (message: string, hint: string) => this.#refuse(index, key, message, hint);
    if (found === undefined)
      throw refuse(
        `${key} names ${path}, which does not exist`,
        'Files are looked for beside the batch file.',
      );
    if (!found.isFile())
      throw refuse(`${key} names ${path}, which is no file`, 'Name a text file.');
    if (found.size > LONGEST_FILE)
      throw refuse(`${key} names ${path}, longer than ${LONGEST_FILE} bytes`, 'Give a part of it.');
    const text = readFileSync(path, 'utf8');
    if (key === 'prompt_file' && text.trim() === '')
      throw refuse(`prompt_file names ${path}, which is empty`, 'Write the prompt into it.');
    this.#texts.set(path, text);
    return text;
  }

  #folderAt(name: string, index: number): string {
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const path = resolve(this.#folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined)
      throw this.#refuse(
        index,
        'cwd',
        `cwd ${path} does not exist`,
        `Make it first: mkdir -p ${quoted(path)}`,
      );
    if (!found.isDirectory())
      throw this.#refuse(
        index,
        'cwd',
        `cwd ${path} is not a folder`,
        'Name the folder to run the task in.',
      );
    this.#folders.set(name, path);
    return path;
  }
}

const listOf = <T extends string>(given: T | T[] | undefined): T[] =>
  given === undefined ? [] : typeof given === 'string' ? [given] : given;
