/** A batch file, read and checked: from TOML to the tasks that are submitted. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'smol-toml';
import { nearest } from '../../domain/nearest.ts';
import { faultIn, inOrder, type NamedDependency, withContext } from '../../domain/plan.ts';
import type { Input } from '../client/index.ts';
import { at, planProblem, schemaProblem, type Source, syntaxProblem } from './batch-problem.ts';
import { batchSchema, type FileTask } from './batch-schema.ts';
import { Wires, type WireTask } from './batch-task.ts';
import { filled } from './batch-vars.ts';
import { usage } from './failure.ts';

/** A task in the order of submission. */
export interface BatchTask {
  name: string;
  level: number;
  /** Place in the file. */
  index: number;
  after: readonly NamedDependency[];
  wire: Input<'batch'>['tasks'][number];
}

export interface Batch {
  /** Absolute, without links: the same file however it is named. */
  path: string;
  group: string | null;
  maxConcurrent: number | null;
  /** Whoever is waited for comes first. */
  tasks: readonly BatchTask[];
}

/** Reads, fills in, checks. Throws a usage error that names the line. */
export function readBatch(
  path: string,
  given: Readonly<Record<string, string>>,
  shell: string,
): Batch {
  const source = { path, text: textOf(path) };
  const raw = parsed(source);
  const { data, used } = filled(raw, given, (key, message, hint) =>
    at(source, raw, key, message, hint),
  );
  checkGiven(raw, given, used);
  const checked = batchSchema.safeParse(data);
  if (!checked.success) throw schemaProblem(source, data, checked.error);
  const { task: tasks, defaults = {}, ...top } = checked.data;
  const folder = dirname(realpathSync(path));
  const refuse = (index: number, key: string | null, message: string, hint: string) =>
    at(source, data, key === null ? ['task', index] : ['task', index, key], message, hint);
  const planned = tasks.map((task, index) => ({
    name: task.name,
    index,
    task,
    after: dependenciesOf(task),
  }));
  const fault = faultIn(planned);
  if (fault !== null) throw planProblem(source, data, planned, fault);
  const keys = new Map(tasks.flatMap(({ name, key }) => (key === undefined ? [] : [[name, key]])));
  const wires = new Wires(folder, defaults, shell, refuse);
  return {
    path: realpathSync(path),
    group: top.group ?? defaults.group ?? null,
    maxConcurrent: top.max_concurrent ?? defaults.max_concurrent ?? null,
    tasks: inOrder(planned).map(({ task: { name, index, task, after }, level }) => ({
      name,
      level,
      index,
      after,
      wire: { ...wires.of(task, index), ...order(task, after, keys) },
    })),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw usage(`there is no file ${path}`, similarTo(path));
    if (code === 'EISDIR') throw usage(`${path} is a folder`, 'Name the file with the tasks.');
    throw usage(`${path} cannot be read: ${(error as Error).message}`, 'Check its permissions.');
  }
}

/** The file in the same folder that was probably meant. */
function similarTo(path: string): string {
  const folder = dirname(path);
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.toml'))
    : [];
  const guess =
    nearest(basename(path), files) ?? files.find((name) => name === `${basename(path)}.toml`);
  if (guess !== undefined) return `Did you mean ${join(folder, guess)}?`;
  return files.length === 0 ? 'Check its name.' : `There is: ${files.slice(0, 10).join(', ')}`;
}

function parsed(source: Source): Record<string, unknown> {
  try {
    return parse(source.text);
  } catch (error) {
    throw syntaxProblem(source, error);
  }
}

/** A variable that nothing reads was mistyped. */
function checkGiven(
  { vars }: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
  used: ReadonlySet<string>,
): void {
  const declared = typeof vars === 'object' && vars !== null ? Object.keys(vars) : [];
  const known = new Set([...declared, ...used]);
  const stray = Object.keys(given).find((name) => !known.has(name));
  if (stray === undefined) return;
  const guess = nearest(stray, [...known]);
  throw usage(
    `--var ${stray}: the file has no such variable`,
    guess !== null
      ? `Did you mean --var ${guess}=…?`
      : known.size === 0
        ? 'It has none; declare them under [vars] and use them as ${name}.'
        : `It has: ${[...known].join(', ')}`,
  );
}

const dependenciesOf = ({
  depends_on = [],
  context_from = [],
  when = 'success',
}: FileTask): NamedDependency[] =>
  withContext(
    [...new Set(depends_on)].map((name) => ({ name, when })),
    [...new Set(context_from)],
  );

function order(
  { context_from = [] }: FileTask,
  after: readonly NamedDependency[],
  keys: ReadonlyMap<string, string>,
): Pick<WireTask, 'after' | 'contextFrom'> {
  if (after.length === 0) return {};
  return {
    after: after.map((on) => {
      const key = keys.get(on.name);
      return key === undefined ? on : { ...on, key };
    }),
    ...(context_from.length > 0 && { contextFrom: [...new Set(context_from)] }),
  };
}
