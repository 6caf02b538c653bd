import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Webhook } from '../../src/adapters/notify/webhook.ts';
import { ANYBODY } from '../../src/domain/choice.ts';
import { type Config, readConfig } from '../../src/daemon/config.ts';
import { narrow, type ProjectConfig, readProjectConfig } from '../../src/daemon/config-project.ts';

let root = '';
let inside = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-project-'));
  inside = join(root, 'src', 'deep');
  mkdirSync(inside, { recursive: true });
  mkdirSync(join(root, '.git'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (text: string) => writeFileSync(join(root, '.tend.toml'), text);

describe("a project's file", () => {
  test('is read at the root of the repository only', () => {
    writeFileSync(join(inside, '.tend.toml'), '[defaults]\nretry = 9');
    expect(readProjectConfig(inside)).toBeNull();
    write(`
      limits.output_limit = "1MB"
      defaults = { timeout = "5m", grace = "1s", retry = 1 }
      [webhooks.team]
      url = "https://team.example/hook"
    `);
    expect(readProjectConfig(inside)).toEqual({
      outputLimit: 1e6,
      timeout: 300_000,
      grace: 1_000,
      retry: 1,
      webhooks: {
        team: { url: 'https://team.example/hook', events: 'all', secret: null, publicOnly: true },
      },
      workspace: { review: false, denied: [] },
      permissions: { rule: [] },
      warnings: [],
    });
    rmSync(join(root, '.git'), { recursive: true });
    expect(readProjectConfig(root)).toBeNull();
  });

  test.each([
    ['[on_done]\ncommand = "x"', /line 1: on_done cannot be set by a project/],
    ['[limits]\nslots = 9', /line 2: limits.slots cannot be set by a project/],
    ['[defaults]\nnotify = "never"', /line 2: defaults.notify cannot be set by a project/],
    ['[webhooks.a]\nurl = "https://x/"\nsecret_file = "/etc/shadow"', /secret_file cannot be set/],
    ['[webhooks.a]\nurl = "https://x/"\nsecret_env = "AWS_KEY"', /secret_env cannot be set/],
    ['[webhooks.a]\nurl = "http://x/"', /line 2: webhooks.a.url is no https address/],
    ['[defaults]\ntimeuot = "1m"', /line 2: defaults.timeuot is no setting/],
  ])('%j is refused', (text, message) => {
    write(text);
    expect(() => readProjectConfig(inside)).toThrow(message);
  });

  test('of somebody else is not followed', () => {
    write('[defaults]\nretry = 1');
    if (process.getuid?.() !== 0) return; // only root can give a file away
    chownSync(join(root, '.tend.toml'), 12_345, 12_345);
    expect(readProjectConfig(inside)).toMatchObject({
      retry: null,
      warnings: [expect.stringContaining('belongs to another user')],
    });
  });
});

const amount = fc.integer({ min: 0, max: 2 ** 40 });
const name = fc.constantFrom('ci', 'chat', 'team', 'audit');
const hook = (publicOnly: fc.Arbitrary<boolean>): fc.Arbitrary<Webhook> =>
  fc.record({
    url: fc.constantFrom('https://a.example/', 'https://b.example/'),
    secret: fc.constant(null),
    events: fc.constantFrom('all', 'failures'),
    publicOnly,
  });

const person: fc.Arbitrary<Config> = fc.record({
  limits: fc.record({
    slots: amount,
    groups: fc.constant({}),
    labels: fc.constant({}),
    checks: amount,
    memoryFloor: fc.option(amount),
    outputKeep: amount,
    outputLimit: amount,
  }),
  agents: fc.constant({ overrides: {}, custom: [] }),
  choice: fc.constant(ANYBODY),
  budgets: fc.constant([]),
  resume: fc.constant({ automatic: true, quiet: '' }),
  notices: fc.constant({
    paces: {},
    criteria: [],
    quiet: { let_through: [] },
    digest: {},
  }),
  worker: fc.constant({ questionDeadline: null, tools: true }),
  permissions: fc.constant([{ from: 'config', otherwise: 'ask' as const, rules: [] }]),
  hooks: fc.constant({}),
  skills: fc.constant({}),
  templates: fc.constant({}),
  disk: fc.record({ floor: fc.option(amount) }),
  defaults: fc.record({
    timeout: amount,
    grace: amount,
    remind: amount,
    notify: fc.constantFrom('always', 'never'),
    retry: amount,
  }),
  gc: fc.record({ after: amount, automatic: fc.boolean() }),
  onDone: fc.option(fc.string()),
  webhooks: fc.dictionary(name, hook(fc.constant(false)), { noNullPrototype: true }),
  daemon: fc.record({ idleExit: fc.option(amount), logLevel: fc.constantFrom('info', 'debug') }),
  workspace: fc.record({
    agents: fc.constantFrom('none', 'worktree', 'in_place'),
    setup: fc.option(fc.string()),
    links: fc.array(fc.string()),
    keepIgnored: fc.array(fc.string()),
    verify: fc.string(),
    verifyTimeout: amount,
    review: fc.boolean(),
    denied: fc.array(fc.string()),
    mergeMessage: fc.option(fc.string()),
    trashAfter: amount,
  }),
  warnings: fc.array(fc.string()),
});

const project: fc.Arbitrary<ProjectConfig> = fc.record({
  outputLimit: fc.option(amount),
  timeout: fc.option(amount),
  grace: fc.option(amount),
  retry: fc.option(amount),
  webhooks: fc.dictionary(name, hook(fc.boolean()), { noNullPrototype: true }),
  workspace: fc.record({ review: fc.boolean(), denied: fc.array(fc.string()) }),
  permissions: fc.constantFrom(
    { rule: [] },
    { default: 'allow' as const, rule: [] },
    { default: 'deny' as const, rule: [{ tool: '*', do: 'allow' as const }] },
  ),
  warnings: fc.array(fc.string()),
});

describe('narrowing', () => {
  test('never makes anything wider', () => {
    fc.assert(
      fc.property(person, project, (own, asked) => {
        const got = narrow(own, asked);
        expect(got.limits.outputLimit).toBeLessThanOrEqual(own.limits.outputLimit);
        for (const key of ['timeout', 'grace', 'retry'] as const)
          expect(got.defaults[key]).toBeLessThanOrEqual(own.defaults[key]);
        const { outputLimit } = own.limits;
        const { timeout, grace, retry } = own.defaults;
        expect({
          ...got,
          limits: { ...got.limits, outputLimit },
          defaults: { ...got.defaults, timeout, grace, retry },
          webhooks: own.webhooks,
          workspace: own.workspace,
          permissions: own.permissions,
          warnings: own.warnings,
        }).toEqual(own);
        expect(got.workspace).toEqual({
          ...own.workspace,
          review: own.workspace.review || asked.workspace.review,
          denied: got.workspace.denied,
        });
        // Each has a say, and the strictest counts.
        expect(got.permissions.slice(0, own.permissions.length)).toEqual(own.permissions);
        expect(got.workspace.denied).toEqual(expect.arrayContaining([...own.workspace.denied]));
        for (const [key, value] of Object.entries(got.webhooks)) {
          if (Object.hasOwn(own.webhooks, key)) expect(value).toBe(own.webhooks[key]);
          else expect(value.publicOnly).toBe(true);
        }
      }),
    );
  });

  test('takes what is narrower, twice as once', () => {
    fc.assert(
      fc.property(person, project, (own, asked) => {
        const once = narrow(own, { ...asked, warnings: [] });
        expect(narrow(once, { ...asked, warnings: [] })).toEqual(once);
        if (asked.timeout !== null)
          expect(once.defaults.timeout).toBeLessThanOrEqual(asked.timeout);
      }),
    );
  });

  test('by a project that asks for nothing changes nothing', () => {
    write('');
    const own = readConfig(join(root, 'config.toml'));
    const asked = readProjectConfig(inside);
    expect(asked).not.toBeNull();
    if (asked !== null) expect(narrow(own, asked)).toEqual(own);
  });
});
