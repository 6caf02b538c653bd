/** Watches while daemons come and go, and while the store refuses: nothing twice, nothing lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryStatus } from '../../src/domain/delivery.ts';
import type { Ports } from '../../src/engine/context.ts';
import { until } from '../crash/until.ts';
import { type Ground, openGround } from './ground.ts';

let ground: Ground;
let folder: string;
/** Whether the store takes what watches find. */
let refusing = false;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tend-watches-'));
  refusing = false;
  ground = await openGround((ports: Ports) => ({
    ...ports,
    store: {
      ...ports.store,
      putWatch: async (...given) => {
        if (refusing) throw new Error('the disk is full');
        return ports.store.putWatch(...given);
      },
    },
  }));
});
afterEach(async () => {
  await ground.close();
  rmSync(folder, { recursive: true, force: true });
});

const ASKED = { on: null, stream: null, once: false, fromStart: true };
const gate = (name: string): string => `while ! [ -e ${folder}/${name} ]; do sleep 0.02; done`;
const matches = async (): Promise<DeliveryStatus[]> =>
  (await ground.ports.store.inbox({ owner: 'cli:1000', limit: 999 })).filter(
    ({ kind }) => kind === 'match',
  );
const counted = async (): Promise<number> =>
  (await matches())
    .map(({ preview }) => 1 + Number(/and (\d+) more/.exec(preview)?.[1] ?? 0))
    .reduce((sum, one) => sum + one, 0);
const over = () =>
  until('it is over', async () => (await ground.node.watches.list(null)).length === 0);
const size = (id: string) => ground.ports.output.size({ taskId: id, number: 1 }, 'output');

test('daemons that come and go while a task writes: every line is counted once', async () => {
  const { id } = await ground.submit(
    `i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "ready $i"; echo no; sleep 0.01; done`,
  );
  await ground.node.watches.add(id, { ...ASKED, match: '/^ready \\d+$/' });
  for (let nth = 1; nth <= 8; nth++) {
    const seen = await size(id);
    await ground.reopen(() => until('it wrote on', async () => (await size(id)) > seen + 100));
  }
  await ground.settled(id);
  await over();
  expect(await counted()).toBe(300);
  const ids = (await matches()).map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ground.faults).toEqual([]);
});

test('what cannot be stored is found again', async () => {
  const { id } = await ground.submit(`${gate('a')}; echo one ready; echo two ready; ${gate('b')}`);
  await ground.node.watches.add(id, { ...ASKED, match: 'ready' });
  await ground.reaches(id, 'running');
  refusing = true;
  writeFileSync(join(folder, 'a'), '');
  await until('it was refused', () => ground.faults.length > 0);
  expect(await matches()).toEqual([]);
  refusing = false;
  writeFileSync(join(folder, 'b'), '');
  await ground.settled(id);
  await over();
  expect(await counted()).toBe(2);
});

test('a watch that is removed while it finds something tells nothing more', async () => {
  const { id } = await ground.submit(`echo ready; ${gate('a')}; echo ready`);
  const watch = await ground.node.watches.add(id, { ...ASKED, match: 'ready' });
  await until('it is told', async () => (await matches()).length === 1);
  await ground.node.watches.remove(watch.id);
  writeFileSync(join(folder, 'a'), '');
  await ground.settled(id);
  expect(await matches()).toHaveLength(1);
  expect(ground.faults).toEqual([]);
});
