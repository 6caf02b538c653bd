/** Attempt folders alone tell what the database told. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSpecs, type Recorded } from '../../src/adapters/process/read-specs.ts';
import { argv, eachOnGround, line, stopping } from './ground.ts';

const ground = eachOnGround();

async function all(): Promise<Recorded[]> {
  const found: Recorded[] = [];
  for await (const one of readSpecs(ground().state)) found.push(one);
  return found;
}

test('a state folder without tasks', async () => {
  expect(await all()).toEqual([]);
});

test('tasks with their attempts and ends', async () => {
  const first = await ground().launch(line('exit 3'));
  await ground().over(first);
  const second = { ...first, attempt: { ...first.attempt, number: 2 } };
  await ground().supervisor.launch(second);
  await ground().over(second);
  const running = await ground().launch(argv('sleep', '600'));
  await ground().alive(running);
  const [a, b] = await all();
  expect(a).toMatchObject({
    kind: 'task',
    id: first.id,
    createdAt: first.createdAt,
    spec: first.spec,
    attempts: [
      { number: 1, claimedAt: first.attempt.claimedAt, evidence: { exit: { code: 3 } } },
      { number: 2, evidence: { kind: 'exited' } },
    ],
  });
  expect(b).toMatchObject({ id: running.id, attempts: [{ evidence: { kind: 'alive' } }] });
  await ground().supervisor.signal(stopping(running), 'kill');
});

test('what is not understood is reported and untouched', async () => {
  const task = await ground().launch(line('exit 0'));
  await ground().over(task);
  const path = join(ground().folder(task), 'spec.json');
  const whole = fs.readFileSync(path, 'utf8');
  const report = async (text: string) => {
    fs.writeFileSync(path, text);
    const found = await all();
    expect(fs.readFileSync(path, 'utf8')).toBe(text);
    return found.map((one) => (one.kind === 'unreadable' ? one.why : one.kind));
  };
  expect(await report(whole.replace('"schema":1', '"schema":2'))).toEqual([
    'spec.json has schema 2, newer than this version',
  ]);
  expect(await report('{')).toEqual(['spec.json is not JSON']);
  expect(await report('[]')).toEqual(['spec.json names no schema']);
  expect(await report('{"schema":1}')).toEqual(['spec.json lacks a field']);
  expect(await report(whole.replace(task.id, 'other'))).toEqual([
    'spec.json is of another attempt',
  ]);
  fs.rmSync(path);
  fs.symlinkSync('/etc', join(ground().state, 'tasks', 'link'));
  expect((await all()).map((one) => one.kind === 'unreadable' && one.why)).toEqual([
    'this is no task folder',
    'there is no spec.json',
  ]);
});
