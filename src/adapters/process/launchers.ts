import {
  BashLauncher,
  findBash,
  type Launcher,
  type OnHint,
  posixCommand,
  SoloLauncher,
} from './launcher.ts';
import { windowsCommand } from './windows.ts';

/** What starts wrappers on this machine; `solo` names a shell to use instead of a long-lived bash. */
export function chooseLauncher(tasks: string, solo: string | undefined, onHint: OnHint): Launcher {
  if (process.platform === 'win32') return new SoloLauncher(windowsCommand(tasks), tasks, onHint);
  const bash = solo === undefined ? findBash() : null;
  return bash === null
    ? new SoloLauncher(posixCommand(solo ?? '/bin/sh'), tasks, onHint)
    : new BashLauncher(bash, tasks, onHint);
}
