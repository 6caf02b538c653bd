/** `tend daemon`: start, stop, status, logs, install. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Command } from 'commander';
import { TendError } from '../../domain/errors.ts';
import type { Client, Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { daemonLogs } from './daemon-logs.ts';
import { install } from './daemon-install.ts';
import { bytes, count, relative } from './format.ts';
import { common, text, whole } from './options.ts';
import { summary } from './rows.ts';
import { pairs } from './table.ts';

const EXAMPLES = `
The daemon starts by itself when a command needs it. Stopping it ends no
task: they go on, and the next daemon adopts them.`;

export function define(command: Command, context: Context): void {
  command
    .description('Start, stop or inspect the daemon.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  common(command.command('start'), 'nothing on stdout')
    .description('Start the daemon, if none runs.')
    .option(
      '--listen <host:port>',
      'on TCP too, with the bearer token of its state folder',
      address,
    )
    .action((options: Common & { listen?: string }) => start(context, options));
  common(command.command('stop'), 'nothing on stdout')
    .description('End the daemon; tasks go on.')
    .action((options: Common) => stop(context, options));
  common(command.command('status'), 'the pid only')
    .description('Who the daemon is and what it holds. Exit code 4 when none runs.')
    .action((options: Common) => status(context, options));
  common(command.command('logs'), 'the same')
    .description('What the daemon wrote to its log.')
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --lines <n>', 'the last n lines (default 50)', whole('--lines', 0, 1_000_000))
    .action(async (options: Common & { follow?: boolean; lines?: number }) => {
      context.exitCode = await daemonLogs(context, options);
    });
  common(command.command('install'), 'the path only')
    .description('Write the file by which your init system runs the daemon; starts nothing.')
    .option('--dry-run', 'print it, write nothing')
    .action((options: Common & { dryRun?: boolean }) => install(context, options));
}

function address(given: string): string {
  const [, port] =
    /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text('--listen')(given)) ?? [];
  if (port !== undefined && Number(port) <= 65_535) return given;
  throw new TendError(
    'invalid_input',
    `--listen ${JSON.stringify(given)} is not of the form host:port`,
    'For this machine only: tend daemon start --listen 127.0.0.1:7433',
  );
}

async function start(context: Context, options: Common & { listen?: string }): Promise<void> {
  const { listen } = options;
  if (listen !== undefined) {
    const running = await context.connectRunning();
    running?.close();
    if (running !== null)
      throw new TendError(
        'protected',
        'the daemon runs already, and where it listens is settled when it starts',
        'Tasks go on while it is away: tend daemon stop, then start it again with --listen',
      );
  }
  const client = await context.connect(listen === undefined ? {} : { TEND_LISTEN: listen });
  if (listen !== undefined) await mustAccept(listen);
  await tellStatus(context, await client.status(), options);
}

/** Nobody is told that the daemon listens where it does not. */
async function mustAccept(listen: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${listen}`);
  const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) });
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new TendError(
      'daemon_unreachable',
      `the daemon runs, but nothing listens at ${listen}: ${(error as Error).message}`,
      'See what it says: tend daemon logs',
      error,
    );
  } finally {
    socket.destroy();
  }
}

async function status(context: Context, options: Common): Promise<void> {
  const client = await context.connectRunning();
  if (client === null)
    throw new TendError(
      'daemon_unreachable',
      'no daemon is running',
      'It starts by itself when a command needs it, or with: tend daemon start',
    );
  try {
    await tellStatus(context, await client.status(), options, true);
  } finally {
    client.close();
  }
}

async function tellStatus(
  { out }: Context,
  given: Output<'status'>,
  { json, quiet }: Common,
  pidWhenQuiet = false,
): Promise<void> {
  if (json === true) return out.json(given);
  if (quiet === true) return pidWhenQuiet ? out.line(String(given.pid)) : undefined;
  const now = Date.now();
  const lines = pairs(
    [
      ['daemon', `${out.paint('green', 'running')}, pid ${given.pid}, version ${given.version}`],
      ['started', relative(Date.parse(given.startedAt), now)],
      ['memory', bytes(given.rssBytes)],
      ['tasks', summary(given.tasks, out) || 'none'],
      ['inbox', `${count(given.undelivered, 'thing')} not acknowledged`],
      ...(given.dead > 0 ? [['dead letters', String(given.dead)] as const] : []),
      ['socket', given.socket],
      ['state', given.stateFolder],
      ['config', given.configPath],
      ['log', given.logPath],
    ],
    out,
  );
  await out.write(`${lines.join('\n')}\n`);
}

/** Longest wait for the end of a daemon that was asked to end (ms), and between two looks. */
const PATIENCE = 15_000;
const PAUSE = 20;

async function stop({ connectRunning, out }: Context, options: Common): Promise<void> {
  const client = await connectRunning();
  const pid = client === null ? null : await shutdown(client);
  if (options.json === true) return out.json({ stopped: pid !== null, pid });
  if (options.quiet === true) return;
  await out.line(pid === null ? 'no daemon is running' : `stopped the daemon (pid ${pid})`);
}

async function shutdown(client: Client): Promise<number> {
  try {
    const { pid } = await client.shutdown();
    for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
      if (!lives(pid)) return pid;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new TendError(
      'daemon_stopping',
      `the daemon (pid ${pid}) was asked to end and has not ended yet`,
      'See what it does: tend daemon logs',
    );
  } finally {
    client.close();
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
