/** Captured environments: stored once, private, kept while used. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StoredEnvironments } from '../../src/adapters/process/environments.ts';
import { argv, eachOnGround } from './ground.ts';

const ground = eachOnGround();
const names = (): string[] => fs.readdirSync(join(ground().state, 'env')).toSorted();

function age(): void {
  const long = new Date(Date.now() - 10 * 60_000);
  for (const name of names()) fs.utimesSync(join(ground().state, 'env', name), long, long);
}

test('equal content has one name, whatever its order, and one file', async () => {
  const { environments } = ground();
  const [a, b, c] = await Promise.all([
    environments.put({ A: '1', B: '2' }),
    environments.put({ B: '2', A: '1' }),
    environments.put({ A: '1' }),
  ]);
  expect(a).toBe(b);
  expect(names()).toEqual([a, c].toSorted());
  expect(await new StoredEnvironments(ground().state).put({ A: '1' })).toBe(c);
  expect(fs.statSync(join(ground().state, 'env', a)).mode & 0o777).toBe(0o600);
});

test('what is not used is deleted, but not what was just put', async () => {
  const used = await ground().environments.put({ A: '1' });
  const unused = await ground().environments.put({ A: '2' });
  await ground().environments.keep(new Set());
  expect(names()).toEqual([used, unused].toSorted());
  age();
  fs.writeFileSync(join(ground().state, 'env', 'not ours'), '');
  const later = new StoredEnvironments(ground().state);
  const again = await later.put({ A: '3' });
  await later.keep(new Set([used]));
  expect(names()).toEqual([used, again, 'not ours'].toSorted());
  // Deleted is not known: the same content is stored again.
  expect(await later.put({ A: '2' })).toBe(unused);
  expect(names()).toContain(unused);
});

test('nothing was put yet', async () => {
  await ground().environments.keep(new Set());
  expect(fs.existsSync(join(ground().state, 'env'))).toBe(false);
});

test('a launched attempt keeps its environment', async () => {
  const environment = await ground().environments.put({ PATH: '/usr/bin:/bin', A: '1' });
  const task = ground().task(argv('printenv', 'A'), { environment });
  await ground().supervisor.launch(task);
  await ground().over(task);
  age();
  await new StoredEnvironments(ground().state).keep(new Set());
  expect(names()).toEqual([]);
  expect(ground().read(task, 'env')).toContain("export A='1'");
  expect(ground().read(task, 'output')).toBe('1\n');
  expect(ground().read(task, 'spec.json')).not.toContain('/usr/bin:/bin');
});
