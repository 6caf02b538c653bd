import { join } from 'node:path';
import { run } from '../children.ts';
import { missing, need } from './install.ts';
import { type Peer, timed } from './peer.ts';

export const parallel: Peer = {
  name: 'GNU parallel --joblog',
  count: null,
  missing: () => missing('parallel'),
  async run(folder, count, slots) {
    const joblog = join(folder, 'joblog');
    const line = `seq ${count} | "$0" -n0 -j ${slots} --joblog "$1" true`;
    const env = { ...process.env, PARALLEL_HOME: folder, TMPDIR: folder };
    return timed(() => run('/bin/sh', ['-c', line, need('parallel'), joblog], { env }));
  },
};
