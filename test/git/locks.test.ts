/** A place belongs to one attempt, until it is given up or its owner is dead for certain. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { eachOnGround } from './ground.ts';
import type { Place } from '../../src/domain/workspace.ts';
import { releaseLock, takeLock } from '../../src/adapters/git/lock.ts';

const ground = eachOnGround();
let file: string;

beforeEach(() => {
  file = join(ground().repository, 'tend.lock');
});

const placeOf = (taskId: string, number = 1): Place =>
  ground().place(ground().spec({ kind: 'in_place' }), taskId, number);

const take = (taskId: string, number = 1, state = ground().state): string | null =>
  takeLock(state, placeOf(taskId, number), ground().repository);

const release = (taskId: string, state = ground().state): void =>
  releaseLock(state, placeOf(taskId), ground().repository);

const read = (): Record<string, unknown> => JSON.parse(fs.readFileSync(file, 'utf8'));

const startTimeOf = (pid: number): string =>
  fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19] ?? '';

const bootId = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** As if another process had taken it. */
const ownedBy = (given: Record<string, unknown>): void => {
  const state = ground().state;
  const them = { task: 't-9', attempt: 1, pid: 1, startTime: '1', bootId, state, ...given };
  fs.writeFileSync(file, JSON.stringify(them));
};

test('says who has it, and leaves nothing else behind', () => {
  expect(take('t-1')).toBeNull();
  expect(read()).toMatchObject({ task: 't-1', attempt: 1, pid: process.pid, bootId });
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(take('t-2')).toContain('in use by task t-1');
  expect(take('t-1', 1, '/another/state')).toContain('in use by task t-1');
  expect(fs.readdirSync(ground().repository).filter((name) => name.includes('tend'))).toEqual([
    'tend.lock',
  ]);
});

test('the same attempt, and a later one of the same task, take it over', () => {
  expect(take('t-1')).toBeNull();
  expect(take('t-1')).toBeNull();
  expect(take('t-1', 2)).toBeNull();
  expect(read()).toMatchObject({ attempt: 2 });
});

test('only its owner gives it up', () => {
  take('t-1');
  release('t-2');
  release('t-1', '/another/state');
  expect(take('t-2')).not.toBeNull();
  release('t-1');
  release('t-1');
  expect(take('t-2')).toBeNull();
});

test('a dead owner has it no more: by pid, start time or boot', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  const { pid } = process;
  const mine = startTimeOf(pid);
  ownedBy({ pid, startTime: mine });
  expect(take('t-1')).not.toBeNull();
  for (const dead of [
    { pid: child.pid },
    { pid, startTime: '12' },
    { pid, startTime: mine, bootId: 'earlier' },
  ]) {
    ownedBy({ ...dead, state: '/another/state' });
    expect(take('t-1')).toBeNull();
    release('t-1');
  }
});

test('a wrapper that outlives its daemon keeps it', () => {
  const folder = join(ground().root, 'other/tasks/t-9/3');
  const { pid } = process;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(folder, 'claim'), `${pid} ${startTimeOf(pid)} ${bootId}\n`);
  ownedBy({ attempt: 3, state: join(ground().root, 'other') });
  expect(take('t-1')).toContain('in use by task t-9');
  fs.writeFileSync(join(folder, 'exit'), '0\n');
  expect(take('t-1')).toBeNull();
});

test.each(['', 'x', '{}', 'null'])('what nobody can have written is replaced: %j', (text) => {
  fs.writeFileSync(file, text);
  expect(take('t-1')).toBeNull();
});

test('of many that want a stale one, one gets it', async () => {
  const source = join(import.meta.dirname, '../../src/adapters/git/lock.ts');
  const script = join(ground().root, 'take.mjs');
  fs.writeFileSync(
    script,
    `import { takeLock } from ${JSON.stringify(source)};
    const [state, place, gitDir] = JSON.parse(process.argv[2]);
    process.stdin.once('data', () => {
      process.stdout.write(takeLock(state, place, gitDir) === null ? 'mine' : 'not');
      process.stdin.once('data', () => process.exit());
    });
    process.stdout.write('.');`,
  );
  ownedBy({});
  const children = [1, 2, 3, 4].map((nth) => {
    const asked = JSON.stringify([ground().state, placeOf(`t-${nth}`), ground().repository]);
    return spawn(process.execPath, [script, asked], { stdio: ['pipe', 'pipe', 'inherit'] });
  });
  const answers = async (): Promise<string[]> =>
    Promise.all(children.map(async (child) => String((await once(child.stdout, 'data'))[0])));
  await answers();
  const taken = answers();
  for (const child of children) child.stdin.write('go\n');
  expect((await taken).filter((answer) => answer === 'mine')).toHaveLength(1);
  const ended = Promise.all(children.map((child) => once(child, 'exit')));
  for (const child of children) child.stdin.end('end\n');
  await ended;
});
