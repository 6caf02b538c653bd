/** Watches and sent text while the real daemon is killed, on its real database. */
import { afterAll, expect, test } from 'vitest';
import type { Delivery, Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

async function killDaemon(): Promise<void> {
  const daemon = home.processes().find(({ command }) => /daemon\/main\.js/.test(command));
  if (daemon === undefined) throw new Error('there is no daemon');
  process.kill(daemon.pid, 'SIGKILL');
  await until('it is gone', () => !home.processes().some(({ pid }) => pid === daemon.pid));
}

test('killed again and again: every line that is echoed is told once, every text arrives once', async () => {
  const id = await home.run(
    '--input',
    '--owner',
    'k',
    '--',
    'while read -r w; do echo "got $w"; done',
  );
  await until('it runs', async () => (await home.json<Task>('show', id)).state === 'running');
  await home.out('watch', '-q', id, '--match', '/^got \\d+$/');
  const count = 8;
  for (let nth = 1; nth <= count; nth++) {
    const sending = home.tend(['send', '-q', id, String(nth)]);
    // In every second round it dies while the text is on its way; the sender then does not know, and asks.
    if (nth % 2 === 0) await killDaemon().catch(() => undefined);
    if ((await sending).code === 0) continue;
    const { inputs } = await home.json<Task>('show', id);
    if (inputs.length < nth) await home.out('send', '-q', id, String(nth));
  }
  await home.out('send', '-q', '--end', id);
  await home.tend(['wait', id]);
  const logs = await home.out('logs', id);
  expect(logs).toBe(Array.from({ length: count }, (_none, at) => `got ${at + 1}\n`).join(''));
  const told = await until('all are told', async () => {
    const { deliveries } = await home.json<{ deliveries: Delivery[] }>('inbox', '--owner', 'k');
    const matches = deliveries.filter(({ kind }) => kind === 'match');
    const all = matches.reduce(
      (sum, { preview }) => sum + 1 + Number(/and (\d+) more/.exec(preview)?.[1] ?? 0),
      0,
    );
    return all >= count ? { all, ids: matches.map((one) => one.id) } : null;
  });
  expect(told.all).toBe(count);
  expect(new Set(told.ids).size).toBe(told.ids.length);
}, 120_000);
