import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { type Block, withBlock, withoutBlock } from '../../src/interfaces/cli/hosts/toml-block.ts';

const BLOCK: Block = {
  table: ['mcp_servers', 'tend'],
  lines: ['command = "tend"', 'args = ["mcp"]'],
};

/** Parts of a configuration, each at most once. */
const parts = fc.uniqueArray(
  fc.constantFrom(
    '# a comment\n',
    '\n',
    '[mcp_servers.other] # theirs\ncommand = "x"\n',
    '[[list]]\na = 1\n',
    '[hooks.state."a:b"]\ntrusted_hash = "1"\n',
    '[text]\nlong = """\n[no.table]\n"""\n',
  ),
);
const documents = fc
  .tuple(fc.constantFrom('', 'model = "o3" # mine\n', 'a.b = 1\n\n'), parts, fc.boolean())
  .map(([top, tables, ends]) => {
    const text = top + tables.join('');
    return ends ? text : text.replace(/\n$/, '');
  });

test('a block is added once, changes nothing else, and leaves nothing when it is taken away', () => {
  fc.assert(
    fc.property(documents, (before) => {
      const after = withBlock(before, BLOCK);
      expect(withBlock(after, BLOCK)).toBe(after);
      const { mcp_servers: servers } = parse(after) as { mcp_servers: Record<string, unknown> };
      expect(servers['tend']).toEqual({ command: 'tend', args: ['mcp'] });
      expect(after.startsWith(before)).toBe(true);
      const whole = before === '' || before.endsWith('\n') ? before : `${before}\n`;
      expect(withoutBlock(after, BLOCK)).toBe(whole);
    }),
    { numRuns: 300 },
  );
});

test('what is written behind and before it afterwards stays', () => {
  fc.assert(
    fc.property(documents, documents, (before, later) => {
      fc.pre(!before.includes('[') || !later.includes('['));
      const after = withBlock(before, BLOCK);
      const tail = later.includes('[') ? later.slice(later.indexOf('[')) : '# theirs\n';
      const back = withoutBlock(`# first\n${after}${tail}`, BLOCK);
      const whole = before === '' || before.endsWith('\n') ? before : `${before}\n`;
      expect(back).toBe(`# first\n${whole}${tail}`);
    }),
    { numRuns: 300 },
  );
});

test('another form of it is replaced, and a table of somebody else is refused', () => {
  const old = withBlock('a = 1\n', { ...BLOCK, lines: ['command = "/old/tend"'] });
  expect(withBlock(old, BLOCK)).toBe(withBlock('a = 1\n', BLOCK));
  for (const text of [
    '[mcp_servers.tend]\ncommand = "x"\n',
    'mcp_servers.tend.command = "x"\n',
    'a = = 1',
  ])
    expect(() => withBlock(text, BLOCK)).toThrow();
});

test('without its end mark the table ends at the next one', () => {
  const text = withBlock('a = 1\n', BLOCK).replace('# <<< tend\n', '[theirs]\nb = 2\n');
  expect(withoutBlock(text, BLOCK)).toBe('a = 1\n[theirs]\nb = 2\n');
});
