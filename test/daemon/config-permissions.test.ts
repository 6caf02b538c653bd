import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/daemon/config.ts';
import { LiveSettings } from '../../src/daemon/settings.ts';

let root: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-config-'));
  path = join(root, 'config.toml');
  mkdirSync(join(root, '.git'));
});
afterEach(() => rmSync(root, { recursive: true }));

const person = (text: string): void => writeFileSync(path, text);
const project = (text: string): void => writeFileSync(join(root, '.tend.toml'), text);
const RULES = `[permissions]
default = "ask"
[[permissions.rule]]
tool = "Bash"
match = "git push*"
do = "deny"
[[permissions.rule]]
do = "allow"`;

test('nothing said: what is not granted is refused', () => {
  person('');
  expect(readConfig(path).permissions).toEqual([{ from: 'config', otherwise: 'deny', rules: [] }]);
  expect(new LiveSettings(path).permissions(root)).toEqual(readConfig(path).permissions);
});

test('everything said, and shown again', () => {
  person(RULES);
  expect(readConfig(path).permissions).toEqual([
    {
      from: 'config',
      otherwise: 'ask',
      rules: [
        { tool: 'Bash', match: 'git push*', decision: 'deny' },
        { tool: '*', match: null, decision: 'allow' },
      ],
    },
  ]);
  expect(new LiveSettings(path).configuration().values).toMatchObject({
    'permissions.default': 'ask',
    'permissions.rule':
      '[{ tool = "Bash", match = "git push*", do = "deny" }, { tool = "*", do = "allow" }]',
  });
});

test.each([
  ['[permissions]\ndefault = "maybe"', 'permissions.default'],
  ['[[permissions.rule]]\ntool = "Bash"', 'do'],
  ['[[permissions.rule]]\ndo = "allow"\nthen = "allow"', 'then'],
  ['[[permissions.rule]]\ndo = "allow"\nmatch = 3', 'match'],
  [`[permissions]\nrule = [${'{ do = "ask" },'.repeat(201)}]`, 'rule'],
])('%s is refused', (text, named) => {
  person(text);
  expect(() => readConfig(path)).toThrow(named);
});

test('a project has a word of its own, which takes nothing from the one of the person', () => {
  person(RULES);
  const [mine] = readConfig(path).permissions;
  project('[permissions]\ndefault = "allow"\n[[permissions.rule]]\ntool = "Write"\ndo = "deny"');
  expect(new LiveSettings(path).permissions(root)).toEqual([
    mine,
    {
      from: '.tend.toml',
      otherwise: 'allow',
      rules: [{ tool: 'Write', match: null, decision: 'deny' }],
    },
  ]);
  project('[[permissions.rule]]\ntool = "Write"\ndo = "deny"');
  expect(new LiveSettings(path).permissions(root)[1]?.otherwise).toBeNull();
  project('');
  expect(new LiveSettings(path).permissions(root)).toEqual([mine]);
});

test('what a broken project said may have been strict: a person is asked', () => {
  person('[permissions]\ndefault = "allow"');
  project('[permissions');
  const [, own] = new LiveSettings(path).permissions(root);
  expect(own).toEqual({ from: 'unreadable .tend.toml', otherwise: 'ask', rules: [] });
});
