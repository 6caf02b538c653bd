import { once } from 'node:events';
import { run, start } from '../children.ts';
import { inFlight } from '../rounds.ts';
import { type Peer, timed } from './peer.ts';

/** No queue, no record, no output: what is left when everything durable is left out. */
export const bareSpawn: Peer = {
  name: 'child_process.spawn (records nothing)',
  count: null,
  missing: () => null,
  run: (_folder, count, slots) =>
    timed(async () => {
      await inFlight(count, slots, () => once(start('true', [], { stdio: 'ignore' }), 'exit'));
    }),
};

export const xargs: Peer = {
  name: 'xargs -P (records nothing)',
  count: null,
  missing: () => null,
  run: (_folder, count, slots) =>
    timed(() =>
      run('/bin/sh', ['-c', `seq ${count} | xargs -P ${slots} -n 1 true`], { stdio: 'ignore' }),
    ),
};
