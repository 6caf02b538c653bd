/** What cannot be started is refused durably, naming the thing; what is unsafe is not touched. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TaskSpec, Work } from '../../src/domain/task.ts';
import { argv, eachOnGround, line, until } from './ground.ts';

const ground = eachOnGround();

const refusedBecause = async (work: Work, spec: Partial<TaskSpec>, detail: string) => {
  const task = await ground().launch(work, spec);
  expect(await ground().over(task)).toEqual({ kind: 'refused', detail });
  // A second launch, by a successor too, comes to the same.
  await ground().another().launch(task);
  expect(await ground().over(task)).toEqual({ kind: 'refused', detail });
  expect(fs.existsSync(join(ground().folder(task), 'output'))).toBe(false);
};

test('the folder is missing, or none', async () => {
  const cwd = join(ground().state, 'nowhere');
  const missing = `The folder ${cwd} does not exist, or may not be looked at.`;
  await refusedBecause(argv('true'), { cwd }, missing);
  fs.writeFileSync(cwd, '');
  await refusedBecause(argv('true'), { cwd }, `${cwd} is not a folder.`);
});

test('the program is missing, a folder, or not executable', async () => {
  const environment = await ground().environments.put({ PATH: `${ground().state}:/usr/bin` });
  const notFound = `The program no-such was not found in PATH (${ground().state}:/usr/bin).`;
  await refusedBecause(argv('no-such'), { environment }, notFound);
  await refusedBecause(argv('./no'), {}, 'The program ./no does not exist.');
  await refusedBecause(argv('/tmp'), {}, '/tmp is a folder, not a program.');
  fs.writeFileSync(join(ground().state, 'text'), 'x');
  const notExecutable = 'The program text is not executable.';
  await refusedBecause(argv('text'), { environment }, notExecutable);
  await refusedBecause(argv(), {}, 'No program was given.');
  const shell = '/no/shell';
  await refusedBecause(
    { kind: 'command', command: 'true', shell },
    {},
    'The program /no/shell does not exist.',
  );
});

test('the environment is lost', async () => {
  const environment = '0'.repeat(64);
  await refusedBecause(
    argv('true'),
    { environment },
    'The captured environment is no longer stored.',
  );
});

test('what only the kernel refuses ends as every shell has it, with its words in the output', async () => {
  const program = join(ground().state, 'broken');
  fs.writeFileSync(program, '#!/no/such/interpreter\n', { mode: 0o755 });
  const broken = await ground().launch(argv(program));
  expect(await ground().over(broken)).toMatchObject({ exit: { code: 127 } });
  expect(ground().read(broken, 'output')).toContain(program);
  const environment = await ground().environments.put({
    PATH: '/usr/bin',
    HUGE: 'x'.repeat(1_000_000),
  });
  const huge = await ground().launch(argv('true'), { environment });
  expect(await ground().over(huge)).toMatchObject({ exit: { code: 126 } });
  expect(ground().read(huge, 'output')).toContain('Argument list too long');
});

test('a hint tells of a refusal', async () => {
  const hinted: string[] = [];
  ground().supervisor.onHint(({ taskId }) => hinted.push(taskId));
  const task = await ground().launch(argv('./no'));
  expect(await until(() => hinted.includes(task.id))).toBe(true);
});

test('ids that are no names never become paths', async () => {
  for (const id of ['../x', '', 'a/b', '.', 'x'.repeat(65), 'a\nb']) {
    const task = { ...ground().task(argv('true')), id };
    await expect(ground().supervisor.launch(task)).rejects.toMatchObject({ code: 'state_unsafe' });
    await expect(ground().supervisor.remove(id)).rejects.toMatchObject({ code: 'state_unsafe' });
  }
});

test('links are not followed', async () => {
  const outside = fs.mkdtempSync(join(ground().state, 'outside-'));
  fs.writeFileSync(join(outside, 'precious'), 'x');
  const tasks = join(ground().state, 'tasks');
  fs.mkdirSync(tasks, { mode: 0o700 });
  const task = ground().task(argv('true'));
  fs.symlinkSync(outside, join(tasks, task.id));
  await expect(ground().supervisor.launch(task)).rejects.toMatchObject({ code: 'state_unsafe' });
  await expect(ground().supervisor.remove(task.id)).rejects.toMatchObject({ code: 'state_unsafe' });
  expect(fs.readdirSync(outside)).toEqual(['precious']);

  const other = ground().task(argv('true'));
  fs.mkdirSync(ground().folder(other), { recursive: true });
  fs.symlinkSync(join(outside, 'precious'), join(ground().folder(other), 'claim'));
  expect(await ground().supervisor.inspect(other)).toMatchObject({ how: 'unreadable' });
});

test('a removed task leaves nothing, and links inside it harm nobody', async () => {
  const task = await ground().launch(line('echo x'));
  await ground().over(task);
  const precious = join(ground().state, 'precious');
  fs.mkdirSync(precious);
  fs.writeFileSync(join(precious, 'file'), 'x');
  fs.symlinkSync(precious, join(ground().folder(task), 'link'));
  await ground().supervisor.remove(task.id);
  await ground().supervisor.remove(task.id);
  expect(fs.readdirSync(join(ground().state, 'tasks'))).toEqual([]);
  expect(fs.readdirSync(precious)).toEqual(['file']);
});
