import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

const TEND = `'${process.execPath}' '${join(import.meta.dirname, '../../bin/tend.cjs')}'`;
const once = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.02; done`;
const allow = (file: string): void => writeFileSync(join(home.work, file), '');

test('a watched task says that it waits for its subtasks, and shows them', async () => {
  const nested = (id: string, command: string): string =>
    `${TEND} run -q --id ${id} --title "part ${id}" -- "${command}"`;
  const words = ['run', '--wait', '--id', 'whole', '--'];
  const watched = home.start([
    ...words,
    `${nested('one', 'true')}; ${nested('two', `${once('go')}; exit 3`)}; echo done`,
  ]);
  watched.child.stdin?.end();
  await until('it tells', () => watched.said.stderr.includes('subtask'));
  expect(watched.said.stdout).toBe('one\ntwo\ndone\n');
  expect(watched.said.stderr).toContain(
    'tend: whole has done its own work and waits for 1 subtask two\n',
  );
  const shown = await home.out('show', 'whole');
  expect(shown).toMatch(/awaiting children {2}has done its own work and waits for 1 subtask two/);
  expect(shown).toMatch(
    /^subtasks\n {2}one {2}completed {2}part one\n {2}two {2}running {2}part two$/m,
  );
  const child = { id: 'two', title: 'part two', state: 'running', verdict: 'pending' };
  const { children } = await home.json<Task>('show', 'whole');
  expect(children).toMatchObject([{ id: 'one', state: 'completed' }, child]);
  allow('go');
  const { code, stderr } = await watched.result;
  expect(code).toBe(1);
  expect(stderr.split('\n')).toContainEqual(
    expect.stringMatching(/^tend: whole failed: a subtask of it failed/),
  );
});

test('a stop of what waits for its subtasks ends it, --tree all of it', async () => {
  const id = await home.run('--', `${TEND} run -q --id kid -- 'sleep 60'`);
  await until(
    'it waits',
    async () => (await home.json<Task>('show', id)).state === 'awaiting_children',
  );
  const { code, stdout } = await home.tend(['stop', '--tree', '--wait', '--json', id]);
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { state: 'cancelled', reason: 'user' }]);
  await home.tend(['wait', 'kid']);
  expect(await home.json<Task>('show', 'kid')).toMatchObject({ reason: 'parent' });
  const late = await home.tend(['run', '--', 'true'], { env: { TEND_TASK_ID: id } });
  expect(late).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('takes no more subtasks'),
  });
});

test('results are for agents', async () => {
  const { code, stderr } = await home.tend(['run', '--context-from', 'x', '--', 'true']);
  expect(code).toBe(2);
  expect(stderr).toContain('--context-from is for agents; a command has no use for it');
});
