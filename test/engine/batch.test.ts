import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BatchRequest, BatchTask } from '../../src/engine/facade.ts';
import { contentHash } from '../../src/domain/submission.ts';
import { type Ground, openGround, SPEC } from './ground.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  expect(ground.faults).toEqual([]);
});

type When = BatchTask['after'][number]['when'];

function task(name: string, command: string, ...on: (string | [string, When])[]): BatchTask {
  const work = { kind: 'command', command, shell: '/bin/sh' } as const;
  return {
    name,
    request: { id: null, spec: { ...SPEC, work }, environment: {}, runAt: null },
    after: on.map((one) => {
      const [other, when] = typeof one === 'string' ? [one, 'success' as const] : one;
      return { name: other, when, key: null };
    }),
    contextFrom: [],
  };
}

const part = (tasks: readonly BatchTask[], more: Partial<BatchRequest> = {}): BatchRequest => ({
  group: 'g-test',
  source: null,
  resume: null,
  dryRun: false,
  environment: { PATH: '/usr/bin:/bin' },
  parent: null,
  tasks,
  ...more,
});

async function submit(tasks: readonly BatchTask[], more: Partial<BatchRequest> = {}) {
  return ground.node.batches.submit(part(tasks, more));
}

/** `a+ b` : a is new, b was there. */
const told = ({ tasks }: Awaited<ReturnType<typeof submit>>): string =>
  tasks.map(({ name, created }) => name + (created ? '+' : '')).join(' ');

/** The ends of all, in the order of the answer. */
async function ends({ tasks }: Awaited<ReturnType<typeof submit>>): Promise<string> {
  const settled = await ground.settled(...tasks.map(({ id }) => id ?? ''));
  return settled.map(({ state }) => state).join(' ');
}

async function deliveriesOf(id: string): Promise<string[]> {
  const found = await ground.ports.store.deliveries(id);
  return found.map((one) => one.id);
}

/** Later than anything that was stored before. */
function later(): number {
  ground.jump(10);
  return ground.ports.clock.now();
}

describe('a part', () => {
  test('is stored once, however often it comes', async () => {
    const tasks = [task('a', 'true'), task('b', 'true', 'a'), task('c', 'true', 'a', 'b')];
    const [first, second] = await Promise.all([submit(tasks), submit(tasks)]);
    expect(told(first)).toBe('a+ b+ c+');
    expect(told(second)).toBe('a b c');
    expect(second.tasks.map(({ id }) => id)).toEqual(first.tasks.map(({ id }) => id));
    expect(await ends(first)).toBe('completed completed completed');
    expect(told(await submit(tasks))).toBe('a b c');
    expect((await ground.node.list({ group: 'g-test', limit: 10 })).tasks).toHaveLength(3);
  });

  test('waits for tasks of an earlier one, also when those are over', async () => {
    const first = await submit([task('a', 'exit 3')]);
    expect(await ends(first)).toBe('failed');
    const second = await submit([
      task('b', 'true', 'a'),
      task('c', 'true', ['a', 'failure']),
      task('d', 'true', ['b', 'always']),
    ]);
    expect(await ends(second)).toBe('skipped completed completed');
  });

  test('that waits for nobody known is refused, and nothing of it stored', async () => {
    const refused = submit([task('a', 'true'), task('b', 'true', 'nobody')]);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await ground.node.list({ limit: 10 })).tasks).toEqual([]);
  });

  test('names its tasks, and gives them its group and a key each', async () => {
    const { tasks } = await submit([task('a', 'true')]);
    const { spec } = await ground.node.find(tasks[0]?.id ?? '');
    expect(spec).toMatchObject({
      name: 'a',
      group: 'g-test',
      key: 'batch:g-test:a',
      retryOf: null,
    });
  });

  test('may ask for ids, which come out numbered when they are taken', async () => {
    await ground.settled((await ground.submit('true', {}, 'nightly')).id);
    const named = task('a', 'true');
    const asked = { ...named, request: { ...named.request, id: 'nightly' } };
    const result = await submit([asked, task('b', 'true', 'a')]);
    expect(result.tasks[0]?.id).toBe('nightly-2');
    expect(await ends(result)).toBe('completed completed');
    const b = await ground.node.find(result.tasks[1]?.id ?? '');
    expect(b.spec.after).toEqual([{ task: 'nightly-2', when: 'success' }]);
  });

  test('has ids that begin alike when it is a large one', async () => {
    const many = Array.from({ length: 260 }, (_, at) => task(`t${at}`, 'true', 'never'));
    const never = task('never', 'sleep 60');
    const { tasks } = await submit([never, ...many]);
    expect(new Set(tasks.map(({ id }) => id?.slice(0, 6)))).toHaveProperty('size', 1);
    expect(new Set(tasks.map(({ id }) => id))).toHaveProperty('size', 261);
    await ground.stop(tasks[0]?.id ?? '', { grace: 0 });
    await ground.settled(...tasks.map(({ id }) => id ?? ''));
  });

  test('that is only tried stores nothing', async () => {
    const result = await submit([task('a', 'true'), task('b', 'true', 'a')], { dryRun: true });
    expect(result.tasks).toMatchObject([
      { name: 'a', id: null, created: true, state: null, agent: null },
      { name: 'b', id: null, created: true, state: null, agent: null },
    ]);
    expect((await ground.node.list({ limit: 10 })).tasks).toEqual([]);
    expect(await ground.ports.store.setting('batch.x')).toBeNull();
  });
});

