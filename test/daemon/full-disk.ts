/** Logs until the file can grow no more, then makes room and logs again. Prints how many lines it tried. */
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { openLog } from '../../src/daemon/log.ts';

const path = process.argv[2] ?? '';
const LINES = 200;
const log = openLog(path, { level: 'info' });
for (let n = 0; n < LINES; n++) log.logger.info({ n }, 'x');
copyFileSync(path, `${path}.full`);
rmSync(path);
log.logger.info('after');
log.close();
renameSync(path, `${path}.1`);
renameSync(`${path}.full`, path);
process.stdout.write(String(LINES));
