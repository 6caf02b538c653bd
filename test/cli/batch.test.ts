import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());
beforeAll(() => mkdirSync(join(home.work, 'web')));

const at = (name: string): string => join(home.work, name);

/** A batch file of its own. */
let files = 0;
function file(text: string): string {
  const name = `batch-${++files}.toml`;
  writeFileSync(at(name), text);
  return name;
}

const DIAMOND = `
[[task]]
name = "report"
command = "echo report"
depends_on = ["deploy", "alarm"]
when = "always"
[[task]]
name = "build"
command = "echo built"
[[task]]
name = "test"
command = "test -e ok-\${mark}"
depends_on = ["build"]
[[task]]
name = "deploy"
command = "echo deployed"
depends_on = ["test"]
[[task]]
name = "alarm"
command = "echo failed"
depends_on = ["test"]
when = "failure"
`;

interface Tasks {
  tasks: Task[];
}

/** Runs a batch to its end: the exit code, and the state of each name. */
async function wait(...args: string[]) {
  const { code, stdout, stderr } = await home.tend(['batch', ...args, '--wait', '--json']);
  const { tasks = [] } = JSON.parse(stdout) as Partial<Tasks>;
  const states = tasks.map(({ name, state }) => `${name}=${state}`).join(' ');
  return { code, states, tasks, stderr };
}

describe('dependencies and conditions', () => {
  test('what fails skips what needs it, and starts what was for that; a resume runs the rest', async () => {
    const name = file(DIAMOND);
    const first = await wait(name, '--var', 'mark=1');
    expect(first.states).toBe(
      'report=completed build=completed test=failed deploy=skipped alarm=completed',
    );
    expect(first.code).toBe(1);
    writeFileSync(at('ok-1'), '');
    const second = await wait(name, '--var', 'mark=1', '--resume');
    expect(second.states).toBe(
      'report=completed build=completed test=completed deploy=completed alarm=completed',
    );
    expect(second.code).toBe(0);
    const ids = ({ tasks }: Tasks) => tasks.map(({ id }) => id);
    const [report, build, failed, skipped, alarm] = ids(first);
    expect(ids(second)).toEqual([report, build, expect.any(String), expect.any(String), alarm]);
    expect(second.tasks.map(({ retryOf }) => retryOf)).toEqual([null, null, failed, skipped, null]);
    const third = await wait(name, '--var', 'mark=1', '--resume');
    expect(ids(third)).toEqual(ids(second));
  });

  test('at most so many run at once', async () => {
    const one = (name: string) =>
      `[[task]]\nname = "${name}"\ncommand = "mkdir lock && sleep 0.1 && rmdir lock"\n`;
    const name = file(`max_concurrent = 1\n${['a', 'b', 'c'].map(one).join('')}`);
    expect(await wait(name)).toMatchObject({ code: 0 });
  });
});

test('a piped wait tells each end, in a line', async () => {
  const { code, stdout, stderr } = await home.tend([
    'batch',
    file(DIAMOND),
    '--var',
    'mark=no',
    '-w',
  ]);
  expect(code).toBe(1);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ t-\S+/, ''));
  expect(lines.toSorted()).toEqual([
    expect.stringMatching(/^alarm completed after /),
    expect.stringMatching(/^build completed after /),
    'deploy was skipped: a task it depends on did not complete',
    expect.stringMatching(/^report completed after /),
    expect.stringMatching(/^test failed with exit code 1 after /),
  ]);
  expect(stderr).toContain('3 of 5 tasks completed, 1 failed, 1 skipped');
  expect(stderr).toMatch(/tend batch batch-\d+\.toml --var mark=no --resume --wait/);
});

test('on a terminal the tasks stand in a tree that is drawn in place', async () => {
  const running = home.startOnTerminal(['batch', file(DIAMOND), '--var', 'mark=no', '--wait']);
  const { code, stdout } = await running.result;
  expect(code).toBe(1);
  expect(stdout).toContain('├ ');
  expect(stdout).toContain('5/5');
  expect(stdout).toContain('failed: exit 1');
});

test('without a wait the group is printed, and what to do next', async () => {
  const name = file('[[task]]\nname = "a"\ncommand = "true"');
  const { code, stdout, stderr } = await home.tend(['batch', name]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^g-[0-9a-z]{8}\n$/);
  expect(stderr).toContain('1 task submitted');
  expect(stderr).toContain(`tend batch ${name} --resume --wait`);
  expect(stderr).toContain(`tend ls --group ${stdout.trim()}`);
  const given = await home.json<{ group: string; tasks: object[] }>('batch', name, '--group', 'g1');
  expect(given).toMatchObject({ group: 'g1', tasks: [{ name: 'a', created: true }] });
  const again = await home.tend(['batch', name, '--group', 'g1']);
  expect(again.stderr).toContain('nothing to do');
});

