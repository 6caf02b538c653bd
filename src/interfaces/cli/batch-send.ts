/** Hands a batch to the daemon, in parts. */
import { isTendError, TendError } from '../../domain/errors.ts';
import { groupId } from '../../domain/ids.ts';
import type { Client, Input, Output } from '../client/index.ts';
import type { Batch, BatchTask } from './batch-file.ts';
import type { Context } from './context.ts';
import { count } from './format.ts';

export type Entry = Output<'batch'>['tasks'][number];

export interface Sending {
  /** Null = a new one, or the newest run's. */
  group: string | null;
  resume: boolean;
  dryRun: boolean;
  maxConcurrent: number | null;
  /** What all tasks have in common. */
  common: Pick<Input<'batch'>, 'cwd' | 'env' | 'umask' | 'owner' | 'parent'>;
  /** The command that goes on with it. */
  again: string;
}

/** What the daemon made of it. */
export interface Sent {
  group: string;
  /** Changes after this number are younger than the states in `entries`. */
  seq: number;
  /** In the order of `batch.tasks`. */
  entries: Entry[];
}

/** Most tasks of a part, and most characters: the daemon takes no longer body. */
const LARGEST = 1_000;
const LONGEST = 8_000_000;

export async function send(context: Context, batch: Batch, sending: Sending): Promise<Sent> {
  const client = await context.connect();
  const head = headOf(batch, sending);
  // What no part may contain is found out before the first is stored.
  if (!sending.dryRun && batch.tasks.length > LARGEST) await check(context, client, batch, head);
  const entries: Entry[] = [];
  let group = head.group;
  let seq = 0;
  try {
    for (const tasks of parts(batch.tasks)) {
      const part = { ...head, ...(group !== undefined && { group }), tasks: wires(tasks) };
      const answer = await client.batch(part, { signal: context.signal });
      if (entries.length === 0) seq = answer.seq;
      group = answer.group;
      entries.push(...answer.tasks);
    }
  } catch (error) {
    throw entries.length === 0 || sending.dryRun
      ? error
      : interrupted(error, entries.length, batch.tasks.length, sending.again);
  }
  return { group: group ?? '', seq, entries };
}

function headOf(batch: Batch, sending: Sending) {
  const { group, resume, dryRun, maxConcurrent, common } = sending;
  // A part that is sent twice must not begin a second group.
  const chosen = group ?? (resume ? null : freshGroup());
  return {
    ...(chosen !== null && { group: chosen }),
    source: batch.path,
    ...(resume && { resume: new Date().toISOString() }),
    ...(dryRun && { dryRun }),
    ...(maxConcurrent !== null && { maxConcurrent }),
    ...common,
  };
}

const freshGroup = (): string =>
  groupId(Uint8Array.from({ length: 8 }, () => Math.floor(Math.random() * 256)));

const wires = (tasks: readonly BatchTask[]) => tasks.map(({ wire }) => wire);

/** The tasks in parts, none of them longer than the daemon takes. */
function* parts(tasks: readonly BatchTask[]): Generator<BatchTask[]> {
  let part: BatchTask[] = [];
  let length = 0;
  for (const task of tasks) {
    const size = sizeOf(task);
    if (part.length > 0 && (part.length === LARGEST || length + size > LONGEST)) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(task);
    length += size;
  }
  if (part.length > 0) yield part;
}

/** About as many characters as it takes; only long texts matter. */
const sizeOf = ({ wire }: BatchTask): number =>
  500 +
  (wire.command?.length ?? 0) +
  (wire.argv ?? []).join('').length +
  (wire.agent?.prompt.length ?? 0) +
  (wire.agent?.context ?? []).reduce((sum, file) => sum + file.text.length, 0);

/** Asks about the agents of the batch, one task for all that ask for the same. */
async function check(
  { signal }: Context,
  client: Client,
  batch: Batch,
  head: ReturnType<typeof headOf>,
): Promise<void> {
  const kinds = new Map<string, BatchTask>();
  for (const task of batch.tasks) {
    const { agent, cwd, env } = task.wire;
    if (agent === undefined) continue;
    const { prompt: _prompt, context: _context, ...rest } = agent;
    const kind = JSON.stringify([rest, cwd, env]);
    if (!kinds.has(kind)) kinds.set(kind, task);
  }
  const { source: _source, resume: _resume, ...plain } = head;
  const asked = [...kinds.values()].map(
    ({ wire: { after: _after, contextFrom: _from, ...wire } }) => wire,
  );
  for (let at = 0; at < asked.length; at += LARGEST)
    await client.batch(
      { ...plain, group: 'check', dryRun: true, tasks: asked.slice(at, at + LARGEST) },
      { signal },
    );
}

/** Some parts are stored: the rest is one command away. */
function interrupted(error: unknown, stored: number, all: number, again: string): unknown {
  if (!isTendError(error)) return error;
  return new TendError(
    error.code,
    error.message,
    `${error.hint}\n${stored} of ${count(all, 'task')} are submitted; the rest with: ${again}`,
    error,
  );
}
