/** Sent text while somebody dies: the daemon between storing and writing, the command, the wrapper. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputsOf } from '../../src/domain/input.ts';
import type { TaskIn } from '../../src/domain/task.ts';
import type { AttemptRef } from '../../src/ports/supervisor.ts';
import { argv, eachOnGround, line, living, stopping, until } from './ground.ts';

const refOf = (task: TaskIn<'claimed'>): AttemptRef => ({
  taskId: task.id,
  number: task.attempt.number,
});
const NEVER = new AbortController().signal;

describe.each([
  ['bash', {}],
  ['sh', { solo: '/bin/sh' }],
] as const)('under %s', (_, options) => {
  const ground = eachOnGround(options);
  const put = (task: TaskIn<'claimed'>, text: string, end = false, by = ground().supervisor) =>
    by.inputs.put(refOf(task), Buffer.from(text), end);
  const states = async (task: TaskIn<'claimed'>, over = false): Promise<string[]> =>
    inputsOf(await ground().supervisor.inputs.fed(refOf(task)), over).map(({ state }) => state);
  const output = (task: TaskIn<'claimed'>): string =>
    fs.existsSync(join(ground().folder(task), 'output')) ? ground().read(task, 'output') : '';

  test('a daemon that died after it stored a text, and before it had it written: its successor has it written once', async () => {
    const task = await ground().launch(argv('cat'), { input: true });
    await put(task, 'one ');
    await until(() => output(task) === 'one ');
    await ground().supervisor.inputs.settled(refOf(task), 1, 10_000, NEVER);
    await ground().supervisor.close();
    // As far as the first daemon came: stored, nobody told. And what a third one had not stored yet.
    const folder = join(ground().folder(task), 'input');
    fs.writeFileSync(join(folder, '2'), 'two ');
    fs.writeFileSync(join(folder, 'draft.0a0b0c'), 'never');
    const next = ground().another(options);
    expect(await states(task)).toEqual(['written', 'accepted']);
    for (let times = 0; times < 50; times++) next.inputs.hurry(refOf(task));
    await next.inputs.settled(refOf(task), 2, 10_000, NEVER);
    expect(await put(task, 'three', true, next)).toBe(3);
    expect(await until(async () => (await next.inspect(task)).kind === 'exited')).toBe(true);
    expect(output(task)).toBe('one two three');
    expect(await states(task, true)).toEqual(['written', 'written', 'written']);
  });

  test('a command that closed its stdin: the text is dropped, and the next one knows', async () => {
    const work = line('exec 0</dev/null; echo shut; while ! [ -e go ]; do sleep 0.05; done');
    const task = await ground().launch(work, { input: true });
    await until(() => output(task) === 'shut\n');
    await ground().supervisor.inputs.settled(refOf(task), await put(task, 'x'), 10_000, NEVER);
    expect(await ground().supervisor.inputs.fed(refOf(task))).toMatchObject({ closed: true });
    expect(await states(task)).toEqual(['dropped']);
    fs.writeFileSync(join(ground().state, 'go'), '');
    expect(await ground().exit(task)).toEqual({ code: 0 });
  });

  test('a command that ends while a text is pending leaves no process', async () => {
    const task = await ground().launch(line('head -c 3'), { input: true });
    await put(task, 'x'.repeat(1_000_000));
    expect(await ground().exit(task)).toEqual({ code: 0 });
    expect(output(task)).toBe('xxx');
    expect(await states(task, true)).toEqual(['dropped']);
    await until(() => living(ground().state).length === 0);
  });

  test('of very many texts the newest are listed, and all of those that are not written', async () => {
    const task = await ground().launch(argv('cat'), { input: true });
    for (let nth = 1; nth <= 250; nth++) await put(task, `${nth}\n`);
    await ground().supervisor.inputs.settled(refOf(task), 250, 10_000, NEVER);
    const { accepted, written } = await ground().supervisor.inputs.fed(refOf(task));
    expect({ written, first: accepted[0]?.number, many: accepted.length }).toEqual({
      written: 250,
      first: 151,
      many: 100,
    });
    expect(await put(task, '', true)).toBe(251);
    await ground().exit(task);
    expect(output(task).split('\n')).toHaveLength(251);
  });

  test('a stop ends the feeder with the command', async () => {
    const work = line('trap "exit 3" TERM; while :; do sleep 0.05; done');
    const task = await ground().launch(work, { input: true });
    await ground().alive(task);
    await put(task, 'x'.repeat(1_000_000));
    await until(() => living(ground().state).some(({ command }) => command.startsWith('cat\0')));
    await ground().supervisor.signal(stopping(task), 'polite');
    expect(await ground().exit(task)).toEqual({ code: 3 });
    await until(() => living(ground().state).length === 0);
  });

  test('a wrapper that was killed leaves a feeder that is found and ended', async () => {
    const task = await ground().launch(argv('cat'), { input: true });
    const { pid } = await ground().alive(task);
    await put(task, 'x');
    await until(() => output(task) === 'x');
    process.kill(pid, 'SIGKILL');
    await ground().over(task);
    await ground().supervisor.endSurvivors(refOf(task));
    await until(() => living(ground().state).length === 0);
  });

  test('a command whose child keeps stdin: it ends, and so does the feeder', async () => {
    const task = await ground().launch(line('sleep 0.4 <&0 & exit 0'), { input: true });
    await put(task, 'x'.repeat(200_000));
    expect(await ground().exit(task)).toEqual({ code: 0 });
    await until(() => living(ground().state).length === 0);
  });
});
