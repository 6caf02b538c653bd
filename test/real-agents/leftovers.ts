import * as fs from 'node:fs';
import { join } from 'node:path';

const read = (pid: number, file: string): string => {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
};

const isAlive = (pid: number): boolean => {
  const state = /^State:\s+(\w)/m.exec(read(pid, 'status'))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
};

/**
 * What runs apart from us, as `pid command`: in namespaces of our own everything but their first process, else what
 * carries the home in its environment.
 */
export function processesOf(home: string, alone: boolean): string[] {
  const isOurs = (pid: number): boolean =>
    alone ? pid !== 1 : read(pid, 'environ').split('\0').includes(`HOME=${home}`);
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && isOurs(pid) && isAlive(pid))
    .map((pid) => `${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 120)}`);
}

/** The processes of attempts: those whose environment carries Tend's marker. */
export const agentsOf = (home: string, alone: boolean): string[] =>
  processesOf(home, alone).filter((line) =>
    read(Number.parseInt(line, 10), 'environ').includes('TEND_ATTEMPT_FOLDER='),
  );

/** Folders in which an ordinary user may write. */
const SHARED = ['/tmp', '/var/tmp', '/dev/shm', '/run', '/home'];

/** What lies outside the home; says something only where nobody else can have made it. */
export const outside = (home: string): string[] =>
  SHARED.filter((folder) => fs.existsSync(folder)).flatMap((folder) =>
    fs
      .readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => path !== home),
  );
