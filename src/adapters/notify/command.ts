import type { Message } from './message.ts';
import { type ProgramResult, type Running, runProgram } from './program.ts';

/** The daemon's environment reduced to what a command needs to find programs, and this very daemon. */
export function commandEnvironment(
  from: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TEND_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'];
  return present(from, [...names, 'XDG_RUNTIME_DIR']);
}

/** The same for a program that shows something on the person's screen. */
export const desktopEnvironment = (
  from: Readonly<Record<string, string | undefined>>,
): Record<string, string> => ({
  ...commandEnvironment(from),
  ...present(from, ['DBUS_SESSION_BUS_ADDRESS', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY']),
});

const present = (
  from: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The facts as variables: nothing of the task is ever part of a command line. */
function facts({ id, kind, preview, task }: Message): Record<string, string> {
  return {
    TEND_DELIVERY_ID: id,
    TEND_KIND: kind,
    TEND_TASK_ID: task.id,
    TEND_TITLE: task.title,
    TEND_STATE: task.state,
    TEND_REASON: task.reason ?? '',
    TEND_VERDICT: task.verdict,
    TEND_EXIT_CODE: task.exitCode === null ? '' : String(task.exitCode),
    TEND_PREVIEW: preview.replaceAll('\0', ''), // no operating system passes a NUL on
  };
}

/** Runs `command` in /bin/sh with the facts in its environment and the message on its stdin. */
export const runCommand = (
  command: string,
  message: Message,
  running: Running,
): Promise<ProgramResult> =>
  runProgram(['/bin/sh', '-c', command], `${JSON.stringify(message)}\n`, {
    ...running,
    environment: { ...running.environment, ...facts(message) },
  });
