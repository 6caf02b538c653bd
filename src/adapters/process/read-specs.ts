import * as fs from 'node:fs';
import type { AgentFacts } from '../../domain/agent-work.ts';
import type { AttemptEvidence } from '../../domain/evidence.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import type { TaskSpec } from '../../domain/task.ts';
import type { WorkerFacts } from '../../domain/worker.ts';
import type { WorkspaceFacts } from '../../domain/workspace.ts';
import { Folders, isCode } from './folders.ts';
import { inspectFolder } from './inspect.ts';
import { Members } from './members.ts';
import { ProcessTable } from './process-table.ts';
import { readSpec } from './spec.ts';
import { readTold } from './told.ts';

/** One attempt as its folder tells it. */
interface RecordedAttempt {
  number: number;
  node: string;
  claimedAt: number;
  agent?: AgentFacts;
  workspace?: WorkspaceFacts;
  worker?: WorkerFacts;
  evidence: AttemptEvidence;
}

/** What a task folder tells: enough for its row, or why it does not. */
export type Recorded =
  | {
      kind: 'task';
      id: string;
      node: string;
      createdAt: number;
      spec: TaskSpec;
      /** Oldest first. */
      attempts: RecordedAttempt[];
    }
  | { kind: 'unreadable'; path: string; why: string };

/**
 * Every task found in the attempt folders of `state`, for rebuilding a lost database. What is not
 * understood, a newer schema above all, is reported and stays as it is. Changes nothing.
 */
export async function* readSpecs(state: string): AsyncGenerator<Recorded> {
  const folders = new Folders(fs.existsSync(state) ? fs.realpathSync(state) : state);
  const members = new Members(new ProcessTable());
  for (const id of await namesIn(folders.tasks)) {
    const path = `${folders.tasks}/${id}`;
    if (!ID_PATTERN.test(id) || !isFolder(path))
      yield { kind: 'unreadable', path, why: 'this is no task folder' };
    else yield* readTask(id, path, members);
  }
}

async function* readTask(id: string, path: string, members: Members): AsyncGenerator<Recorded> {
  let task: Extract<Recorded, { kind: 'task' }> | null = null;
  for (const number of await attemptsIn(path)) {
    const folder = `${path}/${number}`;
    const read = readSpec(folder);
    if (read.kind === 'unreadable') {
      yield { kind: 'unreadable', path: folder, why: read.why };
      continue;
    }
    const { file } = read;
    if (file.taskId !== id || file.attempt !== number) {
      yield { kind: 'unreadable', path: folder, why: 'spec.json is of another attempt' };
      continue;
    }
    const { node, createdAt, claimedAt, spec, agent, workspace } = file;
    task ??= { kind: 'task', id, node, createdAt, spec, attempts: [] };
    const evidence = await inspectFolder(folder, members);
    const worker = readTold(folder);
    const facts = {
      ...(agent !== undefined && { agent }),
      ...(workspace !== undefined && { workspace }),
      ...(worker !== undefined && { worker }),
    };
    task.attempts.push({ number, node, claimedAt, ...facts, evidence });
  }
  if (task !== null) yield task;
}

const isFolder = (path: string): boolean => fs.lstatSync(path).isDirectory();

async function attemptsIn(path: string): Promise<number[]> {
  const names = await namesIn(path);
  const numbers = names.filter((name) => /^[1-9]\d{0,8}$/.test(name)).map(Number);
  return numbers.filter((number) => isFolder(`${path}/${number}`)).toSorted((a, b) => a - b);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await fs.promises.readdir(folder)).toSorted();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
