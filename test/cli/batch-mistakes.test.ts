import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());
beforeAll(() => mkdirSync(join(home.work, 'web')));

/** A batch file of its own. */
let files = 0;
function file(text: string): string {
  const name = `batch-${++files}.toml`;
  writeFileSync(join(home.work, name), text);
  return name;
}

describe('mistakes are answered with what to write', () => {
  const task = (...lines: string[]): string => ['[[task]]', 'name = "build"', ...lines].join('\n');
  const two = (...lines: string[]): string =>
    [task('command = "x"'), '[[task]]', 'name = "test"', 'command = "x"', ...lines].join('\n');

  test.each<[string, string, string, string]>([
    ['no quotes', '[[task]]\nname = build', 'line 2', 'Put text in quotes'],
    [
      'an unknown key',
      task('comand = "x"'),
      'line 3: task "build": comand',
      'Did you mean command?',
    ],
    ['another word', task('cmd = "x"'), 'line 3: task "build": cmd', 'Did you mean command?'],
    ['camel case', two('dependsOn = []'), 'line 7: task "test": dependsOn', 'depends_on?'],
    ['a key of the file', task('max_concurrent = 2'), 'line 3', 'at the top of the file'],
    [
      'a group of its own',
      task('command = "x"', 'group = "g"'),
      'line 4',
      'at the top of the file',
    ],
    ['one bracket', '[task]\nname = "a"', 'line 1: task must be a list', '[[task]]'],
    ['a table of tasks', '[task.a]\ncommand = "x"', 'line 1', 'name = "a"'],
    ['another section', '[[tasks]]\nname = "a"', 'line 1: tasks', '[[task]]'],
    ['an empty file', '', 'there is no task', '[[task]]'],
    ['no name', '[[task]]\ncommand = "x"', 'line 1: task 1: name is missing', 'name = "build"'],
    ['a mistyped name', '[[task]]\nnmae = "a"\ncommand = "x"', 'line 2: task 1: nmae', 'name?'],
    ['nothing to do', task(), 'line 1: task "build": has nothing to do', 'command ='],
    ['no agent', task('prompt = "x"'), 'line 3', 'agent = "claude"'],
    ['no prompt', task('agent = "claude"'), 'line 3', 'prompt_file'],
    ['both', task('command = "x"', 'prompt = "y"'), 'line 3', 'take the other one out'],
    ['an agent’s key', task('command = "x"', 'tier = "lite"'), 'line 4', 'Take it out'],
    ['an unknown agent', task('agent = "cluade"', 'prompt = "x"'), 'task build', 'claude?'],
    ['no list', two('depends_on = "build"'), 'line 7', 'depends_on = ["build"]'],
    ['an unknown task', two('depends_on = ["biuld"]'), 'line 7', 'Did you mean build?'],
    ['a name twice', `${task('command = "x"')}\n${task('command = "x"')}`, 'line 5', '(line 2)'],
    ['a lonely when', task('command = "x"', 'when = "always"'), 'line 4', 'depends_on = ['],
    ['a cycle', two('depends_on = ["test"]'), 'line 7', 'test -> test'],
    ['a wrong time', task('command = "x"', 'timeout = "ten"'), 'line 4', 'write "90s"'],
    ['a wrong word', task('command = "x"', 'notify = "no"'), 'line 4', 'must be one of "always"'],
    ['a missing folder', task('command = "x"', 'cwd = "no"'), 'line 4', 'mkdir -p'],
    ['a missing prompt', task('agent = "claude"', 'prompt_file = "no.md"'), 'line 4', 'no.md'],
    ['the shell’s', task('command = "echo ${HOME}"'), 'line 3', '$${HOME}'],
    ['a mistyped one', `[vars]\nab = "x"\n${task('command = "${abc}"')}`, 'line 5', '${ab}?'],
  ])('%s', async (_, text, problem, advice) => {
    const name = file(text);
    const { code, stdout, stderr } = await home.tend(['batch', name, '--dry-run']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(problem);
    expect(stderr).toContain(advice);
  });

  test.each<[string, string[], string]>([
    ['no file', [], 'tend batch nightly.toml'],
    ['a file that is not there', ['no.toml'], 'there is no file no.toml'],
    ['a folder', ['web'], 'web is a folder'],
    ['the file behind --resume', ['--resume', 'x.toml'], 'tend batch x.toml --resume'],
    ['a variable nobody has', [file(task('command = "x"')), '--var', 'a=b'], 'no such variable'],
    ['two groups', [file(task('command = "x"')), '--resume', 'a', '--group', 'b'], 'two groups'],
  ])('%s', async (_, args, words) => {
    const { code, stderr } = await home.tend(['batch', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
