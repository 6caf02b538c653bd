/** The log of how a fake agent was called, for tests to look at: JSON lines, each written at once. */
import { appendFileSync } from 'node:fs';

type Env = Readonly<Record<string, string | undefined>>;

/** What was called, read or started. */
export type LogLine =
  | {
      kind: 'call';
      argv: readonly string[];
      cwd: string;
      env: Env;
      /** Null = it was not read before the first step. */
      stdin: string | null;
    }
  | { kind: 'stdin'; text: string }
  | { kind: 'child'; child: number }
  | { kind: 'told'; tool: string; answer: unknown }
  | { kind: 'signal'; signal: string };

/** A writer of log lines to `path`; null = none is kept. */
export const callLog =
  (path: string | null, pid: number) =>
  (line: LogLine): void => {
    if (path === null) return;
    appendFileSync(path, `${JSON.stringify({ ...line, pid })}\n`, { mode: 0o600 });
  };

const SECRET = 'TEND_WORKER_TOKEN';

/** Tend's own variables and those that TEND_FAKE_AGENT_ENV lists; `*` = all. Others may hold secrets. */
export function shownEnvironment(env: Env): Env {
  const asked = (env['TEND_FAKE_AGENT_ENV'] ?? '').split(',').map((name) => name.trim());
  const isShown = (name: string): boolean =>
    asked.includes('*') ||
    asked.includes(name) ||
    (name.startsWith('TEND_') && !name.startsWith('TEND_FAKE_AGENT') && name !== SECRET);
  return Object.fromEntries(Object.entries(env).filter(([name]) => isShown(name)));
}
