import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANYBODY } from '../../src/domain/choice.ts';
import { duration } from '../../src/domain/duration.ts';
import type { TendError } from '../../src/domain/errors.ts';
import { diskFloor, readConfig } from '../../src/daemon/config.ts';
import { bytesOf, durationText, sizeText } from '../../src/daemon/size.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-config-'));
  path = join(folder, 'config.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (text: string, mode = 0o600) => {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return readConfig(path);
};

const problem = (text: string): Pick<TendError, 'code' | 'message' | 'hint'> => {
  try {
    read(text);
  } catch (error) {
    const { code, message, hint } = error as TendError;
    return { code, message: message.replace(path, 'FILE'), hint };
  }
  throw new Error('the configuration was accepted');
};

describe('a configuration', () => {
  test('that is not there means the defaults', () => {
    expect(readConfig(path)).toEqual({
      limits: {
        slots: availableParallelism(),
        groups: {},
        labels: {},
        checks: 2,
        memoryFloor: null,
        outputKeep: 100e6,
        outputLimit: 2e9,
      },
      disk: { floor: null },
      defaults: { timeout: 1_800_000, grace: 5_000, remind: 600_000, notify: 'always', retry: 0 },
      gc: { after: 7 * 86_400_000, automatic: true },
      resume: { automatic: true, quiet: '' },
      onDone: null,
      webhooks: {},
      channels: {},
      notices: { paces: {}, criteria: [], quiet: { let_through: ['question'] }, digest: {} },
      daemon: { idleExit: null, logLevel: 'info' },
      agents: { overrides: {}, custom: [] },
      choice: ANYBODY,
      budgets: [],
      skills: {},
      templates: {},
      worker: { questionDeadline: 604_800_000, tools: true },
      hooks: {},
      permissions: [{ from: 'config', otherwise: 'deny', rules: [] }],
      workspace: expect.objectContaining({ agents: 'none', verify: 'none', review: false }),
      warnings: [],
    });
    expect(read('# nothing\n')).toEqual(readConfig(join(folder, 'missing.toml')));
  });

  test('says everything', () => {
    const config = read(`
      [limits]
      slots = 3
      output_keep = "1MiB"
      output_limit = 5_000_000
      [disk]
      floor = "10GB"
      [defaults]
      timeout = "1h30m"
      grace = 2.5
      remind = 0
      notify = "on_failure"
      retry = 2
      [gc]
      after = "1d"
      automatic = false
      [on_done]
      command = "notify-send done"
      [webhooks.ci]
      url = "https://ci.example/hook"
      secret = "s3cret"
      events = "failures"
      [webhooks.chat]
      url = "http://127.0.0.1:8080/"
      [daemon]
      idle_exit = "30m"
      log_level = "debug"
    `);
    expect(config).toEqual({
      limits: {
        slots: 3,
        groups: {},
        labels: {},
        checks: 2,
        memoryFloor: null,
        outputKeep: 2 ** 20,
        outputLimit: 5e6,
      },
      disk: { floor: 10e9 },
      defaults: { timeout: 5_400_000, grace: 2_500, remind: 0, notify: 'on_failure', retry: 2 },
      gc: { after: 86_400_000, automatic: false },
      resume: { automatic: true, quiet: '' },
      onDone: 'notify-send done',
      webhooks: {
        ci: {
          url: 'https://ci.example/hook',
          secret: { kind: 'value', value: 's3cret' },
          events: 'failures',
          publicOnly: false,
        },
        chat: { url: 'http://127.0.0.1:8080/', secret: null, events: 'all', publicOnly: false },
      },
      channels: {},
      notices: { paces: {}, criteria: [], quiet: { let_through: ['question'] }, digest: {} },
      daemon: { idleExit: 1_800_000, logLevel: 'debug' },
      agents: { overrides: {}, custom: [] },
      choice: ANYBODY,
      budgets: [],
      skills: {},
      templates: {},
      worker: { questionDeadline: 604_800_000, tools: true },
      hooks: {},
      permissions: [{ from: 'config', otherwise: 'deny', rules: [] }],
      workspace: expect.objectContaining({ agents: 'none', verify: 'none', review: false }),
      warnings: [],
    });
  });

  test('keeps free what the disk can spare, unless told otherwise', () => {
    const config = readConfig(path);
    expect(diskFloor(config, 252e9)).toBe(1e9);
    expect(diskFloor(config, 8e9)).toBe(4e8);
    expect(diskFloor({ ...config, disk: { floor: 5e9 } }, 8e9)).toBe(5e9);
  });
});

