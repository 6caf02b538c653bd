/** The hooks of a person, called by a daemon that is killed meanwhile. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
const state = join(home.path, 's');
beforeAll(() => {
  mkdirSync(state, { mode: 0o700 });
  // In the home folder, which is that of these tests.
  const hooks = [
    `before_run = "cat >>asked; test -e go || sleep 900"`,
    `after_end = "cat >>ended; test -e gone || sleep 900"`,
  ];
  writeFileSync(join(state, 'config.toml'), `[hooks]\n${hooks.join('\n')}\n`, { mode: 0o600 });
});
afterAll(() => {
  // What the killed daemons left would end by itself after a minute.
  for (const { pid, command } of home.processes())
    if (command.startsWith('sleep ')) process.kill(pid, 'SIGKILL');
  return home.close();
});

const told = (file: string): { id: string; task: { id: string; state: string } }[] =>
  existsSync(join(home.path, file))
    ? readFileSync(join(home.path, file), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as ReturnType<typeof told>[number])
    : [];
async function kill(): Promise<void> {
  const { pid } = await home.json<{ pid: number }>('daemon', 'status');
  process.kill(pid, 'SIGKILL');
  await until('it is gone', () => !home.processes().some((one) => one.pid === pid));
}

describe('a daemon that is killed', () => {
  test('while hooks run calls them again under the same ids, and the task runs once', async () => {
    const id = await home.run('--', 'echo ran >>ran');
    await until('it was asked', () => told('asked').length === 1);
    expect(existsSync(join(home.work, 'ran'))).toBe(false);
    await kill();
    writeFileSync(join(home.path, 'go'), '');
    expect((await home.tend(['wait', id])).code).toBe(0);
    const task = await home.json<Task>('show', id);
    expect(task).toMatchObject({ state: 'completed', attempt: 1 });
    expect(new Set(told('asked').map((one) => one.id)).size).toBe(1);
    await until('it was told', () => told('ended').length === 1);
    await kill();
    writeFileSync(join(home.path, 'gone'), '');
    await home.out('ls');
    await until('it was told again', () => told('ended').length > 1);
    expect(new Set(told('ended').map((one) => one.id)).size).toBe(1);
    expect(told('ended')[0]?.task).toMatchObject({ id, state: 'completed' });
    expect(readFileSync(join(home.work, 'ran'), 'utf8')).toBe('ran\n');
    expect(told('asked').length).toBe(2);
  });
});
