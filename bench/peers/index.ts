import { bareSpawn, xargs } from './bare.ts';
import { nq } from './nq.ts';
import { parallel } from './parallel.ts';
import type { Peer } from './peer.ts';
import { pm2 } from './pm2.ts';
import { supervisor } from './supervisor.ts';
import { taskSpooler } from './task-spooler.ts';

export const PEER_LIST: readonly Peer[] = [
  taskSpooler,
  nq,
  parallel,
  supervisor,
  pm2,
  xargs,
  bareSpawn,
];
