/** One daemon after the other in one process, for the lives that are not killed: a line of orders starts one, an empty line ends it. */
import { createInterface } from 'node:readline';
import type { Daemon } from '../../src/daemon/daemon.ts';
import { startBuilt } from './compose.ts';
import type { Orders } from './life.ts';

let daemon: Daemon | null = null;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') {
    await daemon?.close();
    daemon = null;
    process.stdout.write('ended\n');
    continue;
  }
  const orders = JSON.parse(line) as Orders;
  process.env['TEND_HOME'] = orders.home;
  daemon = await startBuilt(orders);
  process.stdout.write(daemon === null ? 'another\n' : 'ready\n');
}