describe('an error names the file, the line, the key, and what is expected', () => {
  test.each([
    [
      '[limits]\nslots = 0',
      'FILE, line 2: limits.slots must be a whole number from 1 to 256',
      'Tasks that run at the same time, 1 to 256. Default: the number of processors.',
    ],
    ['[limits]\nslot = 4', 'FILE, line 2: limits.slot is no setting', 'Use limits.slots.'],
    ['\nslots = 4', 'FILE, line 2: slots is no setting', 'Use limits.slots.'],
    ['[limit]\nslots = 4', 'FILE, line 1: limit is no setting', 'Use limits.'],
    [
      '[gc]\nfrequency = 4',
      'FILE, line 2: gc.frequency is no setting',
      'Known there: after, automatic.',
    ],
    [
      'limits = 3',
      'FILE, line 1: limits must be a section: [limits]',
      'See the documentation of the configuration.',
    ],
    [
      '# a\n[defaults]\n# b\n"timeout" = "soon"',
      'FILE, line 4: defaults.timeout is no duration; write "90s", "10m", "2h" or "1d"',
      'A task that runs longer is stopped (timed_out); at most 24h.',
    ],
    [
      'defaults = { grace = 1, timeout = "2d" }',
      'FILE, line 1: defaults.timeout must be more than 0 and at most 24h',
      'A task that runs longer is stopped (timed_out); at most 24h.',
    ],
    [
      'limits.output_keep = true\nlimits.slots = "x"',
      'FILE, line 2: limits.slots must be a whole number from 1 to 256 (and 1 more)',
      'Tasks that run at the same time, 1 to 256. Default: the number of processors.',
    ],
    [
      '[webhooks.ci]\nevents = "all"',
      'FILE, line 1: webhooks.ci.url must be an http or https address in quotes',
      'Gets a POST with JSON for each ended task; http or https.',
    ],
    [
      '[webhooks.ci]\nurl = "ftp://x"',
      'FILE, line 2: webhooks.ci.url is no http or https address',
      'Gets a POST with JSON for each ended task; http or https.',
    ],
    [
      '[webhooks."a b"]\nurl = "http://x"',
      'FILE, line 1: webhooks.a b is no name for a webhook (1-64 of A-Z a-z 0-9 _ -, beginning with a letter or digit)',
      'Choose another name.',
    ],
    [
      '[webhooks.ci]\nurl = "http://x"\nsecret = "hush"\nsecret_env = "HUSH"',
      'FILE, line 1: webhooks.ci takes one of secret, secret_file and secret_env, not several',
      'See the documentation of the configuration.',
    ],
    [
      '[daemon]\nidle_exit = 3',
      'FILE, line 2: daemon.idle_exit must be "off" or a duration of at least 1m, such as "30m"',
      'The daemon ends when nothing has run or asked for this long; or "off".',
    ],
    [
      '[defaults]\nnotify = "sometimes"',
      'FILE, line 2: defaults.notify must be one of "always", "on_failure", "if_significant", "never"',
      'Which ends are pushed to webhooks and the on_done command.',
    ],
  ])('%j', (text, message, hint) => {
    expect(problem(text)).toEqual({ code: 'config_invalid', message, hint });
  });

  test('of syntax, without quoting a line that may hold a secret', () => {
    const { message } = problem('[webhooks.ci]\nsecret = "hush\n');
    expect(message).toMatch(/^FILE, line \d, column \d+: /);
    expect(message).not.toContain('hush');
    expect(problem('[gc]\n[gc]\n').message).toMatch(/^FILE, line 2/);
  });

  test('of a file that cannot be read', () => {
    const reading = () => readConfig(path);
    mkdirSync(path);
    expect(reading).toThrow('config.toml is no file');
    rmSync(path, { recursive: true });
    symlinkSync(path, path);
    expect(reading).toThrow('config.toml cannot be read (ELOOP)');
    rmSync(path);
    spawnSync('/bin/sh', ['-c', 'mkfifo "$0"', path]);
    expect(reading).toThrow('config.toml is no file');
    rmSync(path);
    writeFileSync(path, '#'.repeat(1_000_001));
    expect(reading).toThrow('config.toml is too long');
  });
});

describe('a warning', () => {
  const withSecret = '[webhooks.ci]\nurl = "https://x/"\nsecret = "hush"\n';

  test('says that others may read a secret', () => {
    expect(read(withSecret, 0o600).warnings).toEqual([]);
    expect(read('[limits]\nslots = 1', 0o644).warnings).toEqual([]);
    expect(read(withSecret, 0o644).warnings).toEqual([
      `${path} holds a secret and others may read it; make its mode 0600`,
    ]);
    expect(read('[webhooks.ci]\nurl = "https://me:pw@x/"', 0o640).warnings).toHaveLength(1);
  });

  test('says that a secret is not where it should be, or open to others', () => {
    const file = join(folder, 'secret');
    const text = `[webhooks.ci]\nurl = "https://x/"\nsecret_file = "${file}"`;
    expect(read(text).warnings).toEqual([`webhooks.ci: there is no secret file ${file}`]);
    writeFileSync(file, 'hush', { mode: 0o644 });
    expect(read(text).warnings).toEqual([
      `${file} holds a secret and others may read it; make its mode 0600`,
    ]);
    chmodSync(file, 0o600);
    expect(read(text).warnings).toEqual([]);
    const variable = '[webhooks.ci]\nurl = "https://x/"\nsecret_env = "TEND_TEST_UNSET"';
    expect(read(variable).warnings).toEqual([
      'webhooks.ci: the variable TEND_TEST_UNSET with its secret is not set',
    ]);
  });
});

describe('sizes and durations', () => {
  test('are read in common units', () => {
    const given = ['0', 7, '1KB', '1 kB', '1.5MB', '2GiB', '1TB'];
    expect(given.map(bytesOf)).toEqual([0, 7, 1e3, 1e3, 1.5e6, 2 ** 31, 1e12]);
    const wrong = ['', 'MB', '-1', '1XB', '1e3', '9999999TB', '1 constructor', Number.NaN];
    expect(wrong.map(bytesOf)).toEqual(wrong.map(() => null));
  });

  test('are written so that they read the same', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(86_400_000), (bytes, ms) => {
        expect(bytesOf(sizeText(bytes))).toBe(bytes);
        expect(duration(durationText(ms))).toBe(ms);
      }),
    );
    expect([2 ** 30, 1e9, 1234].map(sizeText)).toEqual(['1GiB', '1GB', '1234B']);
    expect([86_400_000, 5_400_000, 250, 0].map(durationText)).toEqual(['1d', '90m', '250ms', '0s']);
  });
});
