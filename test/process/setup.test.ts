/** A new work tree is set up once, before the command, by the attempt's own process. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TaskIn, TaskSpec, Work } from '../../src/domain/task.ts';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';
import { argv, eachOnGround, line, stopping, until } from './ground.ts';

const MODES = [
  ['bash', {}],
  ['sh', { solo: '/bin/sh' }],
] as const;

const WORKSPACE: WorkspaceSpec = {
  kind: 'worktree',
  repository: '/nowhere',
  checkout: '/nowhere',
  subfolder: 'sub',
  branch: null,
  base: '0'.repeat(40),
  target: null,
  setup: null,
  links: [],
  keepIgnored: [],
};

const PWD = line('pwd; echo "$HOME|$TEND_TASK_ID"');

describe.each(MODES)('under %s', (_, options: { solo?: string }) => {
  const ground = eachOnGround(options);
  let root: string;

  beforeEach(() => {
    root = join(ground().state, "tree's\n place");
    fs.mkdirSync(join(root, 'sub'), { recursive: true });
    fs.mkdirSync(join(ground().state, 'admin'));
    fs.writeFileSync(join(root, '.git'), `gitdir: ${join(ground().state, 'admin')}\n`);
  });

  /** A claimed task of a work tree with this setup. */
  function inTree(
    setup: string | null,
    work: Work,
    given: Partial<TaskSpec> = {},
  ): TaskIn<'claimed'> {
    const task = ground().task(work, { workspace: { ...WORKSPACE, setup }, ...given });
    const cwd = join(root, 'sub');
    const workspace = { path: root, cwd, branch: 'tend/x', prepared: null };
    return { ...task, attempt: { ...task.attempt, workspace } };
  }

  async function exitOf(task: TaskIn<'claimed'>): Promise<unknown> {
    await ground().supervisor.launch(task);
    return ground().exit(task);
  }

  test('the command starts in the folder of the work tree', async () => {
    const task = inTree(null, PWD);
    expect(await exitOf(task)).toEqual({ code: 0 });
    expect(ground().read(task, 'output')).toBe(`${root}/sub\n|${task.id}\n`);
    expect(fs.existsSync(join(ground().folder(task), 'setup'))).toBe(false);
  });

  test('the line runs once, at the root, with the environment, and says nothing in the output', async () => {
    const environment = await ground().environments.put({
      PATH: process.env['PATH'] ?? '',
      HOME: '/home/x',
      IFS: ':/g',
    });
    const setup = `cat; pwd; echo "it's $HOME" >&2; echo 'done' >>made; umask`;
    const work = argv('cat', '../made');
    const first = inTree(setup, work, { environment, umask: 0o002 });
    expect(await exitOf(first)).toEqual({ code: 0 });
    expect(ground().read(first, 'output')).toBe('done\n');
    const said = `${root}\nit's /home/x\n0002\n# ended with 0\n`;
    expect(ground().read(first, 'setup')).toBe(said);
    expect(fs.statSync(join(ground().folder(first), 'setup')).mode & 0o777).toBe(0o600);
    const second = inTree(setup, work);
    expect(await exitOf(second)).toEqual({ code: 0 });
    expect(ground().read(second, 'output')).toBe('done\n');
    expect(ground().read(second, 'setup')).toBe('');
  });

  test('what fails refuses the start, and is tried again by the next attempt', async () => {
    const task = inTree('echo why; test -e ../ok || exit 3', argv('echo', 'ran'));
    await ground().supervisor.launch(task);
    const file = join(ground().folder(task), 'setup');
    expect(await ground().over(task)).toEqual({
      kind: 'refused',
      detail: `The setup command ended with 3; its output is in ${file}.`,
    });
    expect(ground().read(task, 'setup')).toBe('why\n# ended with 3\n');
    expect(ground().read(task, 'output')).toBe('');
    fs.writeFileSync(join(ground().state, 'ok'), '');
    const again = inTree('test -e ../ok', argv('echo', 'ran'));
    expect(await exitOf(again)).toEqual({ code: 0 });
    expect(ground().read(again, 'output')).toBe('ran\n');
  });

  test('a program may be made by it', async () => {
    const setup = `printf '#!/bin/sh\\necho made\\n' >sub/tool && chmod +x sub/tool`;
    const task = inTree(setup, argv('./tool'));
    expect(await exitOf(task)).toEqual({ code: 0 });
    expect(ground().read(task, 'output')).toBe('made\n');
    const missing = inTree(setup, argv('no-such-program'));
    await ground().supervisor.launch(missing);
    expect(await ground().over(missing)).toMatchObject({ kind: 'refused' });
  });

  test('it is stopped like the command, and its growth is a sign of life', async () => {
    const task = inTree('echo begun; echo $$ >pid; exec sleep 60', argv('echo', 'ran'));
    await ground().supervisor.launch(task);
    await until(() => fs.existsSync(join(root, 'pid')) && ground().read(task, 'setup') !== '');
    const { lastActivityAt, bytes } = await ground().supervisor.vitals(task);
    const grownAt = fs.statSync(join(ground().folder(task), 'setup')).mtimeMs;
    expect({ lastActivityAt, bytes }).toEqual({ lastActivityAt: Math.floor(grownAt), bytes: 0 });
    await ground().supervisor.signal(stopping(task), 'polite');
    expect(await ground().exit(task)).toEqual({ signal: 'SIGTERM' });
    expect(ground().read(task, 'output')).toBe('');
    expect(fs.readdirSync(join(ground().state, 'admin'))).toEqual([]);
  });

  test('a work tree without a pointer of git is set up each time', async () => {
    fs.rmSync(join(root, '.git'));
    for (const expected of ['x\n', 'x\nx\n']) {
      const task = inTree('echo x >>made', argv('cat', '../made'));
      expect(await exitOf(task)).toEqual({ code: 0 });
      expect(ground().read(task, 'output')).toBe(expected);
    }
  });

  test('in place nothing is set up', async () => {
    const task = inTree(null, argv('true'), {
      workspace: { ...WORKSPACE, kind: 'in_place', setup: 'exit 1' },
    });
    expect(await exitOf(task)).toEqual({ code: 0 });
  });
});
