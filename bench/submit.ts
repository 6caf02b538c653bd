import type { Client, Task } from '../src/interfaces/client/index.ts';

/** The environment as the command line sends it: the caller's. */
export const environment: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  ),
);

/** Submits a line for the shell, run in `/`. */
export const submitLine = (client: Client, command: string, priority = 0): Promise<Task> =>
  client.submit({ command, cwd: '/', env: environment, priority });

/** Ms since the epoch with the fraction that `Date.now` lacks. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
