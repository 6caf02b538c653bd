import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObject } from '../../src/interfaces/cli/hosts/host.ts';
import { fulfilled, undone } from '../../src/interfaces/cli/hosts/json-wish.ts';
import { Malformed, parseJsonc, valueOf } from '../../src/interfaces/cli/hosts/jsonc.ts';
import { appended, changed, without } from '../../src/interfaces/cli/hosts/jsonc-edit.ts';
import type { Entry } from '../../src/interfaces/cli/hosts/wish.ts';

const read = (text: string): unknown => valueOf(parseJsonc(text));

test('comments, trailing commas and a mark at the beginning are understood', () => {
  const text =
    '\ufeff// a\n{ /* b */ "x": [1, 2.5e3, true, null, "\\u00e4//\\""], "y": {}, // c\n}\n';
  expect(read(text)).toEqual({ x: [1, 2500, true, null, 'ä//"'], y: {} });
});

test.each([
  ['', 'a value is missing'],
  ['{"a":}', 'a value is missing'],
  ['{"a" 1}', 'a colon is missing'],
  ['{"a":1 "b":2}', 'a comma'],
  ['[1 2]', 'a comma'],
  ['{"a":1}x', 'something follows'],
  ['{"a":1,"a":2}', 'twice'],
  ['{1:2}', 'a name is missing'],
  ['{"a":"\n"}', 'a value is missing'],
  ['{"a":1', 'a comma or } is missing'],
  ['['.repeat(300), 'too deeply'],
])('%j is refused', (text, why) => {
  expect(() => parseJsonc(text)).toThrow(Malformed);
  expect(() => parseJsonc(text)).toThrow(why);
});

test('the line of a fault is told', () => {
  try {
    parseJsonc('{\n "a": 1,\n "b" 2\n}');
    expect.unreachable();
  } catch (error) {
    expect((error as Malformed).line).toBe(3);
  }
});

test('what is new takes the indentation and line ends of its surroundings', () => {
  expect(appended('{\n\t"a": 1\n}\n', [], { b: [1] }, 'x')).toBe(
    '{\n\t"a": 1,\n\t"x": {\n\t\t"b": [\n\t\t\t1\n\t\t]\n\t}\n}\n',
  );
  expect(appended('{\r\n    "a": 1 // one\r\n}\r\n', [], true, 'x')).toBe(
    '{\r\n    "a": 1,\r\n    "x": true // one\r\n}\r\n',
  );
  expect(appended('{"a": [1]}', ['a'], 2)).toBe('{"a": [1, 2]}');
  expect(appended('{"a": [\n  1,\n]}', ['a'], 2)).toBe('{"a": [\n  1,\n  2,\n]}');
  expect(appended('{\n  // mine\n}\n', [], 1, 'x')).toBe('{\n  // mine\n  "x": 1\n}\n');
});

test('what is taken away leaves comments and commas in order', () => {
  expect(without('{\n  "a": 1, // one\n  "b": 2\n}\n', [], 1)).toBe('{\n  "a": 1 // one\n}\n');
  expect(without('{\n  "a": 1, // one\n  "b": 2 }\n', [], 1)).toBe('{\n  "a": 1 // one\n }\n');
  expect(without('{\n  "a": 1,\n  "b": 2,\n}', [], 0)).toBe('{\n  "b": 2,\n}');
  expect(without('[1, 2, 3]', [], 1)).toBe('[1, 3]');
  expect(without('{"a": [\n  1\n]}', ['a'], 0)).toBe('{"a": []}');
  expect(changed('{"a": {"b": 1}, "c": 2}', ['a', 'b'], 3)).toBe('{"a": {"b": 3}, "c": 2}');
});

const ENTRIES: readonly Entry[] = [
  {
    kind: 'property',
    at: ['mcpServers', 'tend'],
    value: { command: 'tend', args: ['mcp'] },
    isOurs: (value) => isObject(value) && value['command'] === 'tend',
  },
  {
    kind: 'element',
    at: ['hooks', 'Stop'],
    value: { hooks: [{ type: 'command', command: 'tend hook x stop' }] },
    isOurs: (handler) => isObject(handler) && handler['command'] === 'tend hook x stop',
  },
];

/** Names that may, or may not, be those that we write to. */
const names = fc.constantFrom('a', 'b', 'hooks', 'mcpServers', 'Stop', 'other');
const values = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
  any: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc.array(tie('any'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc.dictionary(names, tie('any'), { maxKeys: 4 }),
}));

