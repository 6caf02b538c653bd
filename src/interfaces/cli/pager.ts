/** The person's pager. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface Pager {
  write(text: string): Promise<void>;
  /** Resolves when the person has left it. */
  end(): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Quits by itself when all fits, shows colours, and leaves the screen as it is. */
const LESS = 'FRX';

/** Starts `$PAGER`, or less; null = none is wanted. `onLeft` is called when it takes no more. */
export function openPager(env: Env, onLeft: () => void): Pager | null {
  const command = env['PAGER'] ?? 'less';
  if (command.trim() === '' || command.trim() === 'cat') return null;
  const child = spawn('/bin/sh', ['-c', command], {
    env: { LESS, ...env },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(child, 'close').catch(() => undefined);
  child.stdin.on('error', onLeft);
  void ended.then(onLeft);
  return {
    write: (text) =>
      new Promise((resolve) => {
        if (!child.stdin.writable) resolve();
        else child.stdin.write(text, () => resolve());
      }),
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
