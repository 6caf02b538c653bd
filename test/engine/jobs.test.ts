import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { jobFindings, Jobs } from '../../src/engine/jobs.ts';

let woken: string[];
let reported: string[];
let jobs: Jobs;

beforeEach(() => {
  vi.useFakeTimers();
  woken = [];
  reported = [];
  jobs = new Jobs(
    (id) => void woken.push(id),
    (error, what) => void reported.push(`${what}: ${String(error)}`),
  );
});
afterEach(async () => {
  await jobs.close();
  vi.useRealTimers();
});

/** Lets everything run that waits for nothing. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

/** Jobs that end when they are told to. */
function held() {
  const began: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  return {
    began,
    job: (name: string) => async (): Promise<void> => {
      began.push(name);
      const end = Promise.withResolvers<void>();
      ends.set(name, end);
      await end.promise;
    },
    end: (name: string) => ends.get(name)?.resolve(),
  };
}

test('a job goes on once at a time, and hurries its task when it is done', async () => {
  const { began, job, end } = held();
  jobs.start('a', 't-1', job('a'));
  jobs.start('a', 't-1', job('a'));
  await settle();
  expect(began).toEqual(['a']);
  expect(woken).toEqual([]);
  end('a');
  await settle();
  expect(woken).toEqual(['t-1']);
  jobs.start('a', null, job('a'));
  end('a');
  await settle();
  end('a');
  await settle();
  expect(began).toEqual(['a', 'a']);
  expect(woken).toEqual(['t-1']);
});

test('a few go on at a time, the others follow in their order', async () => {
  const { began, job, end } = held();
  for (const name of ['a', 'b', 'c', 'd', 'e']) jobs.start(name, 't-1', job(name));
  await settle();
  expect(began).toEqual(['a', 'b', 'c']);
  end('b');
  await settle();
  expect(began).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['a', 'c', 'd']) end(name);
  await settle();
  end('e');
  await settle();
  expect(began).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('those that have to be alone follow each other, and keep nobody else from going on', async () => {
  const { began, job, end } = held();
  jobs.start('a', null, job('a'), 'repository');
  jobs.start('b', null, job('b'), 'repository');
  jobs.start('c', null, job('c'), 'another');
  jobs.start('d', null, job('d'));
  await settle();
  expect(began).toEqual(['a', 'c', 'd']);
  end('a');
  await settle();
  expect(began).toEqual(['a', 'c', 'd', 'b']);
  for (const name of ['b', 'c', 'd']) end(name);
});

test('what fails is reported once, and tried again after a growing wait', async () => {
  let tries = 0;
  jobs.start('a', 't-1', async () => {
    tries += 1;
    if (tries < 4) throw new Error('disk full');
  });
  await settle();
  expect(reported).toEqual(['job a: Error: disk full']);
  expect(jobFindings(jobs)).toMatchObject([
    { taskId: 't-1', message: 'a failed, and is tried again: disk full' },
  ]);
  jobs.start('a', 't-1', async () => {
    throw new Error('twice');
  });
  for (const [wait, after] of [
    [500, 2],
    [999, 2],
    [1, 3],
    [2_000, 4],
  ] as const) {
    await vi.advanceTimersByTimeAsync(wait);
    expect(tries).toBe(after);
  }
  expect(reported).toHaveLength(1);
  expect(jobFindings(jobs)).toEqual([]);
  expect(woken).toEqual(['t-1']);
});

test('at the close what runs is waited for, and nothing else begins', async () => {
  const { began, job, end } = held();
  for (const name of ['a', 'b', 'c', 'd']) jobs.start(name, 't-1', job(name));
  await settle();
  let isClosed = false;
  const closed = jobs.close().then(() => (isClosed = true));
  for (const name of ['a', 'b']) end(name);
  await settle();
  expect(isClosed).toBe(false);
  end('c');
  await closed;
  jobs.start('e', 't-1', job('e'));
  await settle();
  expect(began).toEqual(['a', 'b', 'c']);
});
