/** The claim is the fence: one wrapper gets through, and none after a void. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bootId } from '../../src/adapters/process/identity.ts';
import { argv, eachOnGround, line, until } from './ground.ts';

const ground = eachOnGround();

test('of many wrappers one runs the command', async () => {
  const log = join(ground().state, 'log');
  const others = [ground().another(), ground().another({ solo: '/bin/sh' })];
  const tasks = Array.from({ length: 200 }, (_, at) => ground().task(line(`echo ${at} >>${log}`)));
  for (const task of tasks) {
    await ground().supervisor.launch(task);
    await Promise.all(others.map((other) => other.launch(task)));
  }
  for (const task of tasks) expect(await ground().exit(task)).toEqual({ code: 0 });
  for (const supervisor of ground().supervisors) await supervisor.close();
  const ran = fs.readFileSync(log, 'utf8').trim().split('\n');
  expect(ran.length).toBe(tasks.length);
  expect(new Set(ran).size).toBe(tasks.length);
});

test('a void attempt can never run', async () => {
  const mark = join(ground().state, 'mark');
  const task = ground().task(line(`touch ${mark}`));
  expect(await ground().supervisor.void(task)).toBe(true);
  expect(await ground().supervisor.void(task)).toBe(true);
  expect(await ground().supervisor.inspect(task)).toEqual({ kind: 'voided' });
  await ground().supervisor.launch(task);
  const after = await ground().launch(argv('true'));
  await ground().over(after);
  expect(await ground().supervisor.inspect(task)).toEqual({ kind: 'voided' });
  expect(fs.existsSync(mark)).toBe(false);
});

test('what runs cannot be voided, and the race has one winner', async () => {
  const task = await ground().launch(argv('sleep', '0.2'));
  await ground().alive(task);
  expect(await ground().supervisor.void(task)).toBe(false);
  expect(await ground().exit(task)).toEqual({ code: 0 });
  for (let round = 0; round < 100; round += 1) {
    const raced = await ground().launch(argv('true'));
    const isVoid = await ground().supervisor.void(raced);
    const end = await ground().over(raced);
    expect(end.kind).toBe(isVoid ? 'voided' : 'exited');
  }
});

test('nothing launched, nothing seen', async () => {
  const task = ground().task(argv('true'));
  expect(await ground().supervisor.inspect(task)).toEqual({ kind: 'none' });
  await ground().supervisor.signal({ ...task, state: 'stopping', stop }, 'kill');
});

const stop = { reason: 'user', requestedAt: 0, killAt: 0 } as const;

test('an empty claim is not yet one, until it is old and nobody is there', async () => {
  const task = ground().task(argv('true'));
  const folder = ground().folder(task);
  fs.mkdirSync(folder, { recursive: true });
  const claim = join(folder, 'claim');
  fs.writeFileSync(claim, '');
  expect(await ground().supervisor.inspect(task)).toEqual({ kind: 'none' });
  const long = new Date(Date.now() - 10_000);
  fs.utimesSync(claim, long, long);
  expect(await ground().supervisor.inspect(task)).toMatchObject({ kind: 'gone', how: 'vanished' });

  const sitter = await ground().launch(argv('sleep', '60'), { cwd: folder });
  await ground().alive(sitter);
  await until(async () => (await ground().supervisor.inspect(task)).kind === 'none');
  await ground().supervisor.signal({ ...sitter, state: 'stopping', stop }, 'kill');
});

test('half a line is no claim', async () => {
  const task = ground().task(argv('true'));
  fs.mkdirSync(ground().folder(task), { recursive: true });
  fs.writeFileSync(join(ground().folder(task), 'claim'), '123 45');
  expect(await ground().supervisor.inspect(task)).toMatchObject({ how: 'unreadable' });
});

test('a reused pid and another boot are told from the living', async () => {
  const forge = async (startTime: string, boot: string) => {
    const task = ground().task(argv('true'));
    fs.mkdirSync(ground().folder(task), { recursive: true });
    fs.writeFileSync(join(ground().folder(task), 'claim'), `${process.pid} ${startTime} ${boot}\n`);
    return ground().supervisor.inspect(task);
  };
  const stat = fs.readFileSync('/proc/self/stat', 'utf8');
  const mine = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  expect(await forge(mine, bootId())).toMatchObject({ kind: 'alive' });
  expect(await forge('1', bootId())).toMatchObject({ kind: 'gone', how: 'vanished' });
  expect(await forge(mine, 'another-boot')).toMatchObject({ kind: 'gone', how: 'rebooted' });
});

test('an exit record counts whatever became of the claimant, but only when it is whole', async () => {
  const task = ground().task(argv('true'));
  const folder = ground().folder(task);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(folder, 'claim'), '4194303 1 another-boot\n');
  for (const half of ['', '0', 'signal 9', 'x\n', 'signal\n']) {
    fs.writeFileSync(join(folder, 'exit'), half);
    expect(await ground().supervisor.inspect(task)).toMatchObject({ how: 'rebooted' });
  }
  fs.writeFileSync(join(folder, 'exit'), 'signal 9\n');
  expect(await ground().exit(task)).toEqual({ signal: 'SIGKILL' });
});
