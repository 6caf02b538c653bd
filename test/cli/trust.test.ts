import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
const project = join(home.work, 'app');

/** The command itself, as a task calls it. */
const TEND = `${process.execPath} ${join(import.meta.dirname, '../../bin/tend.cjs')}`;
const hooks = (text: string): void =>
  writeFileSync(join(project, '.tend.toml'), `[hooks]\n${text}\n`);
beforeAll(() => {
  mkdirSync(project);
  execFileSync('git', ['init', '-q'], { cwd: project });
});
afterAll(() => home.close());

const trust = (...args: string[]) => home.tend(['trust', ...args], { cwd: project });
async function run(command: string): Promise<Task> {
  const id = await home.run('--cwd', project, '--', command);
  await home.tend(['wait', id]);
  return home.json<Task>('show', id);
}

describe('tend trust', () => {
  test('shows what a project asks for, asks a person, and calls it from then on', async () => {
    hooks('before_run = "cat >>asked; echo not here; exit 1"');
    expect(await run('true')).toMatchObject({ state: 'completed' });
    expect(existsSync(join(project, 'asked'))).toBe(false);
    const asked = await trust();
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/before_run +cat >>asked; echo not here; exit 1[^]*--yes/);
    expect((await trust('--yes')).stdout).toMatch(/^trusted: .*app\n/);
    const task = await run('touch ran');
    expect(task).toMatchObject({
      state: 'cancelled',
      reason: 'policy',
      output: { tail: expect.any(String) },
    });
    expect(existsSync(join(project, 'ran'))).toBe(false);
    expect(await home.out('show', task.id)).toContain('before_run: not here');
    const waited = await home.tend(['run', '--wait', '--cwd', project, '--', 'true']);
    expect([waited.code, waited.stderr]).toEqual([
      1,
      expect.stringContaining('before_run: not here'),
    ]);
    expect(await home.out('inbox')).toContain('before_run: not here');
    hooks('before_run = "touch evil; exit 1"');
    expect(await run('true')).toMatchObject({ state: 'completed' });
    expect(existsSync(join(project, 'evil'))).toBe(false);
    expect(await home.out('doctor').catch(String)).toContain('not the one that you trusted');
  });

  test('a person says yes on a terminal', async () => {
    hooks('after_end = "cat >ended"');
    const running = home.startOnTerminal(['trust'], { cwd: project });
    await until('it asks', () => running.said.stdout.includes('[y/N]'));
    running.child.stdin?.write('y\n');
    expect((await running.result).stdout).toContain('trusted:');
    const task = await run('true');
    await until('it was told', () => existsSync(join(project, 'ended')));
    const told = await until('all of it', () => readFileSync(join(project, 'ended'), 'utf8'));
    expect(JSON.parse(told)).toMatchObject({ kind: 'completion', task: { id: task.id } });
  });

  test('is taken back', async () => {
    expect((await trust('--remove')).stdout).toMatch(/^not trusted: /);
    expect((await trust('--json', '--remove')).stdout).toContain('"trusted":false');
  });

  test('is for people, and for projects', async () => {
    const id = await home.run('--cwd', project, '--', `${TEND} trust --yes`);
    expect((await home.tend(['wait', id])).code).toBe(4);
    expect(await home.out('logs', id)).toMatch(/only a person/);
    expect((await home.tend(['trust', '/proc'])).code).toBe(3);
  });
});