test('variables, environments, labels, folders and defaults arrive', async () => {
  const name = file(`
group = "vars"
[vars]
who = "world"
greeting = "hello \${who}"
tries = 2
[defaults]
env = { A = "a", B = "b" }
label = { team = "x" }
timeout = "2m"
retry = "\${tries}"
[[task]]
name = "a"
command = "echo \${greeting} $A$B$\${B} $PWD"
env = { B = "c" }
labels = { kind = "y" }
cwd = "web"
priority = 3
title = "to \${who}"
[[task]]
name = "b"
command = ["echo", "$A", "two words"]
`);
  const { tasks, code } = await wait(name, '--var', 'who=you');
  expect(code).toBe(0);
  expect(tasks[0]).toMatchObject({
    title: 'to you',
    group: 'vars',
    labels: { team: 'x', kind: 'y' },
    priority: 3,
    cwd: at('web'),
  });
  expect(tasks[0]?.output.tail).toBe(`hello you acc ${at('web')}\n`);
  expect(tasks[1]).toMatchObject({ argv: ['echo', '$A', 'two words'], cwd: home.work });
  expect(tasks[1]?.output.tail).toBe('$A two words\n');
});

describe('a dry run', () => {
  test('prints the plan and starts nothing', async () => {
    const name = file(DIAMOND);
    const { code, stdout } = await home.tend(['batch', name, '--var', 'mark=1', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^build /m);
    expect(stdout).toMatch(/if it failed: test/);
    expect(stdout).toContain('5 tasks in 4 levels; costs at most $0.00. Nothing was started.');
    const json = await home.json('batch', name, '--var', 'mark=1', '-n');
    expect(json).toMatchObject({ dryRun: true, ceilingUsd: 0 });
    const { tasks } = await home.json<Tasks>('ls', '--all');
    expect(tasks.filter((task) => task.title === 'echo deployed' && task.group === null)).toEqual(
      [],
    );
    expect((await home.tend(['batch', name, '--var', 'mark=1', '--resume'])).code).toBe(3);
  });
});

describe('a batch goes on', () => {
  const slow = (mark: string): string =>
    `max_concurrent = 2
${['a', 'b', 'c', 'd']
  .map((name, index) =>
    [
      '[[task]]',
      `name = "${name}"`,
      `command = "echo ${name} >> ${mark}.log; until test -e ${mark}.go; do sleep 0.05; done"`,
      index < 2 ? '' : `depends_on = ["${index === 2 ? 'a' : 'c'}"]`,
    ].join('\n'),
  )
  .join('\n')}`;
  const log = (mark: string): string[] =>
    readFileSync(at(`${mark}.log`), 'utf8')
      .trim()
      .split('\n')
      .toSorted();

  test('after the daemon was killed in the middle: each task ran once', async () => {
    const name = file(slow('killed'));
    expect((await home.tend(['batch', name])).code).toBe(0);
    await until('two run', () => {
      try {
        return log('killed').length === 2;
      } catch {
        return false;
      }
    });
    const { pid } = await home.json<{ pid: number }>('daemon', 'status');
    process.kill(pid, 'SIGKILL');
    const resumed = home.start(['batch', name, '--resume', '--wait', '--json']);
    await until('it waits', async () => {
      const { tasks } = await home.json<Tasks>('ls', '--all');
      return tasks.some((task) => task.name === 'a' && task.state === 'running');
    });
    writeFileSync(at('killed.go'), '');
    const { code, stdout } = await resumed.result;
    expect(code).toBe(0);
    const { tasks } = JSON.parse(stdout) as Tasks;
    expect(tasks.map((task) => `${task.name}=${task.state}`).join(' ')).toBe(
      'a=completed b=completed c=completed d=completed',
    );
    expect(tasks.map(({ retryOf }) => retryOf)).toEqual([null, null, null, null]);
    expect(log('killed')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('after an interrupt of the wait, which stops none of its tasks', async () => {
    const name = file(slow('left'));
    const running = home.start(['batch', name, '--wait']);
    await until('two run', () => {
      try {
        return log('left').length === 2;
      } catch {
        return false;
      }
    });
    running.child.kill('SIGINT');
    const { code, stderr } = await running.result;
    expect(code).toBe(130);
    expect(stderr).toContain('0 of 4 tasks completed; the others go on');
    expect(stderr).toContain(`tend batch ${name} --resume --wait`);
    writeFileSync(at('left.go'), '');
    expect(await wait(name, '--resume')).toMatchObject({ code: 0 });
    expect(log('left')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('after the submission broke off: the rest is submitted, nothing twice', async () => {
    const some = (count: number): string =>
      Array.from(
        { length: count },
        (_, index) =>
          `[[task]]\nname = "t${index}"\ncommand = "true"\n${index === 0 ? '' : 'depends_on = ["t0"]\n'}`,
      ).join('');
    const name = file(some(3));
    const [group] = (await home.out('batch', name)).split('\n');
    // What a call leaves that was killed between two parts: a group with some of the tasks.
    writeFileSync(at(name), some(1_500));
    const { stderr } = await home.tend(['batch', name, '--resume']);
    expect(stderr).toContain('1497 tasks submitted');
    const again = await home.tend(['batch', name, '--resume']);
    expect(again.stdout).toBe(`${group}\n`);
    expect(again.stderr).toContain('nothing to do');
    await home.out('ls', '-q', '--all', '--group', group ?? '').then(async (ids) => {
      expect(ids.trim().split('\n')).toHaveLength(1_500);
    });
    rmSync(at(name));
    const open = (await home.out('ls', '-q', '--state', 'waiting,queued')).split('\n');
    await home.tend(['kill', '-q', ...open.filter(Boolean)]);
  });
});
