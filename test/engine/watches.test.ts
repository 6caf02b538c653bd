/** Watches on real processes: told once, at once, in order, across restarts and attempts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryStatus } from '../../src/domain/delivery.ts';
import { NO_RETRY } from '../../src/domain/retry.ts';
import type { NewWatch } from '../../src/engine/facade.ts';
import { until } from '../crash/until.ts';
import { type Ground, openGround } from './ground.ts';

let ground: Ground;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tend-watches-'));
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  expect(ground.faults).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

const gate = (name: string): string => `while ! [ -e ${folder}/${name} ]; do sleep 0.02; done`;
const open = (name: string): void => writeFileSync(join(folder, name), '');
const watch = (id: string, match: string, asked: Partial<NewWatch> = {}) =>
  ground.node.watches.add(id, {
    match,
    on: null,
    stream: null,
    once: false,
    fromStart: false,
    ...asked,
  });
const matches = async (): Promise<DeliveryStatus[]> =>
  (await ground.ports.store.inbox({ owner: 'cli:1000', limit: 999 })).filter(
    ({ kind }) => kind === 'match',
  );
const previews = async (): Promise<string[]> =>
  (await matches()).map(({ preview }) => preview.replace(/^w-\w+ found /, ''));
const written = async (id: string): Promise<number> =>
  (await ground.node.read(id, { stream: null, attempt: null, offset: 0, limit: 100, tail: null }))
    .size;
const told = (count: number): Promise<void> =>
  until(`${count} are told`, async () => (await matches()).length >= count, { cap: 10_000 });

test('a match is told while the task runs, and no second time at its end', async () => {
  const { id } = await ground.submit(`echo before; ${gate('a')}; echo is ready now; ${gate('b')}`);
  await ground.reaches(id, 'running');
  await until('it has written', async () => (await written(id)) > 0);
  await watch(id, 'ready');
  await watch(id, 'before');
  open('a');
  await told(1);
  expect((await matches())[0]).toMatchObject({ taskId: id, owner: 'cli:1000' });
  expect((await ground.node.find(id)).state).toBe('running');
  open('b');
  await ground.settled(id);
  await until('it is over', async () => (await ground.node.watches.list(null)).length === 0);
  expect(await previews()).toEqual(['"ready": before\nis ready now']);
});

test('from the start: what was written before the watch, too; a prompt without a newline at once', async () => {
  const { id } = await ground.submit(`printf 'Go on? [y/N] '; ${gate('a')}`);
  await until(
    'it writes',
    async () => (await ground.node.describe([await ground.node.find(id)]))[0]?.output.bytes === 13,
  );
  await watch(id, '/\\[y\\/N\\]/', { fromStart: true });
  await told(1);
  expect(await previews()).toEqual(['/\\[y\\/N\\]/: Go on? [y/N]']);
  open('a');
});

test('on a task that waits, each attempt anew; streams apart', async () => {
  const first = await ground.submit(gate('a'));
  const { id } = await ground.submit(
    `echo out $TEND_ATTEMPT_ID; echo err $TEND_ATTEMPT_ID >&2; sleep 1.1; exit 1`,
    {
      after: [{ task: first.id, when: 'success' }],
      streams: 'split',
      retry: { ...NO_RETRY, attempts: 1, backoff: [10] },
    },
  );
  await watch(id, 'err', { stream: 'stderr' });
  await watch(id, '/^out/', { once: true });
  await watch(id, 'err', { stream: 'stdout' });
  open('a');
  await ground.settled(id);
  await until('they are over', async () => (await ground.node.watches.list(id)).length === 0);
  expect((await previews()).sort()).toEqual([
    `"err": err ${id}.1`,
    `"err": err ${id}.2`,
    `/^out/: out ${id}.1`,
  ]);
});

test('written while no daemon ran: told by the next one, once, however often it starts', async () => {
  const { id } = await ground.submit(`echo one ready; ${gate('a')}; echo two ready; ${gate('b')}`);
  await watch(id, 'ready', { fromStart: true });
  await told(1);
  await ground.reopen(async () => {
    open('a');
    await until(
      'it wrote on',
      async () => (await ground.ports.output.size({ taskId: id, number: 1 }, 'output')) > 12,
    );
  });
  await told(2);
  await ground.reopen();
  await ground.reopen(async () => open('b'));
  await ground.settled(id);
  await until('it is over', async () => (await ground.node.watches.list(null)).length === 0);
  expect((await matches()).map((one) => one.id.replace(/^.*\./, ''))).toEqual(['1o0', '1o10']);
});

test('the last bytes of a task are looked through, though it ended while no daemon ran', async () => {
  const { id } = await ground.submit(`${gate('a')}; printf 'the end'`);
  await ground.reaches(id, 'running');
  await watch(id, '/end$/');
  await ground.reopen(async () => {
    open('a');
    await until(
      'it wrote',
      async () => (await ground.ports.output.size({ taskId: id, number: 1 }, 'output')) === 7,
    );
  });
  await ground.settled(id);
  await until('it is over', async () => (await ground.node.watches.list(null)).length === 0);
  expect(await previews()).toEqual(['/end$/: the end']);
});

test('a flood is told as a few, and all of it is counted', async () => {
  const { id } = await ground.submit(`seq 1 200000 | sed 's/^/ready /'`);
  await watch(id, 'ready', { fromStart: true });
  await ground.settled(id);
  await until('it is over', async () => (await ground.node.watches.list(null)).length === 0, {
    cap: 20_000,
  });
  const all = await previews();
  const more = all.map((text) => Number(/and (\d+) more/.exec(text)?.[1] ?? 0));
  expect(more.reduce((sum, one) => sum + one, 0) + all.length).toBe(200_000);
  expect(all.length).toBeLessThan(20);
});

test('nothing is cut off the front of an output before it was looked through', async () => {
  ground.settings.outputKeep = 1_000;
  const { id } = await ground.submit(`echo early; seq 1 300000; echo late; printf last`);
  await watch(id, '/^(early|late|last)$/', { fromStart: true });
  const [task] = await ground.settled(id);
  await until('it is over', async () => (await ground.node.watches.list(null)).length === 0);
  expect(task?.attempt).toMatchObject({ output: { truncated: true } });
  const all = await previews();
  expect(all[0]).toContain(': early');
  expect(all.at(-1)).toContain('last');
  expect(all.length + Number(/and (\d+) more/.exec(all.join(' '))?.[1] ?? 0)).toBe(3);
});

test('what cannot be watched is refused with the reason, one too many as well', async () => {
  const { id } = await ground.submit(gate('a'));
  for (let nth = 0; nth < 8; nth++) await watch(id, `text ${nth}`);
  await expect(watch(id, 'one more')).rejects.toMatchObject({ code: 'limit_reached' });
  await expect(watch(id, '/(a)\\1/')).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(watch(id, 'x', { stream: 'stderr' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(watch(id, 'x', { on: 'tool_finished' })).rejects.toMatchObject({
    code: 'unsupported',
  });
  const [first] = await ground.node.watches.list(id);
  await ground.node.watches.remove(first?.id ?? '');
  await expect(ground.node.watches.remove('w-')).rejects.toMatchObject({ code: 'ambiguous_id' });
  await expect(ground.node.watches.remove('w-none')).rejects.toMatchObject({ code: 'not_found' });
  expect(await ground.node.watches.list(id)).toHaveLength(7);
  open('a');
  await ground.settled(id);
  await expect(watch(id, 'x')).rejects.toMatchObject({ code: 'already_ended' });
});
