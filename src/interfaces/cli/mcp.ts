/** `tend mcp`: the tools for agent hosts, over stdin and stdout. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { TendError } from '../../domain/errors.ts';
import { ownerInEnvironment } from '../../domain/host.ts';
import type { Client } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { capturedEnvironment, ownerFor, shellFor } from './environment.ts';
import { asTendError } from './failure.ts';
import { common } from './options.ts';
import { parentFor } from './submission.ts';
import { oneLine } from './text.ts';

const EXAMPLES = `
Speaks the Model Context Protocol to an agent host, which starts it; the daemon
is started with the first call that needs it. Tasks belong to $TEND_OWNER.

Examples:
  claude mcp add tend -- tend mcp
  codex mcp add tend -- tend mcp`;

export function define(command: Command, context: Context): void {
  common(command, 'the same')
    .description('Serve the tools for agent hosts (MCP) on stdin and stdout.')
    .option('--worker', 'the tools of an agent that works on a task, known by $TEND_WORKER_TOKEN')
    .addHelpText('after', EXAMPLES)
    .action((options: Common & { worker?: boolean }) => mcp(context, options.worker === true));
}

async function mcp(context: Context, worker: boolean): Promise<void> {
  const { env, err, uid, umask, version, signal } = context;
  const { resolvePaths } = await import('../client/index.ts');
  const { serveMcp } = await import('../mcp/stdio.ts');
  const { socket } = resolvePaths(env);
  const cwd = folderOf(context);
  if (process.stdin.isTTY) await err.line('tend: waiting for an MCP client on stdin');
  // Standard output carries the protocol alone.
  console.log = console.info = console.debug = console.error;
  const door = openDoor(context, worker);
  // A daemon that died left its socket: its tasks go on, and the host's session waits for their news.
  if (!worker && existsSync(socket)) void door.open().catch(() => undefined);
  try {
    await serveMcp({
      version,
      open: door.open,
      origin: {
        cwd,
        shell: shellFor(env),
        environment: capturedEnvironment(env),
        umask,
        group: env['TEND_GROUP'] || undefined,
        parent: parentFor({ env, socket }),
      },
      owner: ownerInEnvironment(env) ?? undefined,
      user: ownerFor({}, uid),
      worker: worker ? workerIn(env) : null,
      signal,
      onFault: (error) => void err.line(`tend: ${oneLine(asTendError(error).message)}`),
    });
  } finally {
    await door.close();
  }
}

function folderOf({ cwd }: Context): string | null {
  try {
    return cwd();
  } catch {
    return null;
  }
}

/** Its own daemon says who it is, and what its program can use. */
function workerIn(env: Context['env']) {
  const token = env['TEND_WORKER_TOKEN'];
  if (token === undefined || token === '')
    throw new TendError(
      'unauthorized',
      'TEND_WORKER_TOKEN is not set: only the agent of a running task gets these tools',
      'For an agent that delegates, leave --worker out: tend mcp',
    );
  const ask = env['TEND_WORKER_ASK'] || 'ask_user';
  return { token, ask, permits: env['TEND_WORKER_PERMIT'] === '1' };
}

/** A client for a long life: when no daemon could be had, the next call tries again. */
function openDoor({ env, err }: Context, worker: boolean) {
  let opening: Promise<Client> | null = null;
  const start = async (): Promise<Client> => {
    const { connectOrStart, connectWhenThere, resolvePaths } = await import('../client/index.ts');
    const paths = resolvePaths(env);
    const told = worker ? (env['TEND_SOCKET'] ?? '') : '';
    // An agent may have a home of its own, where no daemon of anybody must be started.
    if (told !== '' && told !== paths.socket) return connectWhenThere(told);
    const onStarted = (pid: number): void => void err.line(`tend: started the daemon (pid ${pid})`);
    // A host may end this process with all of its children; the daemon is to outlive it.
    return connectOrStart(paths, { env, onStarted, apart: true });
  };
  return {
    open: (): Promise<Client> => {
      opening ??= start().catch((error: unknown) => {
        opening = null;
        throw error;
      });
      return opening;
    },
    close: async (): Promise<void> => {
      const client = await opening?.catch(() => null);
      client?.close();
    },
  };
}
