/** What is sent to a command's stdin: whole, in order, once; whoever dies meanwhile. */
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputsOf } from '../../src/domain/input.ts';
import type { TaskIn } from '../../src/domain/task.ts';
import type { AttemptRef } from '../../src/ports/supervisor.ts';
import { argv, eachOnGround, line, living, until } from './ground.ts';

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((path) => fs.existsSync(path));
const SHELLS: [string, { solo?: string }][] = [
  ['bash', {}],
  ['sh', { solo: '/bin/sh' }],
];
if (BUSYBOX !== undefined) SHELLS.push(['busybox ash', { solo: `${BUSYBOX} ash` }]);

const refOf = (task: TaskIn<'claimed'>): AttemptRef => ({
  taskId: task.id,
  number: task.attempt.number,
});
const sha = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const NEVER = new AbortController().signal;

describe.each(SHELLS)('under %s', (_, options) => {
  const ground = eachOnGround(options);
  const send = (task: TaskIn<'claimed'>, text: string | Uint8Array, end = false) =>
    ground().supervisor.inputs.put(refOf(task), Buffer.from(text), end);
  const states = async (task: TaskIn<'claimed'>, over = false): Promise<string[]> =>
    inputsOf(await ground().supervisor.inputs.fed(refOf(task)), over).map(({ state }) => state);
  const reads = (task: TaskIn<'claimed'>, text: string) =>
    until(
      () =>
        fs.existsSync(join(ground().folder(task), 'output')) &&
        ground().read(task, 'output') === text,
    );

  test('a loop of read gets each line as it is sent, and the end of its stdin at last', async () => {
    const work = line('while read -r word; do echo "got $word"; done; echo over');
    const task = await ground().launch(work, { input: true });
    await ground().alive(task);
    await send(task, 'one\n');
    await reads(task, 'got one\n');
    await send(task, 'two\nthree\n');
    await reads(task, 'got one\ngot two\ngot three\n');
    await send(task, '', true);
    expect(await ground().exit(task)).toEqual({ code: 0 });
    expect(ground().read(task, 'output')).toBe('got one\ngot two\ngot three\nover\n');
    expect(await states(task, true)).toEqual(['written', 'written', 'written']);
    await until(() => living(ground().state).length === 0);
  });

  test('every byte arrives, a megabyte and more of them', async () => {
    const task = await ground().launch(argv('cat'), { input: true });
    const parts = [Buffer.from([0, 255, 10, 13, 0]), randomBytes(1_200_000), Buffer.from('end')];
    for (const [at, part] of parts.entries()) await send(task, part, at === 2);
    expect(await ground().exit(task)).toEqual({ code: 0 });
    const got = fs.readFileSync(join(ground().folder(task), 'output'));
    expect(sha(got)).toBe(sha(Buffer.concat(parts)));
  });

  test('what is sent before the command is born waits for it', async () => {
    const task = ground().task(line('cat; echo over'), { input: true });
    fs.mkdirSync(join(ground().folder(task), 'input'), { recursive: true, mode: 0o700 });
    await send(task, 'early ', false);
    await ground().supervisor.launch(task);
    await send(task, 'late\n', true);
    expect(await ground().exit(task)).toEqual({ code: 0 });
    expect(ground().read(task, 'output')).toBe('early late\nover\n');
  });

  test('two senders at once are written one after the other, each whole', async () => {
    const task = await ground().launch(argv('cat'), { input: true });
    const texts = Array.from({ length: 20 }, (_none, at) => `${String(at).repeat(50_000)}\n`);
    const numbers = await Promise.all(texts.map((text) => send(task, text)));
    expect([...numbers].sort((a, b) => a - b)).toEqual(texts.map((_none, at) => at + 1));
    await send(task, '', true);
    await ground().exit(task);
    const lines = ground().read(task, 'output').split('\n').slice(0, -1);
    expect(lines.map((text) => `${text}\n`)).toEqual(
      texts.map((_none, at) => texts[numbers.indexOf(at + 1)]),
    );
  });

  test('nobody reads: what does not fit stays accepted, and is dropped when the command ends', async () => {
    const task = await ground().launch(line('while ! [ -e go ]; do sleep 0.05; done'), {
      input: true,
    });
    await send(task, 'x');
    await ground().supervisor.inputs.settled(refOf(task), 1, 10_000, NEVER);
    expect(await states(task)).toEqual(['written']);
    const number = await send(task, Buffer.alloc(300_000));
    await ground().supervisor.inputs.settled(refOf(task), number, 50, NEVER);
    expect(await states(task)).toEqual(['written', 'accepted']);
    fs.writeFileSync(join(ground().state, 'go'), '');
    expect(await ground().exit(task)).toEqual({ code: 0 });
    expect(await states(task, true)).toEqual(['written', 'dropped']);
    await until(() => living(ground().state).length === 0);
  });

  test('a signal ends the command, and is told as such', async () => {
    const task = await ground().launch(line('read -r _; kill -TERM $$'), { input: true });
    await send(task, 'go\n');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGTERM' });
    const other = await ground().launch(line('read -r _; exit 143'), { input: true });
    await send(other, 'go\n');
    expect(await ground().exit(other)).toEqual({ code: 143 });
  });

  test('without it there is nothing on stdin', async () => {
    const task = await ground().launch(line('cat; readlink /proc/self/fd/0'));
    expect(await ground().exit(task)).toEqual({ code: 0 });
    expect(ground().read(task, 'output')).toBe('/dev/null\n');
    await expect(send(task, 'x')).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('the command holds no other end, and its feeder nothing of the daemon', async () => {
    const task = await ground().launch(line('ls -l /proc/$$/fd; read -r _'), { input: true });
    await until(() => fs.existsSync(join(ground().folder(task), 'output')));
    const listed = (): string => ground().read(task, 'output');
    await until(() => listed().includes('input/pipe'));
    // Its stdin, and what lists them has inherited nothing else.
    expect(listed().match(/ -> \S*input\//g)).toHaveLength(1);
    await send(task, 'x\n', true);
    await ground().exit(task);
  });
});
