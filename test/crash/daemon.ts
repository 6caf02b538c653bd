/** One daemon, which may be killed at a point. */
import { startBuilt } from './compose.ts';
import type { Orders } from './life.ts';

const daemon = await startBuilt(JSON.parse(process.argv[2] ?? '{}') as Orders);
if (daemon === null) process.stdout.write('another\n');
else {
  process.once('SIGTERM', () => void daemon.close().then(() => process.exit(0)));
  process.stdout.write('ready\n');
}
