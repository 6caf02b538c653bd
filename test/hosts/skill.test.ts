import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { HOSTS } from '../../src/domain/host.ts';
import type { Context } from '../../src/interfaces/cli/context.ts';
import { skillText } from '../../src/interfaces/cli/hosts/skill-text.ts';
import { openPrinter } from '../../src/interfaces/cli/print.ts';
import { program } from '../../src/interfaces/cli/program.ts';
import { VERB_NAMES } from '../../src/interfaces/cli/verbs.ts';
import { DELEGATING } from '../../src/interfaces/mcp/table.ts';

const printer = openPrinter(new PassThrough(), {}, () => undefined);
const context = {
  env: {},
  argv: [],
  version: '0',
  out: printer,
  err: printer,
} as unknown as Context;

/** Every call of tend in the text: its verb and its options. */
const calls = (text: string): { verb: string; options: string[] }[] =>
  [...text.matchAll(/\btend ((?:[a-z]+)\b[^,.;:\n`)]*)/g)].map(([, words = '']) => {
    const own = words.split(' -- ')[0] ?? '';
    const [verb = '', ...rest] = own.split(' ');
    return { verb, options: rest.filter((word) => /^--?[a-z]/.test(word)) };
  });

test.each([null, ...HOSTS])(
  'for %s every verb, option and tool in it is one that there is',
  async (host) => {
    const text = skillText(host);
    const tree = await program(VERB_NAMES, context, () => undefined);
    const found = calls(text);
    expect(found.length).toBeGreaterThan(12);
    for (const { verb, options } of found) {
      const command = tree.commands.find((one) => one.name() === verb);
      expect(command, `tend ${verb}`).toBeDefined();
      const known = command?.options.flatMap(({ short, long }) => [short, long]);
      for (const option of options) expect(known, `tend ${verb}`).toContain(option);
    }
    const tools = new Set(DELEGATING.map(({ name }) => name));
    const named = [...text.matchAll(/\b(?:task|question)_[a-z]+\b/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(6);
    for (const name of named) expect(tools, name).toContain(name);
  },
);

test('each host is told how its session hears of an end, in few words', () => {
  const texts = HOSTS.map((host) => skillText(host));
  for (const text of texts) expect(text.length).toBeLessThan(5_000);
  expect(skillText('claude')).toContain('woken');
  expect(skillText('codex')).not.toContain('woken');
});
