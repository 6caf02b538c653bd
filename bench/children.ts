import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const started = new Set<ChildProcess>();

/** Starts a process that `endAll` ends if nobody else has. */
export function start(program: string, args: readonly string[], options: SpawnOptions) {
  const child = spawn(program, args, options);
  started.add(child);
  child.on('exit', () => started.delete(child));
  child.on('error', () => started.delete(child));
  return child;
}

/** Resolves when the program has ended with code 0; throws otherwise. */
export async function run(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<void> {
  const child = start(program, args, { stdio: 'ignore', ...options });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}`);
}

/** Ends what was started here and still runs, by pid. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...started].map((child) => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      return gone;
    }),
  );
}