/** A configuration with the places that we write to, if at all, as what they have to be. */
const configs = fc
  .record(
    {
      rest: fc.dictionary(fc.constantFrom('a', 'b', 'other'), values.any, { maxKeys: 3 }),
      mcpServers: fc.dictionary(fc.constantFrom('one', 'two'), values.any, { maxKeys: 2 }),
      hooks: fc.dictionary(
        fc.constantFrom('Stop', 'Other'),
        fc.array(values.any, { maxLength: 2 }),
        {
          maxKeys: 2,
        },
      ),
    },
    { requiredKeys: ['rest'] },
  )
  .map(({ rest, ...places }) => ({ ...rest, ...places }));

const layouts = fc.constantFrom(
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => `${JSON.stringify(value, null, 2)}\n`,
  (value: unknown) => JSON.stringify(value, null, '\t'),
  (value: unknown) => `// mine\n${JSON.stringify(value, null, 2).replaceAll('\n', '\r\n')}\r\n`,
);

const none = <T>(given: readonly T[]): boolean => given.length === 0;

test('doing is repeatable, adds nothing but what is wanted, and undoing gives the same text back', () => {
  fc.assert(
    fc.property(configs, layouts, (config, layout) => {
      const before = layout(config);
      const { text, created } = fulfilled(before, ENTRIES);
      const again = fulfilled(text, ENTRIES);
      expect(again).toEqual({ text, created: [] });
      const after = read(text) as {
        mcpServers: Record<string, unknown>;
        hooks: { Stop: unknown[] };
      };
      expect(after.mcpServers['tend']).toEqual({ command: 'tend', args: ['mcp'] });
      expect(after.hooks.Stop.at(-1)).toEqual(ENTRIES[1]?.value);
      const back = undone(text, ENTRIES, created);
      expect(back === null ? {} : read(back)).toEqual(read(before));
      // Byte for byte, but for brackets that were empty in several lines.
      if (back !== null && !/[[{]\s+[\]}]/.test(before)) expect(back).toBe(before);
    }),
    { numRuns: 500 },
  );
});

test('what the person wrote around it afterwards stays when it is undone', () => {
  fc.assert(
    fc.property(
      configs,
      layouts,
      fc.array(fc.integer({ min: 0, max: 5 })),
      (config, layout, edits) => {
        const { text, created } = fulfilled(layout(config), ENTRIES);
        const next = edits.reduce(edited, text);
        const back = undone(next, ENTRIES, created);
        const wanted = ours(read(next), created);
        expect(back === null ? {} : read(back)).toEqual(wanted);
      },
    ),
    { numRuns: 500 },
  );
});

/** Something that a person does to the file. */
function edited(text: string, what: number, nth: number): string {
  const { Stop } = (read(text) as { hooks: { Stop: unknown[] } }).hooks;
  switch (what) {
    case 0:
      return appended(text, [], { nth }, `theirs${nth}`);
    case 1:
      return appended(text, ['mcpServers'], { command: `theirs${nth}` }, `theirs${nth}`);
    case 2:
      return appended(text, ['hooks', 'Stop'], { hooks: [{ command: `theirs ${nth}` }] });
    case 3:
      return `// theirs\n${text}`;
    case 4: {
      // A handler of theirs beside ours.
      const own = Stop.findIndex((one) => JSON.stringify(one).includes('tend hook x stop'));
      const group = Stop[own] as { hooks: unknown[] };
      const hooks = [...group.hooks, { command: `beside ${nth}` }];
      const rest = without(text, ['hooks', 'Stop'], own);
      return appended(rest, ['hooks', 'Stop'], { hooks });
    }
    default:
      return appended(text, ['mcpServers', 'tend'], { A: 'b' }, `env${nth}`);
  }
}

/** The same without us, computed from the values. */
function ours(value: unknown, created: readonly (readonly string[])[]): unknown {
  const root = structuredClone(value) as {
    mcpServers?: Record<string, unknown>;
    hooks?: Record<string, { hooks?: { command?: string }[] }[]>;
  };
  delete root.mcpServers?.['tend'];
  const stop = (root.hooks?.['Stop'] ?? []).flatMap((group) => {
    if (!JSON.stringify(group).includes('tend hook x stop')) return [group];
    const rest = (group.hooks ?? []).filter(({ command }) => command !== 'tend hook x stop');
    return none(rest) ? [] : [{ ...group, hooks: rest }];
  });
  if (root.hooks !== undefined) root.hooks['Stop'] = stop;
  const isNew = (path: string): boolean => created.some((one) => one.join('.') === path);
  if (none(stop) && isNew('hooks.Stop')) delete root.hooks?.['Stop'];
  if (none(Object.keys(root.hooks ?? {})) && isNew('hooks')) delete root.hooks;
  if (none(Object.keys(root.mcpServers ?? {})) && isNew('mcpServers')) delete root.mcpServers;
  return root;
}
