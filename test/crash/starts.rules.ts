import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectOrStart } from '../../src/interfaces/client/index.ts';
import { newHome } from './home.ts';
import { checkProcesses } from './invariants.ts';
import { startLife } from './life.ts';
import type { Matrix } from './matrix.ts';
import { endAll, isAlive } from './processes.ts';
import type { Receiver } from './receiver.ts';
import { until } from './until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'daemon', 'main.js');

/** Several daemons begin at once: exactly one lives, and whoever wants to reach it does. */
export function startRules(receiver: () => Receiver, matrix: Matrix): void {
  describe('daemons started at once', () => {
    test.each([2, 8])('%i daemons', async (count) => {
      const home = newHome(receiver().url);
      try {
        const lives = Array.from({ length: count }, () => startLife(home));
        const won = await Promise.all(lives.map(({ ready }) => ready));
        expect(won.filter(Boolean)).toHaveLength(1);
        await Promise.all(lives.map((life, nth) => (won[nth] === true ? life.close() : life.end)));
        await until('nothing is left', () => checkProcesses(home).length === 0);
      } finally {
        endAll(home.folder);
        home.remove();
      }
      matrix.noted('Faults', `${count} daemons are started at once`, 'exactly one lives');
    });

    test('8 clients', async () => {
      const home = newHome(receiver().url);
      const env = { ...process.env, TEND_HOME: home.state };
      try {
        const clients = await Promise.all(
          Array.from({ length: 8 }, () => connectOrStart(home.paths, { entry: MAIN, env })),
        );
        const pids = await Promise.all(clients.map(async (client) => (await client.status()).pid));
        expect(new Set(pids).size).toBe(1);
        await clients[0]?.shutdown();
        for (const client of clients) client.close();
        await until('the daemon is gone', () => pids.every((pid) => !isAlive(pid)));
        await until('nothing is left', () => checkProcesses(home).length === 0);
      } finally {
        endAll(home.folder);
        home.remove();
      }
      matrix.noted('Faults', '8 clients start a daemon at once', 'all reach the same one');
    });
  });
}
