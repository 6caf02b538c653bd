import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { Home, type Result } from './home.ts';
import { Repository } from './repository.ts';

const home = new Home();
afterAll(() => home.close());
const bin = join(home.path, 'bin');
const log = join(home.path, 'asked');
const remote = join(home.path, 'remote.git');

const repository = new Repository(join(home.work, 'project'), { 'file.txt': 'one\n' });
repository.git('clone', '-q', '--bare', repository.path, remote);
repository.git('remote', 'add', 'origin', remote);

/** A program that says how it was called, then what it answers. */
function program(name: string, answer: string, code = 0): void {
  const script = `#!/bin/sh\nprintf '%s\\0' "$0" "$PWD" "$@" >> ${log}\necho "${answer}"\nexit ${code}\n`;
  writeFileSync(join(bin, name), script);
  chmodSync(join(bin, name), 0o755);
}
const asked = (): string[] =>
  existsSync(log) ? readFileSync(log, 'utf8').split('\0').slice(0, -1) : [];

beforeEach(() => {
  rmSync(bin, { recursive: true, force: true });
  rmSync(log, { force: true });
  mkdirSync(bin);
  program('git-is-elsewhere', '');
});

const env = { PATH: `${bin}:/usr/bin:/bin` };
const tend = (...args: string[]): Promise<Result> => home.tend(args, { cwd: repository.path, env });

async function done(command: string, ...options: string[]): Promise<string> {
  const id = (await tend('run', '-q', '--worktree', ...options, '--', command)).stdout.trim();
  await tend('wait', id);
  return id;
}

const pushed = (branch: string): string => {
  try {
    return repository.git('-C', remote, 'show', `refs/heads/${branch}:file.txt`);
  } catch {
    return '';
  }
};

test('pushes the work, and opens the request with the program that is there', async () => {
  program('gh', 'https://example.org/me/project/pull/7');
  const id = await done('echo two > file.txt', '--title', '-x; rm "$HOME"');
  const { code, stdout } = await tend('pr', '--draft', id);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `${id} pushed as tend/${id} to origin: https://example.org/me/project/pull/7\n`,
  });
  expect(pushed(`tend/${id}`)).toBe('two\n');
  expect(asked()).toEqual([
    join(bin, 'gh'),
    repository.path,
    'pr',
    'create',
    `--head=tend/${id}`,
    '--base=main',
    '--title=-x; rm "$HOME"',
    `--body=Not verified. Made by task ${id}.`,
    '--draft',
  ]);
  // Nothing of the person's was changed.
  expect(repository.git('status', '--porcelain')).toBe('');
});

test('glab has other words for it; JSON', async () => {
  program('glab', 'see https://gitlab.example.org/me/project/-/merge_requests/3');
  const id = await done('echo three > file.txt', '--verify', 'grep -q three file.txt');
  const { stdout } = await tend('pr', '--json', '--base', 'develop', '--title', 'Three', id);
  expect(JSON.parse(stdout)).toEqual({
    taskId: id,
    url: 'https://gitlab.example.org/me/project/-/merge_requests/3',
    branch: `tend/${id}`,
    base: 'develop',
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    program: 'glab',
  });
  expect(asked().slice(2)).toEqual([
    'mr',
    'create',
    '--yes',
    `--source-branch=tend/${id}`,
    '--target-branch=develop',
    '--title=Three',
    `--description=Verification (\`grep -q three file.txt\`): passed. Made by task ${id}.`,
  ]);
});

test('what is missing is said plainly, and nothing is pushed', async () => {
  const id = await done('echo four > file.txt');
  expect(await tend('pr', id)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/neither gh nor glab is installed\n.*https:\/\/cli\.github\.com/),
  });
  program('gh', '');
  program('glab', '');
  expect((await tend('pr', id)).stderr).toMatch(/gh or for glab\n.*--using/);
  repository.git('remote', 'add', 'lab', 'git@gitlab.example.org:me/project.git');
  rmSync(join(bin, 'glab'));
  expect((await tend('pr', '--remote', 'lab', id)).stderr).toMatch(
    /glab, which opens pull requests at gitlab\.example\.org, is not installed/,
  );
  expect([asked(), pushed(`tend/${id}`)]).toEqual([[], '']);
  expect(await tend('pr', '--using', 'gh', id)).toMatchObject({ code: 0 });
});

test('what stands there otherwise is not overwritten; what the program refuses is told', async () => {
  program('gh', 'no', 1);
  const id = await done('echo five > file.txt');
  expect(await tend('pr', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('gh opened nothing (it ended with 1)'),
  });
  const other = repository.git('commit-tree', '-m', 'other', 'HEAD^{tree}').trim();
  repository.git('push', '-q', '-f', 'origin', `${other}:refs/heads/tend/${id}`);
  expect(await tend('pr', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`the branch tend/${id} could not be pushed to origin`),
  });
  expect(pushed(`tend/${id}`)).toBe('one\n');
});

test('what is not done is not offered', async () => {
  program('gh', '');
  const failed = await done('echo six > file.txt; exit 1');
  expect(await tend('pr', failed)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('only work that is done'),
  });
  const plain = (await tend('run', '-q', '--', 'true')).stdout.trim();
  await tend('wait', plain);
  expect((await tend('pr', plain)).code).toBe(2);
  const id = await done('echo six > file.txt');
  expect((await tend('pr', '--base', `tend/${id}`, id)).code).toBe(2);
  expect(asked()).toEqual([]);
});
