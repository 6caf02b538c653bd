import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

const logs = (id: string): Promise<string> => home.out('logs', id);
const running = async (...args: string[]): Promise<string> => {
  const id = await home.run(...args);
  await until('it runs', async () => (await home.json<Task>('show', id)).state === 'running');
  return id;
};

test('text goes to the stdin of a command, which ends with it', async () => {
  const id = await running('--input', '--', 'while read -r word; do echo "got $word"; done');
  expect(await home.out('send', id, 'hello', 'world')).toBe(`written to ${id}: 12 B\n`);
  await until('it is read', async () => (await logs(id)) === 'got hello world\n');
  expect(await home.out('send', '-q', '--end', id)).toBe(`${id}.1.i2\n`);
  expect((await home.tend(['wait', id])).code).toBe(0);
  const { inputs } = await home.json<Task>('show', id);
  expect(inputs).toMatchObject([
    { id: `${id}.1.i1`, bytes: 12, state: 'written', end: false },
    { id: `${id}.1.i2`, bytes: 0, state: 'written', end: true },
  ]);
  expect(await home.out('show', id)).toMatch(/written {2}12 B {2}\S+\.1\.i1\n/);
});

test('bytes from stdin arrive as they are', async () => {
  const id = await running('--input', '--', 'sha256sum');
  const data = randomBytes(1_000_000);
  const { child, result } = home.start(['send', '--json', '--end', id, '-']);
  child.stdin?.end(data);
  const sent = await result;
  expect(JSON.parse(sent.stdout)).toMatchObject({ taskId: id, input: { bytes: 1_000_000 } });
  await home.tend(['wait', id]);
  expect(await logs(id)).toContain(createHash('sha256').update(data).digest('hex'));
});

test('a daemon that was killed takes nothing with it', async () => {
  const id = await running('--input', '--', 'cat');
  await home.out('send', '--no-newline', id, 'one ');
  const daemon = home.processes().find(({ command }) => /daemon\/main\.js/.test(command));
  process.kill(daemon?.pid ?? 0, 'SIGKILL');
  await home.out('send', '--end', id, 'two');
  await home.tend(['wait', id]);
  expect(await logs(id)).toBe('one two\n');
});

test('refused with the reason and what there is in its place', async () => {
  const without = await running('--', 'sleep 30');
  const refused = await home.tend(['send', without, 'x']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('has no pipe on its stdin');
  expect(refused.stderr).toContain('tend run --input');
  expect((await home.tend(['send', without])).stderr).toContain('there is nothing to send');
  await home.tend(['kill', '--wait', without]);
  expect(await home.tend(['send', without, 'x'])).toMatchObject({ code: 1 });
  const agent = await home.tend(['run', '--input', 'claude', 'Fix it']);
  expect(agent).toMatchObject({ code: 2 });
  expect(agent.stderr).toContain('takes no text while it runs');
});

test('a batch may ask for it, too', async () => {
  const file = join(home.work, 'b.toml');
  const id = 'of-a-batch';
  writeFileSync(file, `[[task]]\nname = "a"\nid = "${id}"\ncommand = "cat"\ninput = true\n`);
  await home.out('batch', '-q', file);
  await until('it runs', async () => (await home.json<Task>('show', id)).state === 'running');
  await home.out('send', '--end', id, 'hi');
  await home.tend(['wait', id]);
  expect(await logs(id)).toBe('hi\n');
});
