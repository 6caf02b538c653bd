import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flatten, readConfig } from '../../src/daemon/config.ts';
import { setValue } from '../../src/daemon/config-edit.ts';
import { keyPath } from '../../src/daemon/toml-places.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-edit-'));
  path = join(folder, 'config.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The file after one change. */
function changed(before: string, name: string, value: string): string {
  writeFileSync(path, before);
  setValue(path, name, value);
  return readFileSync(path, 'utf8');
}

describe('a change touches nothing but its value', () => {
  test.each([
    ['a value', '[limits]\nslots = 3 # few\n', 'limits.slots', '8', '[limits]\nslots = 8 # few\n'],
    ['a dotted key', 'limits . slots=3', 'limits.slots', '8', 'limits . slots=8'],
    ['a quoted key', '["limits"]\n"slots" = 3', 'limits.slots', '8', '["limits"]\n"slots" = 8'],
    [
      'text after text',
      "[on_done]\ncommand = '''\na = 1 # ]\n[x]'''\n[gc]\nafter = 9\n",
      'gc.after',
      '2d',
      "[on_done]\ncommand = '''\na = 1 # ]\n[x]'''\n[gc]\nafter = \"2d\"\n",
    ],
    [
      'long text',
      '[on_done]\ncommand = """a\\"" b""""" # c\n',
      'on_done.command',
      'beep "x"',
      '[on_done]\ncommand = "beep \\"x\\"" # c\n',
    ],
    [
      'a new key beside its kin',
      '# mine\n[limits]\n  slots = 3 # few\n\n# more\n[gc]\nafter = "1d"\n',
      'limits.output_keep',
      '1MB',
      '# mine\n[limits]\n  slots = 3 # few\n  output_keep = "1MB"\n\n# more\n[gc]\nafter = "1d"\n',
    ],
    [
      'a new key beside dotted kin',
      'limits.slots = 3\n[gc]',
      'limits.output_keep',
      '1MB',
      'limits.slots = 3\nlimits.output_keep = "1MB"\n[gc]',
    ],
    ['an empty section', '[limits]\n[gc]\n', 'limits.slots', '8', '[limits]\nslots = 8\n[gc]\n'],
    ['an empty section at the end', '[limits]', 'limits.slots', '8', '[limits]\nslots = 8\n'],
    [
      'a new section',
      '[limits]\nslots = 3',
      'webhooks.ci.url',
      'http://x/?a=b#c',
      '[limits]\nslots = 3\n\n[webhooks.ci]\nurl = "http://x/?a=b#c"\n',
    ],
    ['an empty file', '', 'gc.automatic', 'false', '[gc]\nautomatic = false\n'],
    [
      'Windows line ends',
      '[limits]\r\nslots = 3\r\n',
      'limits.output_keep',
      '5000',
      '[limits]\r\nslots = 3\r\noutput_keep = 5000\r\n',
    ],
    ['words that look like TOML', '', 'on_done.command', 'true', '[on_done]\ncommand = "true"\n'],
    [
      'a value that was wrong',
      '[limits]\nslots = 999\n',
      'limits.slots',
      '9',
      '[limits]\nslots = 9\n',
    ],
  ])('%s', (_, before, name, value, after) => {
    expect(changed(before, name, value)).toBe(after);
    readConfig(path);
  });

  test('whatever the settings and their order', () => {
    const settings = fc.constantFrom(
      ...([
        ['limits.slots', '7'],
        ['limits.output_keep', '3MB'],
        ['defaults.timeout', '2h'],
        ['defaults.notify', 'never'],
        ['gc.automatic', 'false'],
        ['on_done.command', 'say "done" # now'],
        ['webhooks.ci.url', 'https://ci.example'],
        ['webhooks.ci.events', 'failures'],
        ['daemon.idle_exit', '2h'],
      ] as const),
    );
    const layouts = fc.constantFrom(
      '',
      '# top\n\n[webhooks.ci] # here\nurl = "http://a" # b\n\n[limits]\n\n[defaults]\nretry = 1',
      'gc.after = "1d"\r\nwebhooks.ci.url = "http://a"\r\n\r\n[daemon]\r\nlog_level = \'warn\'\r\n',
      '[ webhooks . "ci" ]\n"url" = """\\\n http://a"""\n[limits]\nslots = 0x2 # = two\n',
    );
    fc.assert(
      fc.property(layouts, fc.array(settings, { maxLength: 6 }), (layout, changes) => {
        const first = '[webhooks.ci]\nurl = "http://a"\n';
        const start = layout === '' ? first : layout;
        writeFileSync(path, start);
        for (const [name, value] of changes) {
          const before = flatten(readConfig(path));
          setValue(path, name, value);
          expect(flatten(readConfig(path))).toEqual({
            ...before,
            [name]: /^\d+$/.test(value) ? 7 : value === 'false' ? false : value,
          });
        }
        const after = readFileSync(path, 'utf8');
        for (const [comment] of start.matchAll(/#.*/g)) expect(after).toContain(comment);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a change is refused, and the file left alone', () => {
  test.each([
    ['a wrong value', '[limits]\nslots = 3\n', 'limits.slots', '0', /must be a whole number/],
    ['an unknown name', '', 'limits.slot', '4', /limits.slot is no setting/],
    ['no name', '', 'limits..slots', '4', /limits..slots is no setting/],
    ['a name with more in it', '', 'a = 1\nb', '4', /is no setting/],
    ['a section', '[limits]\nslots = 3\n', 'limits', '4', /limits is no setting/],
    ['more than a value', '', 'limits.slots', '4\n[on_done]\ncommand = "x"', /limits.slots must/],
    ['a NUL', '', 'on_done.command', 'a\0b', /must not contain a NUL byte/],
    ['half a character', '', 'on_done.command', '\ud800', /is no text/],
    [
      'an inline table',
      'limits = { slots = 3 }',
      'limits.slots',
      '4',
      /limits.slots is written in .* in a way that cannot be changed from here/,
    ],
    ['a broken file', '[limits\n', 'limits.slots', '4', /line 1/],
    ['half a webhook', '', 'webhooks.ci.events', 'all', /webhooks.ci.url must be/],
  ])('%s', (_, before, name, value, message) => {
    writeFileSync(path, before);
    const { ino } = statSync(path);
    expect(() => setValue(path, name, value)).toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(statSync(path).ino).toBe(ino);
    expect(readdirSync(folder)).toEqual(['config.toml']);
  });

  test('a folder that cannot be written', () => {
    const inFile = join(path, 'config.toml');
    writeFileSync(path, '');
    expect(() => setValue(inFile, 'limits.slots', '4')).toThrow(/cannot be written \(E/);
  });
});

describe('the file', () => {
  test('is made with its folder, for the person alone', () => {
    const deep = join(folder, 'a', 'b', 'config.toml');
    setValue(deep, 'limits.slots', '4');
    expect(statSync(deep).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
    expect(readConfig(deep).limits.slots).toBe(4);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['config.toml']);
  });

  test('keeps its mode, and stays a link', () => {
    const real = join(folder, 'dotfile');
    writeFileSync(real, '', { mode: 0o640 });
    symlinkSync(real, path);
    setValue(path, 'limits.slots', '4');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readFileSync(real, 'utf8')).toBe('[limits]\nslots = 4\n');
  });
});

test('the words of a key', () => {
  expect(keyPath('a.b-c."d.e".\'f\'')).toEqual(['a', 'b-c', 'd.e', 'f']);
  expect(['', 'a.', 'a b', 'a=1', 'a#', '"a', 'a\nb'].map(keyPath)).toEqual(
    Array.from({ length: 7 }, () => null),
  );
});

test('the published schemas are up to date', () => {
  const script = join(import.meta.dirname, '../../scripts/config-schema.ts');
  expect(existsSync(script)).toBe(true);
  execFileSync(process.execPath, [script, '--check']);
});
