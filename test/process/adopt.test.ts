/** Launchers and daemons die; what they started goes on, and the next one knows all about it. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TaskIn } from '../../src/domain/task.ts';
import { argv, eachOnGround, everything, line, living, stopping, until } from './ground.ts';

const ground = eachOnGround();

/** Launches by a daemon that is killed as soon as the claim is seen. */
function launchMortally(task: TaskIn<'claimed'>): void {
  const script = join(import.meta.dirname, 'mortal.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, ground().state];
  const { signal, stderr } = spawnSync(process.execPath, [...args, JSON.stringify(task)]);
  expect([signal, stderr.toString()]).toEqual(['SIGKILL', '']);
}

const launchers = (): number[] =>
  everything(ground().state)
    .filter(({ cwd }) => cwd === join(ground().state, 'tasks'))
    .map(({ pid }) => pid);

test('a task outlives its daemon; the next one adopts it and is told of its end', async () => {
  const gate = join(ground().state, 'gate');
  const task = ground().task(line(`until [ -e ${gate} ]; do sleep 0.01; done; echo out; exit 7`));
  launchMortally(task);
  await ground().alive(task);
  await until(() => launchers().length === 0);
  const hints: number[] = [];
  ground().supervisor.onHint(() => hints.push(performance.now()));
  ground().supervisor.watch({ taskId: task.id, number: 1 });
  ground().supervisor.watch({ taskId: task.id, number: 1 });
  fs.writeFileSync(gate, '');
  await until(() => fs.existsSync(join(ground().folder(task), 'exit')));
  const ended = performance.now();
  await until(() => hints.length > 0, 1_500);
  expect((hints[0] ?? Infinity) - ended).toBeLessThan(1_500);
  expect(await ground().over(task)).toMatchObject({
    exit: { code: 7 },
    output: { preview: 'out\n' },
  });
});

test('an adopted task that ended before the watch began is noticed', async () => {
  const task = ground().task(argv('true'));
  launchMortally(task);
  await until(() => fs.existsSync(join(ground().folder(task), 'exit')));
  const hinted = new Promise((resolve) => ground().supervisor.onHint(resolve));
  ground().supervisor.watch({ taskId: task.id, number: 1 });
  expect(await hinted).toEqual({ taskId: task.id, number: 1 });
});

test('a launch that comes second is told of the first: at once, and of its end', async () => {
  const gate = join(ground().state, 'gate');
  const task = ground().task(line(`until [ -e ${gate} ]; do sleep 0.01; done; exit 7`));
  launchMortally(task);
  await until(() => fs.existsSync(join(ground().folder(task), 'claim')));
  let hints = 0;
  ground().supervisor.onHint(() => (hints += 1));
  await ground().supervisor.launch(task);
  await until(() => hints > 0, 1_500);
  expect(await ground().supervisor.inspect(task)).toMatchObject({ kind: 'alive' });
  hints = 0;
  fs.writeFileSync(gate, '');
  await until(() => hints > 0, 1_500);
  expect(await ground().exit(task)).toEqual({ code: 7 });
});

test('an adopted task can be stopped', async () => {
  const task = ground().task(line('sleep 600 & sleep 600'));
  launchMortally(task);
  await ground().alive(task);
  await ground().supervisor.signal(stopping(task), 'kill');
  expect(await ground().exit(task)).toEqual({ signal: 'SIGKILL' });
});

test('a killed launcher takes nothing with it, and is replaced', async () => {
  const first = await ground().launch(line('sleep 0.3; exit 7'));
  await ground().alive(first);
  const [launcher = 0] = launchers();
  process.kill(launcher, 'SIGKILL');
  await until(() => !launchers().includes(launcher));
  const second = await ground().launch(line('exit 8'));
  expect(await ground().exit(second)).toEqual({ code: 8 });
  expect(await ground().exit(first)).toEqual({ code: 7 });
});

test('a halted launcher that is killed hands its unread launches to the next', async () => {
  const first = await ground().launch(argv('sleep', '1.2'));
  await ground().alive(first);
  const [launcher = 0] = launchers();
  await ground().over(first);
  process.kill(launcher, 'SIGSTOP');
  const tasks = await Promise.all(['exit 3', 'exit 4'].map((text) => ground().launch(line(text))));
  for (const task of tasks)
    expect(await ground().supervisor.inspect(task)).toEqual({ kind: 'none' });
  process.kill(launcher, 'SIGKILL');
  const ends = await Promise.all(tasks.map((task) => ground().exit(task)));
  expect(ends).toEqual([{ code: 3 }, { code: 4 }]);
});

test('hints tell of claim and end, and of a wrapper that is killed', async () => {
  let hints = 0;
  ground().supervisor.onHint(() => (hints += 1));
  const task = await ground().launch(argv('true'));
  await ground().over(task);
  await until(() => hints >= 2, 1_500);
  const killed = await ground().launch(argv('sleep', '0.5'));
  const { pid } = await ground().alive(killed);
  await until(() => hints >= 3, 1_500);
  process.kill(pid, 'SIGKILL');
  await until(() => hints >= 4, 5_000);
  expect(await ground().over(killed)).toMatchObject({ kind: 'gone', how: 'vanished' });
});

test('the hints of running wrappers outlive their launcher', async () => {
  const gate = join(ground().state, 'gate');
  const task = await ground().launch(line(`until [ -e ${gate} ]; do sleep 0.01; done`));
  await ground().alive(task);
  const [launcher = 0] = launchers();
  process.kill(launcher, 'SIGKILL');
  await until(() => launchers().length === 0);
  const hinted = new Promise((resolve) => ground().supervisor.onHint(resolve));
  fs.writeFileSync(gate, '');
  await until(() => fs.existsSync(join(ground().folder(task), 'exit')));
  const recorded = performance.now();
  await hinted;
  expect(performance.now() - recorded).toBeLessThan(1_000);
});

test('a wrapper whose folder was deleted ends', async () => {
  const task = await ground().launch(line('sleep 0.2'));
  await ground().alive(task);
  await ground().supervisor.remove(task.id);
  await until(() => living(ground().state).length === 0);
  expect(await ground().supervisor.inspect(task)).toEqual({ kind: 'none' });
});

test('a closed supervisor leaves its tasks alone', async () => {
  const task = await ground().launch(line('sleep 0.3; exit 7'));
  await ground().alive(task);
  await ground().supervisor.close();
  expect(await ground().exit(task)).toEqual({ code: 7 });
});
