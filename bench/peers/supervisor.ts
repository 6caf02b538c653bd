import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../children.ts';
import { until } from '../rounds.ts';
import { missing, need, PEERS } from './install.ts';
import { type Peer, timed } from './peer.ts';

const config = (folder: string, count: number): string => `
[supervisord]
nodaemon=true
logfile=${folder}/log
pidfile=${folder}/pid
childlogdir=${folder}
identifier=bench
[program:task]
command=true
process_name=task%(process_num)s
numprocs=${count}
startsecs=0
autorestart=false
exitcodes=0
`;

/** Starts all its programs at once: it knows no slots. An end counts when its log tells of it. */
export const supervisor: Peer = {
  name: 'supervisord',
  count: 200,
  missing: () => missing('supervisord'),
  async run(folder, count) {
    const path = join(folder, 'supervisord.conf');
    const log = join(folder, 'log');
    writeFileSync(path, config(folder, count));
    const packages = join(PEERS, 'root', 'usr', 'lib', 'python3', 'dist-packages');
    const env = { ...process.env, PYTHONPATH: packages };
    const ended = (): number => readFileSync(log, 'latin1').split('exited: task').length - 1;
    let daemon: ReturnType<typeof start> | undefined;
    try {
      return await timed(async () => {
        const args = [need('supervisord'), '-c', path];
        daemon = start('/usr/bin/python3', args, { env, stdio: 'ignore' });
        await until('the end of all programs', () => existsSync(log) && ended() >= count);
      });
    } finally {
      if (daemon?.exitCode === null) {
        const gone = once(daemon, 'exit');
        daemon.kill('SIGTERM');
        await gone;
      }
    }
  },
};
