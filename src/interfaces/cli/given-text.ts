/** Texts that stand in an argument, in a file (`@path`) or on stdin (`-`). */
import { resolve } from 'node:path';
import { text as allOf } from 'node:stream/consumers';
import { textOf } from './asking.ts';

/** `what` names the option or argument in an error. */
export async function givenText(given: string, cwd: string, what: string): Promise<string> {
  if (given === '-') return allOf(process.stdin);
  return given.startsWith('@') && given.length > 1
    ? textOf(resolve(cwd, given.slice(1)), what)
    : given;
}
