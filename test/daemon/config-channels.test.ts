import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flatten, readConfig } from '../../src/daemon/config.ts';
import { noticeSettings } from '../../src/daemon/config-notices.ts';
import { readProjectConfig } from '../../src/daemon/config-project.ts';
import type { TendError } from '../../src/domain/errors.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-channels-'));
  path = join(folder, 'config.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (text: string, mode = 0o600) => {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return readConfig(path);
};
const problem = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    const { message, hint } = error as TendError;
    return `${message.replace(path, 'FILE')} | ${hint}`;
  }
  throw new Error('the configuration was accepted');
};

const SECRET = 'T000/B000/never-shown';
const FILE = `
[channels.desk]
kind = "desktop"
[channels.team]
kind = "slack"
url = "https://hooks.slack.example/services/${SECRET}"
rate = "5/30s"
[channels.phone]
kind = "ntfy"
url = "https://ntfy.example/my-topic"
token_env = "TEND_TEST_NTFY"
events = "failures"
quiet = false
[channels.bot]
kind = "telegram"
token_file = "/nowhere/token"
chat = "-100"
gather = 0
coalesce = 0
[channels.mail]
kind = "email"
to = ["me@example.org"]
[channels.own]
kind = "command"
command = "my-bell"
[notify]
criteria = ["an interface changed", "data was lost"]
[quiet]
from = "22:00"
until = "07:00"
zone = "Europe/Berlin"
let_through = ["question", "failure"]
[digest]
at = "09:00"
channels = ["mail"]
`;

describe('channels', () => {
  test('are read, each with what its kind needs, and how it wants to be told', () => {
    const config = read(FILE);
    expect(config.channels).toEqual({
      desk: { kind: 'desktop', events: 'all' },
      team: {
        kind: 'slack',
        events: 'all',
        url: { kind: 'value', value: `https://hooks.slack.example/services/${SECRET}` },
      },
      phone: {
        kind: 'ntfy',
        events: 'failures',
        url: 'https://ntfy.example/my-topic',
        token: { kind: 'env', name: 'TEND_TEST_NTFY' },
      },
      bot: {
        kind: 'telegram',
        events: 'all',
        url: 'https://api.telegram.org',
        token: { kind: 'file', path: '/nowhere/token' },
        chat: '-100',
      },
      mail: {
        kind: 'email',
        events: 'all',
        to: ['me@example.org'],
        from: null,
        program: 'sendmail',
        arguments: ['-i'],
      },
      own: { kind: 'command', events: 'all', command: 'my-bell' },
    });
    const usual = { quiet: true, rate: { most: 20, within: 60_000 }, gather: 1_000, coalesce: 3 };
    expect(config.notices.paces).toEqual({
      desk: usual,
      team: { ...usual, rate: { most: 5, within: 30_000 } },
      phone: { ...usual, quiet: false },
      bot: { ...usual, gather: 0, coalesce: 0 },
      mail: { ...usual, rate: { most: 20, within: 3_600_000 } },
      own: { quiet: true, rate: null, gather: 0, coalesce: 0 },
    });
    expect(config.notices.criteria).toEqual(['an interface changed', 'data was lost']);
    expect(config.warnings).toEqual([
      'channels.phone: the variable TEND_TEST_NTFY with its secret is not set',
      'channels.bot: there is no secret file /nowhere/token',
    ]);
  });

  test('are known to the engine without their secrets', () => {
    const config = read(FILE);
    const { receivers, quiet, digest } = noticeSettings(config.notices, config);
    expect(receivers.map(({ subscriber, kind, where }) => [subscriber, kind, where])).toEqual([
      ['channel:desk', 'desktop', ''],
      ['channel:team', 'slack', 'hooks.slack.example'],
      ['channel:phone', 'ntfy', 'ntfy.example'],
      ['channel:bot', 'telegram', '-100'],
      ['channel:mail', 'email', 'me@example.org'],
      ['channel:own', 'command', ''],
    ]);
    expect(quiet).toMatchObject({
      hours: { from: 1_320, to: 420 },
      letThrough: ['question', 'failure'],
    });
    expect(quiet?.zone(Date.UTC(2026, 6, 1, 12)).hour).toBe(14);
    expect(digest).toMatchObject({ at: 540, channels: ['mail'] });
  });

  test('are shown without their secrets', () => {
    const shown = flatten(read(FILE));
    expect(JSON.stringify(shown)).not.toContain('never-shown');
    expect(JSON.stringify(shown)).not.toContain('my-topic');
    expect(shown).toMatchObject({
      'channels.team.kind': 'slack',
      'channels.team.url': '(hidden)',
      'channels.team.rate': '5/30s',
      'channels.phone.url': 'https://ntfy.example/…',
      'channels.phone.token_env': 'TEND_TEST_NTFY',
      'channels.bot.token_file': '/nowhere/token',
      'channels.own.rate': 'off',
      'quiet.from': '22:00',
      'digest.at': '09:00',
      'notify.criteria': '["an interface changed", "data was lost"]',
      'channels.mail.to': '["me@example.org"]',
      'quiet.let_through': '["question", "failure"]',
    });
  });

  test('with an address in a file that others may read are warned of', () => {
    expect(
      read('[channels.a]\nkind = "slack"\nurl = "https://x.example/y"', 0o644).warnings,
    ).toEqual([`${path} holds a secret and others may read it; make its mode 0600`]);
  });

  test('nothing configured is nothing', () => {
    const config = read('');
    expect(noticeSettings(config.notices, config)).toEqual({
      paces: {},
      quiet: null,
      digest: null,
      receivers: [],
    });
  });
});

