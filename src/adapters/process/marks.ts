import * as fs from 'node:fs';
import type { Mark } from '../../ports/output.ts';
import { isCode } from './folders.ts';

const NAME = 'timing';
const LINE = /^(\d+) (\d+) (\d+)$/;

/** Adds a mark; on a full disk there is one less. */
export async function addMark(folder: string, { at, stdout, stderr }: Mark): Promise<void> {
  try {
    // On this thread: for a line that goes to memory, another one would take ten times as long.
    fs.appendFileSync(`${folder}/${NAME}`, `${at} ${stdout} ${stderr}\n`, { mode: 0o600 });
  } catch (error) {
    if (!isCode(error, 'ENOSPC') && !isCode(error, 'EDQUOT') && !isCode(error, 'ENOENT'))
      throw error;
  }
}

/** The marks of an attempt; a line that a crash cut short is none. */
export async function readMarks(folder: string): Promise<Mark[]> {
  let text: string;
  try {
    text = await fs.promises.readFile(`${folder}/${NAME}`, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => {
    const [, at, stdout, stderr] = LINE.exec(line) ?? [];
    return at === undefined
      ? []
      : [{ at: Number(at), stdout: Number(stdout), stderr: Number(stderr) }];
  });
}
