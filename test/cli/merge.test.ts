import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { answers } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import type { Result } from './home.ts';
import { Repository } from './repository.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());

let repository: Repository;
let count = 0;
beforeEach(() => {
  repository = new Repository(join(home.work, `project-${++count}`), { 'file.txt': 'one\n' });
});

const tend = (...args: string[]): Promise<Result> => home.tend(args, { cwd: repository.path });

/** A task that has ended after `command` in a work tree of its own. */
async function done(command: string, ...options: string[]): Promise<string> {
  const { stdout, stderr } = await tend('run', '-q', '--worktree', ...options, '--', command);
  const id = stdout.trim();
  if (id === '') throw new Error(stderr);
  await tend('wait', id);
  return id;
}

const main = (): string => repository.git('rev-parse', 'main').trim();
const status = (): string => repository.git('status', '--porcelain');

describe('tend merge', () => {
  test('merges, says how, and brings the checkout along', async () => {
    const id = await done('echo two > file.txt; echo new > new.txt', '--verify', 'test -e new.txt');
    const { code, stdout, stderr } = await tend('merge', id);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `${id} merged into main as ${main().slice(0, 10)} (+2 −1 in 2 files, verified)\n`,
    );
    expect([status(), readFileSync(join(repository.path, 'new.txt'), 'utf8')]).toEqual([
      '',
      'new\n',
    ]);
    const task = await home.json<Task>('merge', id);
    expect(task.workspace.merge).toMatchObject({
      state: 'merged',
      target: 'main',
      to: main(),
      verified: 'same',
      changed: { files: 2, insertions: 2, deletions: 1 },
    });
    expect((await tend('show', id)).stdout).toMatch(/merge\s+merged into main at /);
  });

  test('several, each on top of the one before; the merged tree is verified again', async () => {
    const ids = [
      await done('echo 1 > a', '--verify', 'true'),
      await done('echo 2 > b', '--verify', 'true'),
    ];
    const { code, stdout } = await tend('merge', ...ids);
    expect(code).toBe(0);
    const [first, second] = stdout.trimEnd().split('\n');
    expect(first).toMatch(new RegExp(`^${ids[0]} merged into main as \\w{10} .*, verified\\)$`));
    expect(second).toMatch(
      new RegExp(`^${ids[1]} merged into main as \\w{10} .*, verified again\\)$`),
    );
    expect(existsSync(join(repository.path, 'b'))).toBe(true);
  });

  test('says what it would come to', async () => {
    const id = await done('echo two > file.txt');
    const before = main();
    const plain = await tend('merge', '--dry-run', id);
    expect(plain).toMatchObject({
      code: 0,
      stdout: `${id} would be merged into main (+1 −1 in 1 file)\n`,
    });
    const preview = await home.json<object>('merge', '-n', '--squash', id);
    expect(preview).toMatchObject({ taskId: id, result: 'merged', paths: ['file.txt'] });
    expect(main()).toBe(before);
  });

  test('only asked for, it is merged all the same', async () => {
    const id = await done('echo two > file.txt');
    const { code, stdout } = await tend('merge', '--no-wait', '--into', 'main', id);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ main( |$)/m)]);
    expect((await tend('merge', id)).stdout).toContain('merged into main');
  });

  test('what is not clean is left alone, and told', async () => {
    const id = await done('echo two > file.txt');
    repository.write({ 'file.txt': 'mine\n' });
    const { code, stdout, stderr } = await tend('merge', id);
    expect(code).toBe(1);
    expect(stdout).toBe(
      `${id} is not merged: ${repository.path} has changes that are not committed: file.txt\n`,
    );
    expect(stderr).toContain(`tend merge ${id}  # once main is clean where it is checked out`);
    expect(readFileSync(join(repository.path, 'file.txt'), 'utf8')).toBe('mine\n');
    expect((await tend('merge', '-q', id)).stdout).toBe('');
  });

  test('what would break the branch is not merged, unless there is a reason', async () => {
    const verify = ['--verify', 'test "$(ls | wc -l)" -le 2 || { echo too many; exit 1; }'];
    const [first, second] = [
      await done('echo 1 > a', ...verify),
      await done('echo 2 > b', ...verify),
    ];
    await tend('merge', first);
    const before = main();
    const broken = await tend('merge', second);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain(
      `${second} would break main: the verification of the merged tree failed: it ended with exit code 1`,
    );
    expect(broken.stderr).toMatch(/tend logs t-\w+/);
    expect(main()).toBe(before);
    const taken = await tend('merge', '--unverified', 'limit goes next', second);
    expect([taken.code, taken.stdout]).toEqual([0, expect.stringContaining('merged into main')]);
    expect(repository.git('log', '-1', '--format=%B')).toContain('limit goes next');
  });

  test('a hook that says no is told', async () => {
    const id = await done('echo two > file.txt');
    const hooks = join(repository.path, '.git/hooks');
    mkdirSync(hooks, { recursive: true });
    writeFileSync(join(hooks, 'reference-transaction'), '#!/bin/sh\necho frozen >&2; exit 1\n');
    chmodSync(join(hooks, 'reference-transaction'), 0o755);
    expect(await tend('merge', id)).toMatchObject({
      code: 1,
      stdout: `${id} was refused by a hook of the repository: frozen\n`,
    });
  });

  test('goes on after the daemon was killed between the branch and the checkout', async () => {
    const id = await done('echo two > file.txt; echo new > new.txt');
    const hook = join(repository.path, '.git/hooks/reference-transaction');
    const killed = join(repository.path, '.git/killed');
    mkdirSync(dirname(hook), { recursive: true });
    // Its parent is git, and git's parent the daemon.
    const kill = `kill -9 "$(cut -d' ' -f4 "/proc/$PPID/stat")"`;
    const when = `[ "$1" = committed ] && ! test -e ${killed}`;
    writeFileSync(hook, `#!/bin/sh\nif ${when}; then touch ${killed}; ${kill}; fi\nexit 0\n`);
    chmodSync(hook, 0o755);
    const { code, stdout } = await tend('merge', id);
    expect(existsSync(killed)).toBe(true);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${id} merged into main as `)]);
    expect([status(), readFileSync(join(repository.path, 'new.txt'), 'utf8')]).toEqual([
      '',
      'new\n',
    ]);
    expect(repository.git('log', '--merges', '--format=%H', 'main').trim()).toBe(main());
  });

  test('what cannot be merged is refused', async () => {
    const { stdout } = await tend('run', '-q', '--', 'true');
    const plain = stdout.trim();
    await tend('wait', plain);
    expect(await tend('merge', plain)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${plain} cannot be merged: it worked in no work tree`),
    });
    const failed = await done('exit 3');
    const asked = await tend('merge', '--json', '--unverified', 'x', failed);
    expect(asked.code).toBe(1);
    expect(JSON.parse(asked.stdout)).toMatchObject({ error: { code: 'protected' } });
    for (const words of [
      ['--squash', '--ff-only'],
      ['--with', 'claude', '--no-wait'],
    ])
      expect((await tend('merge', ...words, plain)).code).toBe(2);
    expect((await tend('merge', '--into', 'none', failed)).code).toBe(1);
    // The others are merged all the same.
    const good = await done('echo two > file.txt');
    const both = await tend('merge', failed, good);
    expect([both.code, both.stdout]).toEqual([
      1,
      expect.stringContaining(`${good} merged into main`),
    ]);
  });
});

