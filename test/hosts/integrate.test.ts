import * as fs from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOSTS } from '../../src/domain/host.ts';
import { HostHome } from './ground.ts';

let home: HostHome;
beforeEach(() => void (home = new HostHome()));
afterEach(() => home.close());

interface Planned {
  applied: boolean;
  scope: string;
  files: { path: string; action: string; diff: string }[];
  notes: string[];
}

/** What a person had before: comments, an order of their own, other servers and hooks. */
const BEFORE: Readonly<Record<string, string>> = {
  '.claude.json':
    '{\n  "numStartups": 7,\n  "mcpServers": {\n    "other": { "command": "x" }\n  },\n  "z": 1\n}\n',
  '.claude/settings.json':
    '{\n  "model": "opus",\n  "hooks": {\n    "Stop": [\n      { "hooks": [{ "type": "command", "command": "say done" }] }\n    ]\n  }\n}\n',
  '.codex/config.toml':
    '# mine\nmodel = "o3" # the good one\n\n[mcp_servers.other]\ncommand = "x"\n\n[projects."/a"]\ntrust_level = "trusted"\n',
  '.codex/hooks.json':
    '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}',
  '.gemini/settings.json': '{\n\t// mine\n\t"security": {},\n}\n',
  '.config/opencode/opencode.jsonc': '{\r\n  // mine\r\n  "model": "a/b"\r\n}\r\n',
  '.cursor/mcp.json': '{"mcpServers": {}}',
  '.cursor/hooks.json': '{\n  "version": 1,\n  "hooks": {}\n}\n',
};

const put = (): void => Object.entries(BEFORE).forEach(([name, text]) => home.write(name, text));

test.each(HOSTS)(
  '%s: files of a person are added to, and are as before when it is undone',
  async (host) => {
    put();
    const first = await home.integrate(host, '--yes', '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const plan = JSON.parse(first.stdout) as Planned;
    expect(plan).toMatchObject({ applied: true, scope: 'user' });
    expect(plan.files.every(({ action }) => action === 'create' || action === 'change')).toBe(true);
    for (const [name, text] of Object.entries(BEFORE)) {
      const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/,$/, ''));
      const now = home.read(name);
      if (lines.length < 3) continue;
      for (const line of lines.filter((one) => !one.includes('{}'))) expect(now).toContain(line);
    }
    const after = home.files();
    const again = await home.integrate(host, '--yes');
    expect(again.stdout).toMatch(/nothing to do/);
    expect(home.files()).toEqual(after);
    expect((await home.integrate(host, '--status')).stdout).toMatch(/integrated\n$/);
    expect(await home.integrate(host, '--undo', '--yes')).toMatchObject({ code: 0 });
    expect(home.files()).toEqual(BEFORE);
    expect((await home.integrate(host, '--status')).stdout).toMatch(/not integrated/);
  },
);

test.each(HOSTS)('%s: files that were not there are gone when it is undone', async (host) => {
  expect((await home.integrate(host, '--yes')).code).toBe(0);
  for (const name of Object.keys(home.files()))
    expect(fs.statSync(home.at(name)).mode & 0o777, name).toBe(0o600);
  expect((await home.integrate(host, '--undo', '--yes')).code).toBe(0);
  expect(home.files()).toEqual({});
  expect(fs.readdirSync(home.home.path).toSorted()).toEqual(['s', 'work']);
});

test('what the person put into files that we made stays when it is undone', async () => {
  await home.integrate('claude', '--yes');
  const text = home.read('.claude/settings.json');
  home.write('.claude/settings.json', text.replace('{\n', '{\n  // mine\n  "model": "opus",\n'));
  await home.integrate('claude', '--undo', '--yes');
  expect(home.read('.claude/settings.json')).toBe('{\n  // mine\n  "model": "opus"\n}\n');
});

test('a table that the person wrote below ours stays, also between the marks', async () => {
  await home.integrate('codex', '--yes');
  const text = home.read('.codex/config.toml');
  home.write(
    '.codex/config.toml',
    `model = "o3"\n${text.replace('# <<< tend\n', '[mine]\na = 1\n# <<< tend\n')}[last]\nb = 2\n`,
  );
  await home.integrate('codex', '--undo', '--yes');
  expect(home.read('.codex/config.toml')).toBe('model = "o3"\n[mine]\na = 1\n[last]\nb = 2\n');
});

test.each([
  ['claude', '.claude.json', '{ "a": '],
  ['claude', '.claude/settings.json', '{"hooks": []}'],
  ['claude', '.claude.json', '{"mcpServers": {"tend": {"command": "another"}}}'],
  ['codex', '.codex/config.toml', 'a = = 1\n'],
  ['codex', '.codex/config.toml', '[mcp_servers]\ntend = { command = "another" }\n'],
  ['codex', '.codex/hooks.json', '[]'],
  ['gemini', '.gemini/settings.json', 'not json'],
  ['opencode', '.config/opencode/plugins/tend.js', 'export default 1\n'],
  ['claude', '.claude/skills/tend/SKILL.md', 'my own skill\n'],
])('%s: with %s being %j nothing is written anywhere', async (host, name, text) => {
  home.write(name, text);
  const { code, stdout, stderr } = await home.integrate(host, '--yes');
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(home.at(name));
  expect(home.files()).toEqual({ [name]: text });
});

test('a file of ours that somebody changed is neither renewed nor taken away', async () => {
  await home.integrate('claude', '--yes');
  const name = '.claude/skills/tend/SKILL.md';
  home.write(name, `mine\n${home.read(name)}`);
  for (const more of [[], ['--undo']]) {
    const { code, stderr } = await home.integrate('claude', '--yes', ...more);
    expect(code).toBe(2);
    expect(stderr).toMatch(/somebody changed it/);
  }
});

test('links stay links, modes stay, and nothing is written through a link that leads nowhere', async () => {
  home.write('dotfiles/settings.json', '{}\n', 0o640);
  fs.mkdirSync(home.at('.claude'));
  fs.symlinkSync('../dotfiles/settings.json', home.at('.claude/settings.json'));
  expect((await home.integrate('claude', '--yes')).code).toBe(0);
  expect(fs.lstatSync(home.at('.claude/settings.json')).isSymbolicLink()).toBe(true);
  expect(fs.statSync(home.at('dotfiles/settings.json')).mode & 0o777).toBe(0o640);
  expect(home.read('dotfiles/settings.json')).toContain('hook claude start');
  await home.integrate('claude', '--undo', '--yes');
  expect(home.read('dotfiles/settings.json')).toBe('{}\n');
  fs.rmSync(home.at('dotfiles/settings.json'));
  const { code, stderr } = await home.integrate('claude', '--yes');
  expect(code).toBe(2);
  expect(stderr).toMatch(/leads nowhere/);
});

test('a folder that cannot be written to is told, and no half file is left', async () => {
  fs.mkdirSync(home.at('.cursor'));
  fs.mkdirSync(home.at('.cursor/hooks.json'));
  const { code, stderr } = await home.integrate('cursor', '--yes');
  expect(code).toBe(2);
  expect(stderr).toMatch(/no regular file/);
  expect(fs.readdirSync(home.at('.cursor'))).toEqual(['hooks.json']);
});
