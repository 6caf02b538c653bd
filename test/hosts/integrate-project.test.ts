import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../cli/home.ts';
import { HostHome } from './ground.ts';

let home: HostHome;
beforeEach(() => void (home = new HostHome()));
afterEach(() => home.close());

const repository = (): string => {
  execFileSync('git', ['init', '-q'], { cwd: home.home.work });
  return home.home.work;
};

const inRepository = (...words: string[]) =>
  home.home.tend(['integrate', ...words, '--project'], { cwd: home.home.work });

test.each([
  ['claude', ['.claude/settings.json', '.claude/skills/tend/SKILL.md', '.mcp.json']],
  ['codex', ['.agents/skills/tend/SKILL.md', '.codex/config.toml', '.codex/hooks.json']],
  ['gemini', ['.gemini/settings.json', '.gemini/skills/tend/SKILL.md']],
  ['opencode', ['.opencode/plugins/tend.js', '.opencode/skills/tend/SKILL.md', 'opencode.json']],
  ['cursor', ['.cursor/hooks.json', '.cursor/mcp.json', '.cursor/skills/tend/SKILL.md']],
])('%s: the files of a repository name no path of this machine', async (host, names) => {
  const root = repository();
  expect(await inRepository(host, '--yes')).toMatchObject({ code: 0 });
  const found = fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.git/') && fs.statSync(join(root, name)).isFile());
  expect(found.toSorted()).toEqual(names);
  for (const name of found)
    expect(fs.readFileSync(join(root, name), 'utf8')).not.toContain(process.execPath);
  expect(home.files()).toEqual({});
  expect(await inRepository(host, '--undo', '--yes')).toMatchObject({ code: 0 });
  expect(fs.readdirSync(root)).toEqual(['.git']);
});

test('a repository cannot lead out of itself', async () => {
  const root = repository();
  fs.mkdirSync(home.at('elsewhere'));
  fs.symlinkSync(home.at('elsewhere'), join(root, '.claude'));
  const { code, stderr } = await inRepository('claude', '--yes');
  expect(code).toBe(2);
  expect(stderr).toMatch(/leads out of/);
  expect(fs.readdirSync(home.at('elsewhere'))).toEqual([]);
});

test('outside of a repository, and for hosts that there are not, it says what to do', async () => {
  expect(await inRepository('claude')).toMatchObject({ code: 2 });
  const wrong = await home.integrate('claud');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean: tend integrate claude');
  const none = await home.integrate();
  expect(none.stderr).toContain('Hosts: claude, codex, gemini, opencode, cursor');
});

test('without a person and without --yes nothing is written; --dry-run shows it', async () => {
  const asked = await home.integrate('claude');
  expect(asked.code).toBe(2);
  expect(asked.stdout).toContain('+     "tend": {');
  expect(asked.stderr).toContain('--yes');
  const shown = await home.integrate('claude', '--dry-run', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ host: 'claude', applied: false });
  expect(home.files()).toEqual({});
});

test('a person is shown the changes and asked', async () => {
  const no = home.home.startOnTerminal(['integrate', 'gemini']);
  await until('it asks', () => no.said.stdout.includes('Make these 2 changes?'));
  no.child.stdin?.write('n\n');
  expect((await no.result).stdout).toContain('nothing was changed');
  expect(home.files()).toEqual({});
  const yes = home.home.startOnTerminal(['integrate', 'gemini']);
  await until('it asks', () => yes.said.stdout.includes('Make these 2 changes?'));
  yes.child.stdin?.write('y\n');
  expect((await yes.result).code).toBe(0);
  expect(home.has('.gemini/settings.json')).toBe(true);
});

test('with tend in the path, files call it by its name', async () => {
  const bin = home.at('bin');
  fs.mkdirSync(bin);
  fs.symlinkSync(join(import.meta.dirname, '../../bin/tend.cjs'), join(bin, 'tend'));
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  await home.home.tend(['integrate', 'claude', '--yes'], { env });
  const { mcpServers } = JSON.parse(home.read('.claude.json')) as {
    mcpServers: { tend: { command: string; args: string[] } };
  };
  expect(mcpServers.tend).toEqual({ type: 'stdio', command: 'tend', args: ['mcp'] });
  expect(home.read('.claude/settings.json')).toContain('"command": "tend hook claude start"');
  // Later by another way: it is renewed in place, once.
  expect((await home.integrate('claude', '--status')).stdout).toMatch(/tend integrate renews it/);
  await home.integrate('claude', '--yes');
  expect(home.read('.claude/settings.json').match(/hook claude start/g)).toHaveLength(1);
});
