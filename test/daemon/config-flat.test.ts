import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { flatten, readConfig } from '../../src/daemon/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'tend-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string) => {
  const path = join(folder, 'config.toml');
  writeFileSync(path, text, { mode: 0o600 });
  return readConfig(path);
};

test('the flat form shows what holds, in the words of the file, and no secret', () => {
  const config = read(`
    on_done.command = "beep"
    limits.slots = 2
    limits.groups.nightly = 3
    limits.labels."kind=build" = 1
    [webhooks.a]
    url = "https://me:hush@chat.example/services/hush?key=hush"
    secret = "hush"
    [webhooks.b]
    url = "http://127.0.0.1:80"
    secret_env = "HOOK"
    [webhooks.c]
    url = "http://localhost:8080"
    secret_file = "/run/hook"
    [workspace]
    denied = ["*.key"]
  `);
  const values = flatten(config);
  expect(values).toEqual({
    'limits.slots': 2,
    'limits.groups.nightly': 3,
    'limits.labels.kind=build': 1,
    'limits.checks': 2,
    'limits.memory_floor': null,
    'limits.output_keep': '100MB',
    'limits.output_limit': '2GB',
    'disk.floor': null,
    'defaults.timeout': '30m',
    'defaults.grace': '5s',
    'defaults.remind': '10m',
    'defaults.notify': 'always',
    'defaults.retry': 0,
    'gc.after': '7d',
    'gc.automatic': true,
    'resume.automatic': true,
    'resume.quiet': '',
    'on_done.command': 'beep',
    'notify.criteria': '[]',
    'quiet.from': null,
    'quiet.until': null,
    'quiet.let_through': '["question"]',
    'digest.at': null,
    'webhooks.a.url': 'https://chat.example/…',
    'webhooks.a.events': 'all',
    'webhooks.a.secret': '(hidden)',
    'webhooks.b.url': 'http://127.0.0.1',
    'webhooks.b.events': 'all',
    'webhooks.b.secret_env': 'HOOK',
    'webhooks.c.url': 'http://localhost:8080',
    'webhooks.c.events': 'all',
    'webhooks.c.secret_file': '/run/hook',
    'workspace.agents': 'none',
    'workspace.setup': null,
    'workspace.links': '["node_modules", ".venv", "target"]',
    'workspace.keep_ignored': '[]',
    'workspace.verify': 'none',
    'workspace.verify_timeout': '10m',
    'workspace.review': false,
    'workspace.denied': '["*.key"]',
    'workspace.trash_days': 30,
    'workspace.merge_message': null,
    'questions.deadline': '7d',
    'worker.tools': true,
    'permissions.default': 'deny',
    'permissions.rule': '[]',
    'daemon.idle_exit': 'off',
    'daemon.log_level': 'info',
  });
  expect(JSON.stringify(values)).not.toContain('hush');
});