test.each<[string, string | RegExp]>([
  [
    '[channels.a]\nkind = "pager"',
    /^FILE, line 2: channels\.a\.kind must be one of "desktop", "slack".*\| What kind of channel/,
  ],
  ['[channels.a]\nkind = "slack"', /channels\.a of kind "slack" needs url or url_file or url_env/],
  ['[channels.a]\nkind = "slack"\nurl = "ftp://x"', /channels\.a\.url is no http or https address/],
  [
    '[channels.a]\nkind = "slack"\nurl = "https://x"\nurl_env = "X"',
    /takes one of url, url_file, url_env, not several/,
  ],
  ['[channels.a]\nkind = "telegram"\ntoken = "1:a"', /needs chat/],
  [
    '[channels.a]\nkind = "desktop"\nto = ["a@b.c"]',
    /a\.to is not for a channel of kind "desktop"/,
  ],
  ['[channels.a]\nkind = "email"\nto = []', /channels\.a\.to names nobody/],
  ['[channels.a]\nkind = "email"\nto = ["-oQ/tmp@x"]', 'must be addresses'],
  ['[channels.a]\nkind = "email"\nto = ["a@b.c\\nBcc: d@e.f"]', 'must be addresses'],
  ['[channels.a]\nkind = "email"\nto = ["a@b.c"]\nprogram = "../x"', 'a name or an absolute path'],
  ['[channels.a]\nkind = "ntfy"\nurl = "https://ntfy.sh"', /must have the topic at its end/],
  [
    '[channels.a]\nkind = "desktop"\nrate = "many"',
    /a\.rate is no rate; write messages and a span/,
  ],
  ['[channels.a]\nkind = "desktop"\nrate = "500/1m"', /is no rate/],
  ['[channels.a]\nkind = "desktop"\ngather = "1h"', /is no span from 0 to 10m/],
  [
    '[channels.a]\nkind = "desktop"\nevent = "all"',
    /event is no setting \| Use channels\.a\.events/,
  ],
  ['[channels."a b"]\nkind = "desktop"', 'is no name for a channel'],
  ['[quiet]\nfrom = "22:00"', /quiet needs both from and until/],
  ['[quiet]\nfrom = "22:00"\nuntil = "22:00"', 'must not begin and end at the same time'],
  ['[quiet]\nfrom = "25:00"\nuntil = "07:00"', 'is no time of day'],
  ['[quiet]\nfrom = "22:00"\nuntil = "07:00"\nzone = "Berlin"', 'is no time zone'],
  ['[quiet]\nlet_through = ["all"]', 'must be one of "question", "failure"'],
  ['[digest]\nat = "9"', 'is no time of day'],
  ['[digest]\nat = "09:00"\nchannels = ["gone"]', 'names gone, which is no channel'],
  ['[notify]\ncriteria = "one"', 'must be a list of criteria'],
])('%j is refused, and says why', (text, why) => {
  if (typeof why === 'string') expect(problem(text)).toContain(why);
  else expect(problem(text)).toMatch(why);
});

test('a project names no channel, no hours and no criteria', () => {
  mkdirSync(join(folder, '.git'));
  for (const text of [
    '[channels.a]\nkind = "desktop"',
    '[quiet]\nfrom = "1:00"',
    '[digest]\nat = "9:00"',
  ]) {
    writeFileSync(join(folder, '.tend.toml'), text);
    expect(() => readProjectConfig(folder)).toThrow('cannot be set by a project');
  }
});

test('every example of the guide is a configuration', () => {
  const guide = join(import.meta.dirname, '../../docs/guides/notifications.md');
  const blocks = readFileSync(guide, 'utf8').match(/(?:^ {4}.*\n)+/gm) ?? [];
  const examples = blocks.filter((block) => block.startsWith('    ['));
  expect(examples.length).toBeGreaterThan(10);
  for (const example of examples) {
    const mail = example.includes('[digest]')
      ? '[channels.mail]\nkind="email"\nto=["a@b.c"]\n'
      : '';
    expect(() => read(mail + example)).not.toThrow();
  }
});
