import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Output } from '../../src/interfaces/client/index.ts';
import { Home } from './home.ts';

const home = new Home({ TZ: 'UTC' });
const project = join(home.work, 'app');
const tree = join(home.path, 'tree');
beforeAll(() => {
  mkdirSync(join(project, 'src'), { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: project });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'x');
  git('worktree', 'add', '-q', tree);
});
afterAll(() => home.close());

/** The command itself, as a task calls it. */
const TEND = `${process.execPath} ${join(import.meta.dirname, '../../bin/tend.cjs')}`;

type Memory = Output<'memory'>;

const at = async (cwd: string, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await home.tend(['memory', ...args], { cwd });
  if (code !== 0) throw new Error(stderr);
  return stdout;
};
const show = (id: string): Promise<Memory> => home.json<Memory>('memory', 'show', id);

describe('tend memory', () => {
  test('keeps what is said of the project around, of a work tree its main checkout', async () => {
    const id = (
      await at(join(project, 'src'), 'add', '--kind', 'convention', 'Tabs', 'only.')
    ).trim();
    expect(id).toMatch(/^m-[0-9a-z]{8}$/);
    const own = (await at(tree, 'add', '--pin', 'From the tree.')).trim();
    const mine = (await at(project, 'add', '--everywhere', '--expires', '30d', 'English.')).trim();
    expect(await show(id)).toMatchObject({
      kind: 'convention',
      text: 'Tabs only.',
      folder: project,
      pinned: false,
      expiresAt: null,
    });
    expect(await show(own)).toMatchObject({ folder: project, pinned: true });
    expect(await show(mine)).toMatchObject({ folder: null, expiresAt: expect.any(String) });
    expect((await at(join(project, 'src'), 'ls', '-q')).split('\n').filter(Boolean)).toEqual([
      mine,
      own,
      id,
    ]);
    expect(await at(home.path, 'ls', '-q')).toBe(`${mine}\n`);
    expect(await at(home.path, '-q', '--folder', join(project, 'src'))).toContain(id);
    expect(await at(home.path, 'ls', '-q', '--everywhere')).toContain(id);
    expect(await at(project, 'search', '-q', 'tab')).toBe(`${id}\n`);
    expect(await at(project, 'search', 'nothing')).toBe('nothing\n');
    expect(await at(project, 'ls')).toMatch(/^ID +KIND +WHERE +UNTIL +WHAT\n.*convention/s);
    expect(await at(project, 'show', id)).toMatch(/kind +convention\nwhere .*app\n[^]*Tabs only\./);
  });

  test('is taken away softly', async () => {
    const id = (await at(project, 'add', 'Old.')).trim();
    expect(await at(project, 'rm', id.slice(0, 8))).toBe(`removed ${id}\n`);
    expect(await at(project, 'ls', '-q')).not.toContain(id);
    expect(await at(project, 'ls', '--all')).toMatch(new RegExp(`${id} +fact .*taken away +Old`));
  });

  test('keeps what a task found', async () => {
    const finding = (await home.out('group', 'finding', 'g', 'Port 80 is taken.')).trim();
    const id = (await at(project, 'add', '--from', finding, '--kind', 'warning')).trim();
    expect(await show(id)).toMatchObject({
      text: 'Port 80 is taken.',
      from: { finding, group: 'g', taskId: null },
    });
  });

  test('is for people: a task is refused', async () => {
    const id = await home.run('--', `${TEND} memory add "I was here"`);
    expect((await home.tend(['wait', id])).code).toBe(4);
    expect(await home.out('logs', id)).toMatch(/only a person/);
  });

  test('says what is wrong', async () => {
    const code = async (...args: string[]) => (await home.tend(['memory', ...args])).code;
    expect(await code('add')).toBe(2);
    expect(await code('add', 'x', '--kind', 'rumour')).toBe(2);
    expect(await code('add', 'x', '--folder', '/', '--everywhere')).toBe(2);
    expect(await code('show', 'm-none')).toBe(3);
    expect(await code('add', '--from', 'f-99')).toBe(3);
    expect((await home.tend(['memory', 'serach'])).stderr).toContain('tend memory search');
  });
});
