/** Everything one call of `tend` takes from its surroundings, so that verbs touch no globals. */
import { readFileSync } from 'node:fs';
import { TendError } from '../../domain/errors.ts';
import type { Client } from '../client/index.ts';
import { openPrinter, type Printer } from './print.ts';

type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words after `tend`, as they were given. */
  readonly argv: readonly string[];
  readonly version: string;
  readonly uid: number | undefined;
  readonly umask: number;
  /** The current folder; throws TendError when it is gone. */
  readonly cwd: () => string;
  /** Results. */
  readonly out: Printer;
  /** Everything else. */
  readonly err: Printer;
  /** Any of the three standard streams is a terminal. */
  readonly onTerminal: boolean;
  /** Aborted by an interrupt, unless a verb has taken interrupts over. */
  readonly signal: AbortSignal;
  /** From now on interrupts, and requests to end, are answered by `handler` alone, an interrupt before that, too. */
  readonly takeSignals: (handler: (signal: EndSignal) => void) => void;
  /** What the verb came to. */
  exitCode: number;
  /** What it comes to when nobody reads the results any more. */
  brokenPipeCode: number;
  /** The daemon, started when there is none, then with `extra` in its environment; the same client each time. */
  readonly connect: (extra?: Readonly<Record<string, string>>) => Promise<Client>;
  /** The daemon if one runs, else null. */
  readonly connectRunning: () => Promise<Client | null>;
  readonly close: () => void;
}

/** Options that every verb has. */
export interface Common {
  json?: boolean;
  quiet?: boolean;
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new TendError(
      'invalid_input',
      'the current folder does not exist any more',
      'Change to a folder that exists, or name one with --cwd.',
      error,
    );
  }
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The context of this process; an interrupt is handled from here on. */
export function openContext(): Context {
  const { env, stdin, stdout, stderr } = process;
  const interrupted = new AbortController();
  const interrupt = (): void => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  const context: Context = {
    env,
    argv: process.argv.slice(2),
    get version() {
      return ownVersion();
    },
    uid: process.getuid?.(),
    umask: process.umask(),
    cwd: currentFolder,
    out: openPrinter(stdout, env, () => process.exit(context.brokenPipeCode)),
    err: openPrinter(stderr, env, () => {}),
    onTerminal: [stdin, stdout, stderr].some((stream) => stream.isTTY),
    signal: interrupted.signal,
    takeSignals: (handler) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.on(signal, () => handler(signal));
      // Not before: a signal that has come and was not told yet would be lost with its last listener.
      process.off('SIGINT', interrupt);
      if (interrupted.signal.aborted) queueMicrotask(() => handler('SIGINT'));
    },
    exitCode: 0,
    brokenPipeCode: 0,
    ...connections(env, (pid) => context.err.line(`tend: started the daemon (pid ${pid})`)),
  };
  return context;
}

type Connections = Pick<Context, 'connect' | 'connectRunning' | 'close'>;

function connections(env: Context['env'], onStarted: (pid: number) => Promise<void>): Connections {
  let open: Promise<Client> | null = null;
  const start = async (extra: Readonly<Record<string, string>> = {}): Promise<Client> => {
    const { connectOrStart, resolvePaths } = await import('../client/index.ts');
    const own = { ...env, ...extra };
    return connectOrStart(resolvePaths(own), { env: own, onStarted: (pid) => void onStarted(pid) });
  };
  return {
    connect: (extra) => (open ??= start(extra)),
    async connectRunning() {
      const { connect, resolvePaths } = await import('../client/index.ts');
      const client = connect({ socket: resolvePaths(env).socket });
      try {
        await client.status();
        return client;
      } catch (error) {
        client.close();
        if (error instanceof TendError && error.code === 'daemon_unreachable') return null;
        throw error;
      }
    },
    close: () =>
      void open?.then(
        (client) => client.close(),
        () => {},
      ),
  };
}
