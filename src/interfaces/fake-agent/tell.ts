/** Uses the tools of the worker, as an agent does that was given them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isTendError } from '../../domain/errors.ts';
import type { Telling } from './script.ts';
import { type Client, connect } from '../client/index.ts';

const VERBS = {
  ask: 'workerAsk',
  finish: 'workerFinish',
  progress: 'workerProgress',
  finding: 'workerFinding',
  memory: 'workerMemory',
} as const satisfies Record<Telling['tool'], keyof Client>;

/** Between two tries while no daemon answers (ms). */
const AGAIN = 20;

/** What the daemon answered, or the code of its refusal; a daemon that is away is waited for until `stop`. */
export async function tell({ tool, input }: Telling, stop: AbortSignal): Promise<unknown> {
  const { TEND_SOCKET: socket = '' } = process.env;
  const token = tokenGiven();
  const client = connect({ socket });
  const call = client[VERBS[tool]] as (input: object) => Promise<unknown>;
  try {
    for (;;)
      try {
        return await call({ ...input, token });
      } catch (error) {
        if (!isTendError(error)) throw error;
        if (!AWAY.includes(error.code)) return { error: error.code };
        await wait(AGAIN, null, { signal: stop });
      }
  } finally {
    client.close();
  }
}

/** In its own environment, or, for agents that are told of a server in a file, in that of the server. */
function tokenGiven(): string {
  const { TEND_WORKER_TOKEN: own, TEND_ATTEMPT_FOLDER: folder } = process.env;
  if (own !== undefined || folder === undefined) return own ?? '';
  try {
    const file = readFileSync(join(folder, 'agent', 'tend-tools.json'), 'utf8');
    const { mcpServers } = JSON.parse(file) as {
      mcpServers: { tend: { env: Record<string, string> } };
    };
    return mcpServers.tend.env['TEND_WORKER_TOKEN'] ?? '';
  } catch {
    return '';
  }
}

const AWAY: readonly string[] = ['daemon_unreachable', 'daemon_stopping', 'database_busy'];
