/** Streams: ranges, tails, following, trimming. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileOutput } from '../../src/adapters/process/output.ts';
import type { AttemptRef } from '../../src/ports/supervisor.ts';
import { eachOnGround, line, until } from './ground.ts';

const ground = eachOnGround();
const REF: AttemptRef = { taskId: 't-1', number: 1 };

function written(text: string): FileOutput {
  const folder = join(ground().state, 'tasks', REF.taskId, String(REF.number));
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(folder, 'output'), text);
  return new FileOutput(ground().state);
}

const textOf = (data: Uint8Array): string => Buffer.from(data).toString();

test('ranges', async () => {
  const output = written('0123456789');
  const read = async (offset: number, limit: number) => {
    const { data, ...rest } = await output.read(REF, 'output', offset, limit);
    return { ...rest, text: textOf(data) };
  };
  expect(await read(0, 4)).toEqual({ offset: 0, nextOffset: 4, size: 10, text: '0123' });
  expect(await read(8, 100)).toEqual({ offset: 8, nextOffset: 10, size: 10, text: '89' });
  expect(await read(50, 5)).toEqual({ offset: 10, nextOffset: 10, size: 10, text: '' });
  expect(await output.size(REF, 'output')).toBe(10);
  expect(await output.size(REF, 'stderr')).toBe(0);
  expect((await output.read(REF, 'stderr', 0, 10)).size).toBe(0);
});

test.each([1_000, 1_000_000])(
  '%i bytes are read at once, and never through a link',
  async (bytes) => {
    const text = 'abcdefghi\n'.repeat(bytes / 10);
    const output = written(text);
    expect(textOf((await output.read(REF, 'output', 0, 2_000_000)).data)).toBe(text);
    expect(textOf((await output.read(REF, 'output', 7, bytes)).data)).toBe(text.slice(7));
    fs.symlinkSync(output.path(REF, 'output'), output.path(REF, 'stderr'));
    await expect(output.read(REF, 'stderr', 0, 2_000_000)).rejects.toThrow('ELOOP');
  },
);

test('a tail begins with a whole character', async () => {
  const output = written('aé😀b');
  const tails = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((bytes) => output.tail(REF, 'output', bytes)),
  );
  expect(tails.map(({ data }) => textOf(data))).toEqual([
    'b',
    'b',
    'b',
    'b',
    '😀b',
    '😀b',
    'é😀b',
    'aé😀b',
    'aé😀b',
  ]);
  for (const { offset, nextOffset, data } of tails) expect(nextOffset - offset).toBe(data.length);
});

test('a trimmed stream keeps its end from a line start, and says so', async () => {
  const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at}\n`).join('');
  const output = written(lines);
  expect(await output.trim(REF, 'output', 1_000_000)).toBe(false);
  expect(await output.trim(REF, 'output', 1_005)).toBe(true);
  const kept = fs.readFileSync(output.path(REF, 'output'), 'utf8');
  expect(kept.length).toBeLessThanOrEqual(1_005);
  expect(kept.length).toBeGreaterThan(990);
  expect(kept.startsWith('line ')).toBe(true);
  expect(lines.endsWith(kept)).toBe(true);
  expect(fs.statSync(output.path(REF, 'output')).mode & 0o777).toBe(0o600);
  expect(await output.trim(REF, 'output', 1_005)).toBe(false);
  expect(await output.trim(REF, 'stdout', 1)).toBe(false);
});

test('one long line is cut at a character', async () => {
  const output = written('é'.repeat(1_000));
  await output.trim(REF, 'output', 101);
  expect(fs.readFileSync(output.path(REF, 'output'), 'utf8')).toBe('é'.repeat(50));
});

test('an attempt knows of its truncation', async () => {
  const task = await ground().launch(line('seq 1000'));
  expect(await ground().over(task)).toMatchObject({ output: { truncated: false } });
  await new FileOutput(ground().state).trim({ taskId: task.id, number: 1 }, 'output', 100);
  expect(await ground().over(task)).toMatchObject({
    output: { truncated: true, errorTail: '996\n997\n998\n999\n1000' },
  });
});

test('a preview is 300 bytes of whole characters', async () => {
  const task = await ground().launch(line("printf 'é%.0s' $(seq 1000); printf x"));
  const end = await ground().over(task);
  expect('output' in end && end.output.preview).toBe(`${'é'.repeat(149)}x`);
});

test('a stream is followed from before it exists', async () => {
  const output = new FileOutput(ground().state);
  const gate = join(ground().state, 'gate');
  const task = ground().task(line(`echo a; until [ -e ${gate} ]; do sleep 0.01; done; echo b`));
  const ref = { taskId: task.id, number: 1 };
  let told = 0;
  const end = output.watch(ref, 'output', () => (told += 1));
  await ground().supervisor.launch(task);
  await until(() => told > 0 && fs.readFileSync(output.path(ref, 'output'), 'utf8') === 'a\n');
  const before = told;
  fs.writeFileSync(gate, '');
  await until(() => told > before, 3_000);
  await ground().over(task);
  end();
});

test('space is known, and links are not followed', async () => {
  const { free, total } = await written('').space();
  expect(free).toBeGreaterThan(0);
  expect(total).toBeGreaterThanOrEqual(free);
  const output = written('');
  fs.rmSync(output.path(REF, 'output'));
  fs.symlinkSync('/etc/passwd', output.path(REF, 'output'));
  await expect(output.read(REF, 'output', 0, 10)).rejects.toMatchObject({ code: 'ELOOP' });
  expect(await output.size(REF, 'output')).toBe(0);
});

test('vitals are the size and the last growth of all streams', async () => {
  const before = Date.now() - 50;
  const task = await ground().launch(line('echo out; echo err >&2'), { streams: 'split' });
  await ground().over(task);
  const { bytes, lastActivityAt } = await ground().supervisor.vitals(task);
  expect(bytes).toBe(8);
  expect(lastActivityAt).toBeGreaterThan(before);
});
