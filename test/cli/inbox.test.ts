import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import type { Delivery } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

interface Inbox {
  deliveries: Delivery[];
}
const inbox = (...args: string[]): Promise<Inbox> => home.json<Inbox>('inbox', ...args);

test('reading marks nothing; --ack does, twice without harm', async () => {
  const id = await home.run('--owner', 'o1', '--', 'echo done; exit 2');
  const [found] = (await inbox('--owner', 'o1', '--wait', '20s')).deliveries;
  expect(found).toMatchObject({
    kind: 'completion',
    taskId: id,
    owner: 'o1',
    preview: 'done\n',
    task: { id, state: 'failed' },
  });
  const delivery = found?.id ?? '';
  expect((await inbox('--owner', 'o1')).deliveries).toHaveLength(1);
  const acked = await inbox('--owner', 'o1', '--ack', delivery);
  expect(acked).toEqual({ acked: [delivery], deliveries: [] });
  expect(await inbox('--owner', 'o1', '--ack', delivery)).toMatchObject({ acked: [] });
});

test('the owner is the session that asks', async () => {
  const env = { TEND_OWNER: 'session:1' };
  await home.tend(['run', '--wait', '--', 'true'], { env });
  const { stdout } = await home.tend(['inbox', '-q'], { env });
  expect(stdout).toMatch(/^d-\S+\n$/);
});

test('--drain prints, then acknowledges what was printed', async () => {
  await home.tend(['run', '--owner', 'o2', '--wait', '--', 'echo one; exit 1']);
  const { code, stdout } = await home.tend(['inbox', '--owner', 'o2', '--drain']);
  expect(code).toBe(0);
  expect(stdout).toContain('failed with exit code 1');
  expect(stdout).toContain('│ one');
  expect((await inbox('--owner', 'o2')).deliveries).toEqual([]);
});

test('--drain acknowledges nothing when nobody read it', async () => {
  await home.tend(['run', '--owner', 'o3', '--wait', '--', 'true']);
  const { child } = home.start(['inbox', '--owner', 'o3', '--drain', '--json']);
  child.stdout.destroy();
  await once(child, 'close');
  expect((await inbox('--owner', 'o3')).deliveries).toHaveLength(1);
});

test('--wait comes back with the first delivery, or empty when the time is over', async () => {
  const empty = await home.tend(['inbox', '--owner', 'o4', '--wait', '100ms', '--json']);
  expect(empty).toMatchObject({ code: 0, stdout: '{"deliveries":[]}\n' });
  const { result } = home.start(['inbox', '--owner', 'o4', '--wait', '30s', '--json']);
  await until('a task', () => home.run('--owner', 'o4', '--', 'true'));
  expect((JSON.parse((await result).stdout) as Inbox).deliveries).toHaveLength(1);
});

test('--ack with --drain is refused', async () => {
  expect((await home.tend(['inbox', '--drain', '--ack', 'd-1'])).code).toBe(2);
});
