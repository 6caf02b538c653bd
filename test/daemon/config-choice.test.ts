import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Config, flatten, readConfig } from '../../src/daemon/config.ts';
import { TendError } from '../../src/domain/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tend-choice-config-'));
const path = join(folder, 'config.toml');
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string): Config {
  writeFileSync(path, text, { mode: 0o600 });
  return readConfig(path);
}
function problem(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof TendError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const WHOLE = `
[auto]
agents = ["claude", "codex"]

[[auto.rules]]
labels = { kind = "docs" }
paths = ["docs/**", "~/web/**", "~", "a~b"]
prompt_longer_than = 10
prompt_shorter_than = 2000
agents = ["claude"]
model = "haiku"
tier = "lite"

[[auto.rules]]
tier = "high"

[auto.classifier]
agent = "claude"
model = "haiku"

[agents.claude]
fallback = ["codex", "gemini"]

[agents.mine]
command = ["mine"]
permissions.full = []
`;

describe('[auto]', () => {
  test('says who is chosen', () => {
    const { choice, agents, warnings } = read(WHOLE);
    expect(choice).toEqual({
      agents: ['claude', 'codex'],
      configured: ['claude', 'mine'],
      rules: [
        {
          labels: { kind: 'docs' },
          paths: ['docs/**', `${homedir()}/web/**`, homedir(), 'a~b'],
          longerThan: 10,
          shorterThan: 2_000,
          agents: ['claude'],
          model: 'haiku',
          tier: 'lite',
        },
        {
          labels: {},
          paths: [],
          longerThan: null,
          shorterThan: null,
          agents: null,
          model: null,
          tier: 'high',
        },
      ],
      classifier: { agent: 'claude', model: 'haiku' },
    });
    expect(agents.overrides['claude']).toEqual({ fallback: ['codex', 'gemini'] });
    expect(warnings).toEqual([]);
  });

  test('means everybody when nothing is said', () => {
    expect(read('').choice).toEqual({ agents: null, configured: [], rules: [], classifier: null });
    const { classifier } = read('[auto.classifier]\ncommand = ["classify", ""]').choice;
    expect(classifier).toEqual({ command: ['classify', ''] });
    expect(read('[auto.classifier]\nagent = "claude"').choice.classifier).toEqual({
      agent: 'claude',
      model: null,
    });
  });

  test('is shown as far as it is set', () => {
    const shown = (text: string) =>
      Object.fromEntries(
        Object.entries(flatten(read(text))).filter(([name]) => /^auto|fallback/.test(name)),
      );
    expect(shown('')).toEqual({});
    expect(shown(WHOLE)).toEqual({
      'auto.agents': 'claude, codex',
      'auto.rules': 2,
      'auto.classifier.agent': 'claude',
      'auto.classifier.model': 'haiku',
      'agents.claude.fallback': 'codex, gemini',
    });
    expect(shown('[auto.classifier]\ncommand = ["classify", "--key=x"]')).toEqual({
      'auto.classifier.command': 'classify',
    });
  });

  test('names agents; one that there is not is warned of', () => {
    const { warnings } = read(`
      [auto]
      agents = ["claud"]
      [[auto.rules]]
      agents = ["claude", "codx", "mine"]
      [auto.classifier]
      agent = "nobody"
      [agents.claude]
      fallback = ["gemni"]
      [agents.mine]
      command = ["mine"]
      permissions.full = []
    `);
    expect(warnings).toEqual([
      'auto.agents: there is no agent "claud"',
      'auto.rules, the 1.: there is no agent "codx"',
      'auto.classifier: there is no agent "nobody"',
      'agents.claude.fallback: there is no agent "gemni"',
    ]);
  });

  test.each([
    ['[auto]\nagents = []', 'must name an agent'],
    ['[auto]\nagents = "claude"', 'must be a list of names of agents'],
    ['[auto]\nrules = "x"', 'must be a list of rules'],
    ['[[auto.rules]]\ntier = "huge"', 'must be one of "lite"'],
    ['[[auto.rules]]\nprompt_longer_than = "x"', 'must be a number of characters'],
    ['[[auto.rules]]\nlabels = { kind = 1 }', 'must be a text in quotes'],
    ['[[auto.rules]]\nwhat = 1', 'what'],
    ['[auto.classifier]', 'takes one of command and agent'],
    ['[auto.classifier]\ncommand = ["x"]\nagent = "claude"', 'takes one of command and agent'],
    ['[auto.classifier]\ncommand = []', 'must name a program'],
    ['[auto.classifier]\ncommand = ["x"]\nmodel = "y"', 'a command has none'],
  ])('%j is refused', (text, message) => {
    expect(problem(text)).toContain(message);
  });
});
