import * as fs from 'node:fs';
import type { AgentFacts } from '../../domain/agent-work.ts';
import type { TaskSpec } from '../../domain/task.ts';
import type { WorkspaceFacts } from '../../domain/workspace.ts';
import { openToRead, writeDurable } from './records.ts';

/** Raised when the meaning of a field changes; readers refuse what is newer. */
export const SPEC_SCHEMA = 1;

/** `spec.json`: enough to rebuild the task's row. The environment is named, its values are elsewhere. */
export interface SpecFile {
  schema: number;
  taskId: string;
  attempt: number;
  node: string;
  createdAt: number;
  claimedAt: number;
  spec: TaskSpec;
  /** Of an agent's attempt, as they were fixed at its claim. */
  agent?: AgentFacts;
  /** Of an attempt in a workspace, as it was prepared. */
  workspace?: WorkspaceFacts;
}

export type ReadSpec = { kind: 'spec'; file: SpecFile } | { kind: 'unreadable'; why: string };

export const writeSpec = (folder: string, file: SpecFile): Promise<void> =>
  writeDurable(`${folder}/spec.json`, `${JSON.stringify(file)}\n`);

/** Never throws for what the file holds: what cannot be understood is reported. */
export function readSpec(folder: string): ReadSpec {
  const fd = openToRead(`${folder}/spec.json`);
  if (fd === null) return { kind: 'unreadable', why: 'there is no spec.json' };
  try {
    return parseSpec(fs.readFileSync(fd, 'utf8'));
  } finally {
    fs.closeSync(fd);
  }
}

function parseSpec(text: string): ReadSpec {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', why: 'spec.json is not JSON' };
  }
  if (!isRecord(content) || typeof content['schema'] !== 'number')
    return { kind: 'unreadable', why: 'spec.json names no schema' };
  if (content['schema'] > SPEC_SCHEMA)
    return {
      kind: 'unreadable',
      why: `spec.json has schema ${content['schema']}, newer than this version`,
    };
  return isSpecFile(content)
    ? { kind: 'spec', file: content }
    : { kind: 'unreadable', why: 'spec.json lacks a field' };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function isSpecFile(content: unknown): content is SpecFile {
  if (!isRecord(content)) return false;
  const { taskId, attempt, node, createdAt, claimedAt, spec } = content;
  const whole = typeof taskId === 'string' && typeof node === 'string' && isRecord(spec);
  const numbers = [attempt, createdAt, claimedAt].every((value) => typeof value === 'number');
  return whole && numbers && isRecord(spec['work']) && typeof spec['cwd'] === 'string';
}
