import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

interface Report {
  ok: boolean;
  findings: { check: string; level: string; message: string; taskId: string | null }[];
}

test('explains what waits, and ends with 0 while all is well', async () => {
  const busy = await home.run('--', 'sleep 60');
  const next = await home.run('--after', busy, '--', 'true');
  const { ok, findings } = await home.json<Report>('doctor');
  expect(ok).toBe(true);
  const about = findings.find(({ taskId }) => taskId === next);
  expect(about?.message).toContain(busy);
  const text = await home.out('doctor');
  expect(text).toMatch(/^ok +\S+ +\S/);
  expect(text).toMatch(/\nall is well\n$/);
  expect(await home.out('doctor', '-q')).toBe('');
  await home.tend(['kill', '--wait', busy, next]);
});

test('--rebuild is refused while a daemon uses the database', async () => {
  const { code, stdout } = await home.tend(['doctor', '--rebuild', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'protected' } });
});

test('--rebuild brings the tasks back from their folders', async () => {
  const id = await home.run('--', 'exit 3');
  await home.tend(['wait', id]);
  await home.tend(['daemon', 'stop']);
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(home.path, `s/tend.db${suffix}`), { force: true });
  const { fromFolders } = await home.json<{ fromFolders: string[] }>('doctor', '--rebuild');
  expect(fromFolders).toContain(id);
  expect((await home.tend(['wait', id])).code).toBe(3);
});