/** A program that merges main into what is checked out, resolves, and then plays what the fake agent plays. */
function resolver(): void {
  const bin = dirname(stage.log);
  const fake = join(import.meta.dirname, '../../bin/tend-fake-agent.cjs');
  const git = 'git -c user.name=agent -c user.email=agent@localhost';
  writeFileSync(
    join(bin, 'claude'),
    [
      '#!/bin/sh',
      `export TEND_FAKE_AGENT=${join(bin, 'claude.jsonl')}`,
      `case "$*" in *--version*) exec ${process.execPath} ${fake} "$@";; esac`,
      `${git} merge -q main >/dev/null || { echo both > file.txt; ${git} add -A; ${git} commit -q -m resolved; }`,
      `exec ${process.execPath} ${fake} "$@"`,
      '',
    ].join('\n'),
  );
  chmodSync(join(bin, 'claude'), 0o755);
  stage.plays('claude', ...answers('Resolved.'));
}

describe('a conflict', () => {
  test('is told with its files; an agent gets it, and what it makes is merged', async () => {
    resolver();
    const id = await done('echo work > file.txt');
    repository.write({ 'file.txt': 'main\n' });
    const before = repository.commit('meanwhile');
    const conflict = await tend('merge', id);
    expect(conflict).toMatchObject({ code: 1, stdout: `${id} conflicts with main in file.txt\n` });
    expect(conflict.stderr).toContain(`tend merge --with <agent> ${id}`);
    expect([main(), status()]).toEqual([before, '']);
    expect((await tend('merge', '--dry-run', id)).stdout).toBe(
      `${id} conflicts with main in file.txt\n`,
    );

    const given = await tend('merge', '--with', 'claude', id);
    expect(given.code).toBe(1);
    const [, other = ''] = /; (t-\w+) resolves it$/m.exec(given.stdout) ?? [];
    expect(given.stderr).toContain(`tend merge --into main ${other}`);
    await tend('wait', other);
    const task = await home.json<Task>('show', other);
    expect(task).toMatchObject({ state: 'completed', kind: 'agent' });
    expect(task.agent?.prompt).toContain(`git merge ${before}`);
    expect(task.agent?.prompt).toContain('- "file.txt"');
    // Given again, it is the same one.
    expect((await tend('merge', '-q', '--with', 'claude', id)).stdout).toBe(`${other}\n`);
    expect(await tend('merge', '--into', 'main', other)).toMatchObject({ code: 0 });
    expect(readFileSync(join(repository.path, 'file.txt'), 'utf8')).toBe('both\n');
    // With it, the work itself has come.
    expect((await tend('merge', id)).stdout).toBe(`${id} is in main already\n`);
  });
});
