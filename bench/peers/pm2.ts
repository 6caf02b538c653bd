import { run } from '../children.ts';
import { missing, need } from './install.ts';
import { type Peer, timed } from './peer.ts';

/** Its command line is the usual way in; it waits until the start is recorded. */
export const pm2: Peer = {
  name: 'pm2',
  count: 15,
  missing: () => missing('pm2'),
  async run(folder, count) {
    const env = { ...process.env, PM2_HOME: folder, HOME: folder };
    const call = (...args: string[]) => run(process.execPath, [need('pm2'), ...args], { env });
    await call('ping');
    try {
      return await timed(async () => {
        for (let task = 0; task < count; task++)
          await call('start', '/bin/true', '--name', `task${task}`, '--no-autorestart');
      });
    } finally {
      await call('kill');
    }
  },
};
