/** Kills a process at each of the times that it runs git. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const GIT = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
const CHILD = join(import.meta.dirname, 'killed-child.ts');

/** Every call takes the next number; one of them is the end of whoever made it, before or after git has done its part. */
const SHIM = `#!/bin/sh
n=1
while ! mkdir "$KILLED_CALLS/$n" 2>/dev/null; do
  # It began when everything was over already.
  [ -d "$KILLED_CALLS" ] || exit 1
  n=$((n + 1))
done
if [ "$n" = "$KILLED_AT" ]; then
  [ "$KILLED_WHEN" = before ] || '${GIT}' "$@" >/dev/null
  kill -9 "$PPID"
  exit 1
fi
'${GIT}' "$@"
code=$?
mkdir "$KILLED_CALLS/$n/done"
exit "$code"
`;

export interface Call {
  /** Of the module that has the function, absolute. */
  module: string;
  name: string;
  args: readonly unknown[];
}

/** Runs a function in a process that is killed at its nth call of git; false = it ended before. Nothing of it runs on. */
export async function killedAt(
  folder: string,
  call: Call,
  nth: number,
  when: 'before' | 'after',
): Promise<boolean> {
  const home = fs.mkdtempSync(join(folder, 'killed-'));
  const calls = join(home, 'calls');
  fs.mkdirSync(calls);
  fs.writeFileSync(join(home, 'git'), SHIM, { mode: 0o755 });
  const child = spawn(
    process.execPath,
    [CHILD, call.module, call.name, JSON.stringify(call.args)],
    {
      env: {
        ...process.env,
        PATH: [home, process.env['PATH']].join(delimiter),
        KILLED_CALLS: calls,
        KILLED_AT: String(nth),
        KILLED_WHEN: when,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === null && code !== 0) throw new Error(Buffer.concat(said).toString());
  // What it had started in parallel goes on to its end, as it would.
  const isDone = (number: string): boolean =>
    number === String(nth) || fs.existsSync(join(calls, number, 'done'));
  while (!fs.readdirSync(calls).every(isDone)) await pause(5);
  fs.rmSync(home, { recursive: true });
  return signal === 'SIGKILL';
}
