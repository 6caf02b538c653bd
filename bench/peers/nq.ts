import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../children.ts';
import { missing, need } from './install.ts';
import { type Peer, timed } from './peer.ts';

/** One folder runs one job at a time, so there are as many folders as slots. */
const SUBMIT = `
  task=0
  while [ "$task" -lt "$COUNT" ]; do
    NQDIR="$FOLDER/$((task % SLOTS))" "$NQ" true >/dev/null || exit
    task=$((task + 1))
  done
  lane=0
  while [ "$lane" -lt "$SLOTS" ]; do
    NQDIR="$FOLDER/$lane" "$NQ" -w || exit
    lane=$((lane + 1))
  done`;

export const nq: Peer = {
  name: 'nq',
  count: null,
  missing: () => missing('nq'),
  async run(folder, count, slots) {
    for (let lane = 0; lane < slots; lane++) mkdirSync(join(folder, String(lane)));
    const env = {
      ...process.env,
      NQ: need('nq'),
      COUNT: String(count),
      SLOTS: String(slots),
      FOLDER: folder,
    };
    return timed(() => run('/bin/sh', ['-c', SUBMIT], { env }));
  },
};