describe('a resume', () => {
  const flaky = (folder: string): BatchTask[] => [
    task('a', 'true'),
    task('b', `test -e ${folder}/ok`, 'a'),
    task('c', 'true', 'b'),
    task('d', 'true', ['b', 'failure']),
  ];

  test('runs again what did not complete, with those that were skipped for it', async () => {
    const first = await submit(flaky('/no/such'));
    expect(await ends(first)).toBe('completed failed skipped completed');
    const again = await submit(flaky('/'), { resume: later() });
    expect(told(again)).toBe('a b+ c+ d');
    const b = await ground.node.find(again.tasks[1]?.id ?? '');
    expect(b.spec).toMatchObject({ key: 'batch:g-test:b:2', retryOf: first.tasks[1]?.id });
    expect(await ends(again)).toBe('completed failed skipped completed');
  });

  test('that comes twice is one resume, whatever became of it between', async () => {
    await ends(await submit(flaky('/no/such')));
    const resume = later();
    const once = await submit(flaky('/no/such'), { resume });
    await ends(once);
    const twice = await submit(flaky('/no/such'), { resume });
    expect(told(twice)).toBe('a b c d');
    expect(twice.tasks.map(({ id }) => id)).toEqual(once.tasks.map(({ id }) => id));
    expect(told(await submit(flaky('/no/such'), { resume: later() }))).toBe('a b+ c+ d');
  });

  test('submits what never was', async () => {
    await ends(await submit([task('a', 'true')]));
    const rest = await submit([task('a', 'true'), task('b', 'true', 'a')], { resume: later() });
    expect(told(rest)).toBe('a b+');
    expect(await ends(rest)).toBe('completed completed');
  });

  test('knows the newest task also when older ones are forgotten', async () => {
    const first = await submit([task('a', 'false')]);
    await ends(first);
    await ends(await submit([task('a', 'true')], { resume: later() }));
    const [old] = first.tasks;
    const deliveries = await deliveriesOf(old?.id ?? '');
    await ground.node.ack(SPEC.owner, deliveries);
    await ground.node.remove(old?.id ?? '');
    expect(told(await submit([task('a', 'true')], { resume: later() }))).toBe('a');
  });

  test('leaves alone what would only be skipped again', async () => {
    const tasks = [task('a', 'true'), task('b', 'true', ['a', 'failure']), task('c', 'true', 'b')];
    expect(await ends(await submit(tasks))).toBe('completed skipped skipped');
    expect(told(await submit(tasks, { resume: later() }))).toBe('a b c');
  });

  test('finds the newest run of its file, and none of another one', async () => {
    const source = '/work/nightly.toml';
    await ends(await submit([task('a', 'true')], { group: 'g-1', source }));
    await ends(await submit([task('a', 'false')], { group: 'g-2', source }));
    expect(await ground.ports.store.setting(`batch.${contentHash(source)}`)).toBe('g-2');
    const again = await submit([task('a', 'true')], { group: null, source, resume: later() });
    expect([again.group, told(again)]).toEqual(['g-2', 'a+']);
    await ends(again);
    const other = submit([task('a', 'true')], { group: null, source: '/x', resume: later() });
    await expect(other).rejects.toMatchObject({ code: 'not_found' });
  });

  test('goes on after another daemon took over', async () => {
    const tasks = [task('a', 'true'), task('b', 'sleep 60', 'a'), task('c', 'true', 'b')];
    const first = await submit(tasks);
    await ground.reaches(first.tasks[1]?.id ?? '', 'running');
    await ground.reopen();
    const again = await submit(tasks, { resume: later() });
    expect(told(again)).toBe('a b c');
    await ground.stop(again.tasks[1]?.id ?? '', { grace: 0 });
    expect(await ends(again)).toBe('completed cancelled skipped');
  });
});
