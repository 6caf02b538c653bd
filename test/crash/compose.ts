import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Daemon } from '../../src/daemon/daemon.ts';
import type { Ports } from '../../src/engine/context.ts';
import { resolvePaths } from '../../src/interfaces/client/paths.ts';
import { withBug } from './bugs.ts';
import { patchGit } from './git.ts';
import { wrongClock, wrongTimes } from './clock.ts';
import { hurried } from './hurry.ts';
import type { Orders } from './life.ts';
import { crashPoint, through } from './points.ts';
import { patchSqlite } from './sql.ts';

/** The built daemon, with a crash point, a seeded bug or a wrong clock between it and its ports. */
export async function startBuilt(orders: Orders): Promise<Daemon | null> {
  const { plan, died, bug, clock, times, dist } = orders;
  const point = crashPoint(plan, died);
  if (plan.level === 'sql') patchSqlite(point);
  if (plan.level === 'git') patchGit(point);
  const wrap = <K extends keyof Ports>(name: K, port: Ports[K]): Ports[K] => {
    const faulty = bug === undefined ? port : withBug(bug, orders.home, name, port);
    const timed = clock === undefined ? faulty : wrongClock(clock, name, faulty);
    const filed = clock === undefined || times !== true ? timed : wrongTimes(clock, name, timed);
    const quick = hurried(name, filed);
    return plan.level === 'port' && plan.at > 0 ? through(point, name, quick) : quick;
  };
  const built = pathToFileURL(join(dist, 'daemon', 'daemon.js')).href;
  const { startDaemon } = (await import(built)) as typeof import('../../src/daemon/daemon.ts');
  const started = await startDaemon(resolvePaths({ TEND_HOME: orders.home }), { wrap });
  return started.already === undefined ? started : null;
}
