import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import type { Point } from './points.ts';

type Spawn = (file: string, args: readonly string[], options: object) => unknown;

/**
 * Lets every git process that this process starts from now on pass the point. After it means: the daemon is gone and
 * git goes on alone, beside the next daemon.
 */
export function patchGit(point: Point): void {
  const real = childProcess.spawn as unknown as Spawn;
  const patched: Spawn = (file, args, options) =>
    file === 'git'
      ? point(gitLabel(args), () => real(file, args, options))
      : real(file, args, options);
  childProcess.spawn = patched as unknown as typeof childProcess.spawn;
  syncBuiltinESMExports();
}

/** The command of git and its first word, such as `git worktree add`. */
export function gitLabel(args: readonly string[]): string {
  const words = args.filter((word, at) => word !== '-c' && args[at - 1] !== '-c');
  const [command = '', second = ''] = words;
  return ['worktree', 'submodule'].includes(command)
    ? `git ${command} ${second}`
    : `git ${command}`;
}
