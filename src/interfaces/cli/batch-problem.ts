/** What is wrong with a batch file: the file, the line, the task, and what to write instead. */
import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import type { TendError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';
import type { PlanFault, Planned } from '../../domain/plan.ts';
import { KEYS } from './batch-schema.ts';
import { usage } from './failure.ts';

export interface Source {
  /** As it was given. */
  path: string;
  text: string;
}

/** A key of a batch: `task`, its place in the list, its name. */
type Path = readonly PropertyKey[];

export function syntaxProblem({ path, text }: Source, error: unknown): TendError {
  if (!(error instanceof TomlError)) throw error;
  const what = (error.message.split('\n', 1)[0] ?? '').replace(/^Invalid TOML document: /, '');
  const line = text.split('\n')[error.line - 1] ?? '';
  const bare = /^\s*[\w-]+\s*=\s*[^\s"'[{#\d+-]/.test(line) && !/=\s*(true|false)\b/.test(line);
  return usage(
    `${path}, line ${error.line}, column ${error.column}: ${what}`,
    bare
      ? 'Put text in quotes, as in: command = "make test"'
      : 'A batch file is TOML: name = "value" in each line, and [[task]] before each task.',
  );
}

/** The first thing that the schema refuses. */
export function schemaProblem(source: Source, data: unknown, error: z.ZodError): TendError {
  const [first] = error.issues;
  // A mistyped name of what is missing says more than that it is missing.
  const stray = error.issues.find(
    ({ code, path }) =>
      code === 'unrecognized_keys' && samePath(path, first?.path.slice(0, -1) ?? []),
  );
  const issue = stray ?? first;
  if (issue === undefined) throw new RangeError('a schema error names no issue', { cause: error });
  if (issue.code === 'unrecognized_keys')
    return unknownKey(source, data, issue.path, issue.keys[0] ?? '');
  const { path } = issue;
  if (path.length === 1 && path[0] === 'task') return noList(source, data, issue.message);
  const message = issue.code === 'invalid_key' ? 'is no name for a variable' : issue.message;
  return at(source, data, path, `${nameOf(path)} ${message}`, hintFor(path));
}

const samePath = (one: Path, other: Path): boolean =>
  one.length === other.length && one.every((part, at) => part === other[at]);

const hintFor = (path: Path): string => {
  if (path.at(-1) === 'name') return 'Give it one, as in: name = "build"';
  if (path.at(-1) === 'depends_on') return 'Write a list, as in: depends_on = ["build"]';
  return '';
};

/** The name of a key without the task it belongs to. */
const nameOf = (path: Path): string => {
  const name = path.slice(path[0] === 'task' ? 2 : 0);
  return name.length === 0 ? 'it' : name.map(String).join('.');
};

function noList(source: Source, data: unknown, message: string): TendError {
  const { task } = data as { task?: unknown };
  if (task === undefined)
    return usage(
      `${source.path}: there is no task`,
      'Write for each: [[task]], then name = "build" and command = "make"',
    );
  const [first] = typeof task === 'object' && task !== null ? Object.entries(task) : [];
  const named = first !== undefined && typeof first[1] === 'object' ? first[0] : null;
  return at(
    source,
    data,
    ['task'],
    `task ${message}`,
    named === null ? '' : `Write [[task]] and name = ${JSON.stringify(named)} for [task.${named}]`,
  );
}

/** What others call it. */
const SYNONYMS: Readonly<Record<string, string>> = {
  cmd: 'command',
  run: 'command',
  script: 'command',
  exec: 'command',
  argv: 'command',
  needs: 'depends_on',
  after: 'depends_on',
  deps: 'depends_on',
  depends: 'depends_on',
  dependencies: 'depends_on',
  requires: 'depends_on',
  condition: 'when',
  if: 'when',
  environment: 'env',
  dir: 'cwd',
  folder: 'cwd',
  workdir: 'cwd',
  working_dir: 'cwd',
  directory: 'cwd',
  tags: 'labels',
  retries: 'retry',
  concurrency: 'max_concurrent',
  parallel: 'max_concurrent',
  jobs: 'max_concurrent',
  max_parallel: 'max_concurrent',
  variables: 'vars',
  tasks: 'task',
  default: 'defaults',
  budget: 'max_cost',
  instructions: 'prompt',
  use: 'agent',
};

function unknownKey(source: Source, data: unknown, path: Path, key: string): TendError {
  const place = path[0] === 'task' ? 'task' : path[0] === 'defaults' ? 'defaults' : 'top';
  const where = { task: 'is no key of a task', defaults: 'is no default', top: 'is no key here' };
  return at(source, data, [...path, key], `${key} ${where[place]}`, advice(place, key));
}

function advice(place: keyof typeof KEYS, key: string): string {
  const known: readonly string[] = KEYS[place];
  const plain = key.replaceAll('-', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const guess = [plain, SYNONYMS[plain], nearest(plain, known)].find(
    (word) => word !== undefined && word !== null && known.includes(word),
  );
  if (guess === 'task') return 'Write [[task]], in two brackets, before each task.';
  if (guess !== undefined) return `Did you mean ${guess}?`;
  const meant = SYNONYMS[plain] ?? plain;
  if (place !== 'top' && KEYS.top.includes(meant))
    return `${meant} stands once, at the top of the file, before the first [section].`;
  if (place === 'top' && KEYS.task.includes(meant))
    return `${meant} belongs to a [[task]], or under [defaults].`;
  if (place === 'defaults' && KEYS.task.includes(meant)) return `${meant} belongs to a [[task]].`;
  return `Known there: ${known.join(', ')}.`;
}

/** A mistake at a key, with its line and the task it is in. */
export function at(
  { path, text }: Source,
  data: unknown,
  key: Path,
  message: string,
  hint: string,
): TendError {
  const line = lineOfKey(text, key);
  return usage(
    `${path}${line === null ? '' : `, line ${line}`}: ${taskAt(data, key)}${message}`,
    hint,
  );
}

/** `task "build": `, or which one it is where it has no name. */
function taskAt(data: unknown, [section, index]: Path): string {
  if (section !== 'task' || typeof index !== 'number') return '';
  const { task } = data as { task?: { name?: unknown }[] };
  const name = task?.[index]?.name;
  return typeof name === 'string' ? `task ${JSON.stringify(name)}: ` : `task ${index + 1}: `;
}

export function planProblem(
  source: Source,
  data: unknown,
  tasks: readonly Planned[],
  fault: PlanFault,
): TendError {
  switch (fault.kind) {
    case 'duplicate': {
      const line = lineOfKey(source.text, ['task', fault.first, 'name']);
      const first = line === null ? '' : ` (line ${line})`;
      return at(
        source,
        data,
        ['task', fault.index, 'name'],
        `there is another task of that name${first}`,
        'Give one of them another name.',
      );
    }
    case 'unknown': {
      const names = tasks.map(({ name }) => name);
      const guess = nearest(fault.name, names);
      const some = names.slice(0, 20).join(', ');
      return at(
        source,
        data,
        ['task', fault.index, 'depends_on'],
        `depends on ${JSON.stringify(fault.name)}, and there is no such task`,
        guess === null ? `The tasks are: ${some}` : `Did you mean ${guess}?`,
      );
    }
    case 'cycle': {
      const index = tasks.findIndex(({ name }) => name === fault.path[0]);
      const line = lineOfKey(source.text, ['task', index, 'depends_on']);
      return usage(
        `${source.path}${line === null ? '' : `, line ${line}`}: tasks wait for each other: ${fault.path.join(' -> ')}`,
        `Each waits for the one after the arrow: take one of them out of a depends_on.`,
      );
    }
    default:
      return fault satisfies never;
  }
}

/**
 * The line of a key (1 is the first), or of the section it is in; null when the text does not show it, as in an inline
 * table. Only ever asked for when something is wrong.
 */
function lineOfKey(text: string, [section, index, name]: Path): number | null {
  const wanted = typeof index === 'number' ? name : index;
  let count = -1;
  let here: string | null = null;
  let header: number | null = null;
  // What stands in a long string is no key, whatever it looks like.
  const plain = text.replace(/("""|''')[\s\S]*?\1/g, (long) => long.replace(/[^\n]/g, ' '));
  for (const [row, line] of plain.split('\n').entries()) {
    const opened = /^\s*(\[\[?)\s*([^\]]+?)\s*\]/.exec(line);
    const [, brackets, title = ''] = opened ?? [];
    if (opened !== null) {
      if (brackets === '[[' && title === section) count += 1;
      here = title.split('.')[0] ?? null;
      if (isWithin() && header === null) header = row + 1;
      if (isWithin() && title === `${String(section)}.${String(wanted)}`) return row + 1;
    } else if (isWithin() && startsWith(line, wanted)) return row + 1;
    else if (here === null && wanted === undefined && startsWith(line, section)) return row + 1;
  }
  return header;

  function isWithin(): boolean {
    return here === section && (typeof index !== 'number' || count === index);
  }
}

function startsWith(line: string, key: PropertyKey | undefined): boolean {
  const found = /^\s*("[^"]*"|'[^']*'|[\w-]+)\s*[.=]/.exec(line)?.[1];
  if (found === undefined || key === undefined) return false;
  return (/^["']/.test(found) ? Object.keys(parse(`${found} = 0`))[0] : found) === String(key);
}
