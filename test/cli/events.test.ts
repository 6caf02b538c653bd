import { afterAll, expect, test } from 'vitest';
import type { Change } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

test('everything that changes, from a number on, as NDJSON; an interrupt ends it', async () => {
  const id = await home.run('--', 'true');
  await home.tend(['wait', id]);
  const { child, said, result } = home.start(['events', '--json', '--after', '0']);
  await until('the past', () => said.stdout.includes('"completed"'));
  const next = await home.run('--', 'exit 1');
  await until('what happens now', () => said.stdout.includes('"exit_code"'));
  child.kill('SIGINT');
  const { code, stdout, stderr } = await result;
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  const changes = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Change);
  const states = (task: string): string[] =>
    changes
      .filter(({ taskId, state }) => taskId === task && state !== 'running')
      .map(({ state }) => state);
  // A short command may be over before it was seen to run.
  const steps = ['queued', 'claimed', 'finishing'];
  expect(states(id)).toEqual([...steps, 'completed']);
  expect(states(next)).toEqual([...steps, 'failed']);
  const numbers = changes.map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
});

test('for people: one line a change', async () => {
  const { child, said } = home.start(['events', '--after', '0']);
  await until('lines', () => /^ +1 {2}\S+ {2}t-\S+ {2}submit +queued$/m.test(said.stdout));
  child.kill('SIGINT');
});

test('a daemon that ends meanwhile is no end of the stream', async () => {
  const { child, said } = home.start(['events', '-q', '--after', '0']);
  await until('the past', () => said.stdout !== '');
  await home.tend(['daemon', 'stop']);
  const id = await home.run('--', 'true');
  await until('the new task', () => said.stdout.includes(id));
  child.kill('SIGINT');
});
