import { isTendError } from '../domain/errors.ts';
import { resolvePaths } from '../interfaces/client/index.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { listenAddress } from './listen-address.ts';
import { sdNotify } from './sd-notify.ts';

/** Exit code of a daemon that could not start, as of a command that could not reach one. */
const NO_DAEMON = 4;

/** The one line that a starter waits for. */
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const umask = process.umask(0o077);
  // The starter may be gone before the line is read.
  process.stdout.on('error', () => undefined);
  const paths = resolvePaths(process.env);
  let daemon: Daemon | null = null;
  let asked = false;
  let ending = false;
  const end = (): void => {
    asked = true;
    if (ending || daemon === null) return;
    ending = true;
    void sdNotify('STOPPING=1');
    void daemon.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  process.on('SIGHUP', () => undefined);
  const listen = listenAddress(process.argv.slice(2), process.env['TEND_LISTEN']);
  const started = await startDaemon(paths, { umask, listen, onShutdown: end });
  if (started.already !== undefined) {
    say({ ready: true, already: true, socket: started.already });
    return;
  }
  daemon = started;
  void sdNotify('READY=1');
  say({ ready: true, pid: process.pid, socket: paths.socket, addresses: daemon.addresses });
  if (asked) end();
}

main().catch((error: unknown) => {
  const { code, message, hint } = isTendError(error)
    ? error
    : {
        code: 'internal',
        message: error instanceof Error ? error.message : String(error),
        hint: 'See the log of the daemon.',
      };
  if (!isTendError(error))
    process.stderr.write(`${error instanceof Error ? error.stack : message}\n`);
  say({ error: { code, message, hint } });
  process.exitCode = NO_DAEMON;
});
