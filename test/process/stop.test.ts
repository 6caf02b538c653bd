/** Stopping: politely, by force, and whatever tried to escape. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { argv, eachOnGround, fixture, line, living, stopping, until } from './ground.ts';

describe.each([
  ['bash', {}],
  ['sh', { solo: '/bin/sh' }],
])('under %s', (_, options) => {
  const ground = eachOnGround(options);
  const pidIn = (file: string): Promise<number> =>
    until(() => fs.existsSync(file) && Number(fs.readFileSync(file, 'utf8')));
  const isGone = (pid: number) => until(() => !fs.existsSync(`/proc/${pid}`));

  test('politely', async () => {
    const task = await ground().launch(argv('sleep', '600'));
    await ground().alive(task);
    await ground().supervisor.signal(stopping(task), 'polite');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGTERM' });
  });

  test('at any moment after the launch', async () => {
    for (let round = 0; round < 30; round += 1) {
      const task = await ground().launch(argv('sleep', '600'));
      await until(async () => (await ground().supervisor.inspect(task)).kind !== 'none');
      await ground().supervisor.signal(stopping(task), 'polite');
      expect(await ground().exit(task)).toEqual({ signal: 'SIGTERM' });
    }
  });

  test('a shell does not go on after its child was stopped', async () => {
    const task = await ground().launch(line('sleep 600; echo went on'));
    await ground().alive(task);
    await until(() => fs.existsSync(join(ground().folder(task), 'output')));
    await ground().supervisor.signal(stopping(task), 'polite');
    await ground().over(task);
    expect(ground().read(task, 'output')).not.toContain('went on');
  });

  test('what ignores TERM is killed, and the wrapper records the truth', async () => {
    const task = await ground().launch(argv(fixture('stay')));
    await ground().alive(task);
    await until(() => fs.existsSync(join(ground().folder(task), 'output')));
    await until(() => ground().read(task, 'output') === 'ready\n');
    await ground().supervisor.signal(stopping(task), 'polite');
    expect(await ground().supervisor.inspect(task)).toMatchObject({ kind: 'alive' });
    await ground().supervisor.signal(stopping(task), 'kill');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGKILL' });
    expect(living(ground().state)).toEqual([]);
  });

  test('what was halted is ended too', async () => {
    const task = await ground().launch(line('kill -STOP $$'));
    await ground().alive(task);
    await ground().supervisor.signal(stopping(task), 'polite');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGTERM' });
  });

  test('what was halted for a while has not ended', async () => {
    const task = await ground().launch(line('kill -STOP $$; exit 7'));
    await ground().alive(task);
    const isHalted = ({ pid }: { pid: number }) =>
      /^State:\s*T/m.test(fs.readFileSync(`/proc/${pid}/status`, 'latin1'));
    const { pid } = await until(() => living(ground().state).find(isHalted));
    // The wrapper of another task runs from start to end meanwhile.
    await ground().over(await ground().launch(line('sleep 0.1')));
    expect(await ground().supervisor.inspect(task)).toMatchObject({ kind: 'alive' });
    process.kill(pid, 'SIGCONT');
    expect(await ground().exit(task)).toEqual({ code: 7 });
  });

  test('a child in a session of its own does not escape', async () => {
    const file = join(ground().state, 'pid');
    const task = await ground().launch(line(`${fixture('escape')} ${file}; exec sleep 600`));
    const pid = await pidIn(file);
    await ground().supervisor.signal(stopping(task), 'kill');
    await isGone(pid);
    expect(await ground().over(task)).toMatchObject({
      exit: { signal: 'SIGKILL' },
      survivors: [],
    });
  });

  test('a wrapper that is killed too is recorded for', async () => {
    const task = await ground().launch(argv('sleep', '600'));
    const { pid } = await ground().alive(task);
    process.kill(pid, 'SIGSTOP');
    await ground().supervisor.signal(stopping(task), 'kill');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGKILL' });
    await isGone(pid);
  });

  test('strays of a dead wrapper are seen and ended', async () => {
    const task = await ground().launch(line('sleep 600 & exec sleep 600'));
    const { pid } = await ground().alive(task);
    // Both are what they will be: a child is its shell for a moment.
    const sleepers = () => living(ground().state).filter((one) => one.command.startsWith('sleep'));
    await until(() => sleepers().length === 2);
    process.kill(pid, 'SIGKILL');
    const gone = await ground().over(task);
    expect(gone).toMatchObject({ kind: 'gone', how: 'vanished' });
    expect('survivors' in gone && gone.survivors.length).toBe(2);
    const ended = await ground().supervisor.endSurvivors({ taskId: task.id, number: 1 });
    expect(ended.map((one) => one.command)).toEqual(['sleep 600', 'sleep 600']);
    await until(() => living(ground().state).length === 0);
  });

  test('survivors of a normal end are listed, left alone, and ended when asked', async () => {
    const file = join(ground().state, 'pid');
    const task = await ground().launch(argv(fixture('escape'), file));
    const end = await ground().over(task);
    const pid = await pidIn(file);
    expect(end).toMatchObject({
      exit: { code: 0 },
      survivors: [{ pid, command: 'sleep 600' }],
    });
    expect(fs.existsSync(`/proc/${pid}`)).toBe(true);
    const ref = { taskId: task.id, number: 1 };
    expect(await ground().supervisor.endSurvivors(ref)).toEqual([{ pid, command: 'sleep 600' }]);
    await isGone(pid);
    expect(await ground().supervisor.endSurvivors(ref)).toEqual([]);
  });

  test('a survivor that hides its environment is found by its group', async () => {
    // Not before it is what it will be: a fork that has not yet executed anything has another name.
    const became = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.01; done';
    const task = await ground().launch(line(`env -i /bin/sleep 600 & ${became}; exit 0`));
    expect(await ground().over(task)).toMatchObject({
      survivors: [{ command: '/bin/sleep 600' }],
    });
    await ground().supervisor.endSurvivors({ taskId: task.id, number: 1 });
    await until(() => living(ground().state).length === 0);
  });

  test('a survivor that ignores TERM is killed', async () => {
    const file = join(ground().state, 'pid');
    const stay = `setsid ${fixture('stay')} </dev/null >${file} 2>&1 & until [ -s ${file} ]; do sleep 0.01; done`;
    const task = await ground().launch(line(stay));
    await ground().over(task);
    await ground().supervisor.endSurvivors({ taskId: task.id, number: 1 });
    await until(() => living(ground().state).length === 0);
  });

  test('a running attempt has no survivors', async () => {
    const task = await ground().launch(argv('sleep', '600'));
    await ground().alive(task);
    expect(await ground().supervisor.endSurvivors({ taskId: task.id, number: 1 })).toEqual([]);
    await ground().supervisor.signal(stopping(task), 'kill');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGKILL' });
  });
});
