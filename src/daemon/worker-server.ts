import { fileURLToPath } from 'node:url';
import type { Settings } from '../engine/context.ts';
import type { Paths } from '../interfaces/client/index.ts';

const TEND = fileURLToPath(new URL('../../bin/tend.cjs', import.meta.url));

/** How an agent starts the server of the worker's tools: this very installation, which calls this very daemon. */
export const workerServer = ({ socket }: Pick<Paths, 'socket'>): Settings['workerTools'] => ({
  command: process.execPath,
  args: [TEND, 'mcp', '--worker'],
  env: { TEND_SOCKET: socket },
});
