import * as fs from 'node:fs';
import type { WorkerFacts } from '../../domain/worker.ts';
import { openToRead, writeDurable } from './records.ts';

const fileIn = (folder: string): string => `${folder}/told.json`;

export const writeTold = (folder: string, told: WorkerFacts): Promise<void> =>
  writeDurable(fileIn(folder), `${JSON.stringify(told)}\n`);

/** What the worker of the attempt told; undefined = nothing, or it cannot be read. */
export function readTold(folder: string): WorkerFacts | undefined {
  const fd = openToRead(fileIn(folder));
  if (fd === null) return undefined;
  try {
    const content: unknown = JSON.parse(fs.readFileSync(fd, 'utf8'));
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  } finally {
    fs.closeSync(fd);
  }
}
