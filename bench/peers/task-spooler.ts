import { join } from 'node:path';
import { run } from '../children.ts';
import { missing, need } from './install.ts';
import { type Peer, timed } from './peer.ts';

/** Two feeders were the fastest way found to submit; the last jobs are waited for one by one. */
const SUBMIT = `
  seq "$COUNT" | xargs -P 2 -n 1 "$TSP" true >/dev/null || exit
  left=$((SLOTS + 2))
  while [ "$left" -gt 0 ]; do
    "$TSP" -w $((COUNT - left)) >/dev/null
    left=$((left - 1))
  done`;

/** One server holds the queue in memory; each submit is a process that becomes the job's parent. */
export const taskSpooler: Peer = {
  name: 'task-spooler',
  count: null,
  missing: () => missing('tsp'),
  async run(folder, count, slots) {
    const tsp = need('tsp');
    const env = {
      ...process.env,
      TSP: tsp,
      COUNT: String(count),
      SLOTS: String(slots),
      TS_SOCKET: join(folder, 'socket'),
      TMPDIR: folder,
    };
    await run(tsp, ['-S', String(slots)], { env });
    try {
      return await timed(() => run('/bin/sh', ['-c', SUBMIT], { env }));
    } finally {
      await run(tsp, ['-K'], { env });
    }
  },
};
