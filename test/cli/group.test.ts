import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { Home } from './home.ts';

const home = new Home({ TZ: 'UTC' });
afterAll(() => home.close());

/** The command itself, as a task calls it. */
const TEND = `${process.execPath} ${join(import.meta.dirname, '../../bin/tend.cjs')}`;

type Group = Output<'group'>;

const refused = async (...args: string[]): Promise<{ code: number | null; stderr: string }> => {
  const { code, stderr } = await home.tend(['group', ...args]);
  return { code, stderr };
};

describe('tend group', () => {
  test('makes a group, shows it, changes it and forgets it', async () => {
    writeFileSync(join(home.work, 'about.md'), 'We rewrite the parser.\n');
    const made = await home.out('group', 'create', 'parser', '-c', '@about.md', '--title', 'P');
    expect(made).toBe('parser\n');
    expect(await home.json<Group>('group', 'show', 'parser')).toMatchObject({
      name: 'parser',
      title: 'P',
      context: 'We rewrite the parser.\n',
      kept: true,
      told: [],
      tasks: {},
    });
    expect(await home.out('group', 'edit', 'parser', '--context', 'Be brief.')).toBe(
      'changed parser\n',
    );
    expect(await home.out('group', 'show', 'parser')).toMatch(
      /group +parser\ntitle +P\nmade .*\ntasks +none\n\nshared\n {2}Be brief\.\n/,
    );
    expect(await home.out('group')).toMatch(/^GROUP +FINDINGS +CHANGED +WHAT\nparser +0 .* +P\n$/);
    const id = (await home.out('group', 'create', '-q')).trim();
    expect(id).toMatch(/^g-[0-9a-z]{8}$/);
    expect((await home.out('group', 'ls', '-q')).split('\n').toSorted()).toEqual(
      ['', id, 'parser'].toSorted(),
    );
    expect(await home.out('group', 'rm', id.slice(0, 7))).toBe(`removed ${id}\n`);
  });

  test('takes findings and milestones once, and shows what a terminal must not obey', async () => {
    const first = await home.out('group', 'finding', 'lexer', 'It', 'is', 'slow.\u001b[2J');
    const again = await home.tend(['group', 'finding', 'lexer', 'it is SLOW.\u001b[2J']);
    expect([again.stdout, again.stderr]).toEqual([first, 'tend: it was told before\n']);
    const args = ['lexer', 'It builds', '--at', '2030-01-31', '--important'];
    const milestone = (await home.out('group', 'milestone', ...args)).trim();
    const shown = await home.out('group', 'show', 'lexer');
    expect(shown).toContain(`${milestone}  2030-01-31 00:00`);
    expect(shown).toContain('milestone  important');
    expect(shown).not.toContain('\u001b');
    expect(await home.json<Group>('group', 'show', 'lexer')).toMatchObject({
      findings: 2,
      told: [{ kind: 'milestone', at: '2030-01-31T00:00:00.000Z' }, { text: /slow/ }].map((one) =>
        expect.objectContaining({ ...one, ...('text' in one && { text: expect.any(String) }) }),
      ),
    });
    expect(await home.json('group', 'rm', 'lexer', '--finding', milestone)).toEqual({
      removed: [milestone],
    });
    expect(await home.out('group', 'show', '-q', 'lexer')).toBe(first);
  });

  test('a task tells its group in its own name, and the group is shown with its tasks', async () => {
    const command = `${TEND} group finding mine "From a task"`;
    const id = await home.run('--group', 'mine', '--', command);
    const { tasks } = await home.json<{ tasks: Task[] }>('wait', id);
    const [task] = tasks;
    expect(task?.state).toBe('completed');
    const group = await home.json<Group>('group', 'show', 'mine');
    expect(group.told).toMatchObject([{ text: 'From a task', taskId: task?.id }]);
    expect(group.tasks).toEqual({ completed: 1 });
  });

  test('says what is wrong, and what would be right', async () => {
    expect(await refused('shwo')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/tend group show/),
    });
    expect(await refused('show', 'nothing')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/no group/),
    });
    await home.out('group', 'create', 'twice');
    expect(await refused('create', 'twice')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/group edit twice/),
    });
    expect(await refused('edit', 'twice')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--context/),
    });
    expect(await refused('finding', 'twice', ' ')).toMatchObject({ code: 2 });
    expect(await refused('milestone', 'twice', 'x', '--at', 'soon')).toMatchObject({ code: 2 });
    expect(await refused('create', 'c', '-c', '@none.md')).toMatchObject({ code: 2 });
  });
});
