import { spawn } from 'node:child_process';

const PROGRAM = 'systemd-notify';
/** A program that hangs is ended after this (ms). */
const PATIENCE = 5_000;

/**
 * Tells the service manager that started us, through its own `systemd-notify`, as Node has no datagram
 * sockets for it. Answers at once what will be known later: whether it was told. Never rejects; without
 * `$NOTIFY_SOCKET` or without the program nothing happens. The unit needs `NotifyAccess=all`.
 */
export function sdNotify(
  state: 'READY=1' | 'STOPPING=1',
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
): Promise<boolean> {
  const { NOTIFY_SOCKET: socket, PATH: path } = environment;
  if (socket === undefined || socket === '') return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(PROGRAM, [state], {
      stdio: 'ignore',
      env: { NOTIFY_SOCKET: socket, ...(path !== undefined && { PATH: path }) },
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    child.unref();
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
