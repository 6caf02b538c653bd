import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Delivery } from '../../src/interfaces/client/index.ts';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

const gate = (name: string): string => `while ! [ -e ${home.path}/${name} ]; do sleep 0.02; done`;
const open = (name: string): void => writeFileSync(join(home.path, name), '');
interface Watches {
  watches: { id: string; match: string | null; taskId: string; once: boolean }[];
}

test('a match comes into the inbox while the task runs', async () => {
  const id = await home.run('--owner', 'w1', '--', `${gate('a')}; echo now ready; ${gate('b')}`);
  const watch = (await home.out('watch', '-q', id, '--match', 'ready', '--once')).trim();
  expect(watch).toMatch(/^w-[0-9a-z]{8}$/);
  const [listed] = (await home.json<Watches>('watch', 'ls', id)).watches;
  expect(listed).toMatchObject({ id: watch, taskId: id, match: 'ready', once: true });
  expect(await home.out('watch', 'ls')).toContain('ready once');
  open('a');
  const answer = await home.json<{ deliveries: Delivery[] }>(
    'inbox',
    '--owner',
    'w1',
    '--wait',
    '20s',
  );
  expect(answer.deliveries).toMatchObject([
    {
      kind: 'match',
      taskId: id,
      preview: `${watch} found "ready": now ready`,
      task: { state: 'running' },
    },
  ]);
  expect(await home.out('inbox', '--owner', 'w1')).toContain('match: ');
  expect((await home.json<Watches>('watch', 'ls')).watches).toEqual([]);
  open('b');
});

test('rm forgets watches by the beginnings of their ids', async () => {
  const id = await home.run('--', gate('c'));
  const ids = [
    await home.out('watch', '-q', id, '--match', 'x'),
    await home.out('watch', '-q', id, '--match', '/y/i'),
  ];
  const [first = '', second = ''] = ids.map((one) => one.trim());
  expect(await home.out('watch', 'rm', first, second.slice(0, 8))).toBe(
    `removed ${first}\nremoved ${second}\n`,
  );
  expect((await home.tend(['watch', 'rm', first])).code).toBe(3);
  expect((await home.tend(['watch', 'ls', id])).stderr).toBe('tend: no watches\n');
  open('c');
});

test.each([
  [['--match', '/(/'], 2, 'cannot be watched for'],
  [['--match', '/(a)\\1/'], 2, 'refers back'],
  [[], 2, 'nothing to watch for'],
  [['--match', 'x', '--stdout', '--stderr'], 2, 'exclude each other'],
  [['--match', 'x', '--stderr'], 3, 'has no stream "stderr"'],
  [['--on', 'tool_finished'], 2, 'is a command: it has no events'],
  [['--on', 'nothing'], 2, 'is none of'],
])('%j is refused', async (options, code, why) => {
  const id = await home.run('--', 'sleep 30');
  const result = await home.tend(['watch', id, ...options]);
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toContain(why);
  await home.tend(['kill', id]);
});

test('an ended task cannot be watched', async () => {
  const id = await home.run('--', 'true');
  await home.tend(['wait', id]);
  const { code, stderr } = await home.tend(['watch', id, '--match', 'x']);
  expect({ code, says: stderr.includes(`tend logs ${id}`) }).toEqual({ code: 1, says: true });
});
