/** Writes tasks as fast as it can and prints the id of each that was acknowledged as ended, until it is killed. */
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { submitEnded } from './sample.ts';

const [path = '', name = ''] = process.argv.slice(2);
const store = openSqlite(path);

async function write(writer: number): Promise<never> {
  for (let nth = 0; ; nth++) {
    const { id } = await submitEnded(store, `t-${name}-${writer}-${nth}`);
    process.stdout.write(`${id}\n`);
  }
}

await Promise.race([1, 2, 3, 4].map(write));
