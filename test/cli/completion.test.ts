import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

const words = async (...args: string[]): Promise<(string | undefined)[]> => {
  const text = await home.out('complete', '--', ...args);
  return text.split('\n').map((line) => line.split('\t')[0]);
};

test.each(['bash', 'zsh', 'fish', 'powershell'])('%s: a script that names tend', async (shell) => {
  const script = await home.out('completion', shell);
  expect(script).toMatch(/tend complete '?--/);
});

/** What bash offers after these words are typed and tab is pressed. */
async function pressTab(...typed: string[]): Promise<string[]> {
  const bin = join(import.meta.dirname, '../../bin/tend.cjs');
  const ask = [
    `tend() { "${process.execPath}" "${bin}" "$@"; }`,
    await home.out('completion', 'bash'),
    'COMP_WORDS=(tend "$@"); COMP_CWORD=$#; _tend; printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const { stdout, stderr } = await home.launch('bash', ['-c', ask, 'bash', ...typed]).result;
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash offers what tend answers, without the bash-completion package', async () => {
  expect(await pressTab('sh')).toEqual(['show']);
  expect(await pressTab('run', '--promote')).toEqual(['--promote-after']);
});

test('pressing tab runs nothing that was typed', async () => {
  await pressTab('run', '--', 'x', '>', 'made', '$(touch', 'made)', '`touch made`', ';', 'touch');
  expect(existsSync(join(home.work, 'made'))).toBe(false);
});

test('verbs, options, and task ids; no daemon is started to answer', async () => {
  expect(await words('sh')).toContain('show');
  expect(await words('run', '--promote')).toContain('--promote-after');
  expect(await words('show', '')).toEqual([':4', '']);
  expect(home.processes()).toEqual([]);
  await home.run('--id', 'nightly', '--', 'true');
  expect(await words('show', 'n')).toContain('nightly');
  expect(await words('run', '--after', '')).toContain('nightly');
  expect(await words('ls', '--state', 'que')).toContain('queued');
});
