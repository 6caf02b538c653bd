/** Arguments that are no text: Node replaces what is not UTF-8, which would run another command. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { usage } from './failure.ts';

const REPLACEMENT = '\ufffd';

/** The raw bytes of this process's arguments; null where the system does not show them. */
function rawArguments(): Buffer | null {
  try {
    return readFileSync('/proc/self/cmdline');
  } catch {
    return null;
  }
}

/** Throws when an argument was not valid UTF-8 and would have been changed on the way. */
export function checkArguments(argv: readonly string[], raw = rawArguments): void {
  const changed = argv.findIndex((argument) => argument.includes(REPLACEMENT));
  if (changed === -1) return;
  const given = raw();
  if (given === null || isUtf8(given)) return;
  throw usage(
    `argument ${changed + 1} is not valid UTF-8`,
    'Put such bytes into a file or a script, and name that.',
  );
}
