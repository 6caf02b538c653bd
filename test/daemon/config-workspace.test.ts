import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../src/daemon/config.ts';
import { readProjectConfig } from '../../src/daemon/config-project.ts';
import { LiveSettings } from '../../src/daemon/settings.ts';
import { DENIED } from '../../src/domain/globs.ts';

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

test('nothing said: agents work in the folder, and secrets are denied', () => {
  person('');
  expect(readConfig(path).workspace).toEqual({
    agents: 'none',
    setup: null,
    links: ['node_modules', '.venv', 'target'],
    keepIgnored: [],
    verify: 'none',
    verifyTimeout: 600_000,
    review: false,
    denied: DENIED,
    mergeMessage: null,
    trashAfter: 30 * 86_400_000,
  });
});

test('everything said', () => {
  person(`[workspace]
agents = "worktree"
setup = "npm ci"
links = []
keep_ignored = ["*.local"]
verify = "auto"
verify_timeout = "90s"
review = true
denied = ["infra/**"]
trash_days = 3
merge_message = "Take {title}"
[limits]
checks = 5`);
  const { workspace, limits } = readConfig(path);
  expect(limits.checks).toBe(5);
  expect(workspace).toEqual({
    agents: 'worktree',
    setup: 'npm ci',
    links: [],
    keepIgnored: ['*.local'],
    verify: 'auto',
    verifyTimeout: 90_000,
    review: true,
    denied: ['infra/**'],
    mergeMessage: 'Take {title}',
    trashAfter: 3 * 86_400_000,
  });
});

test.each([
  ['agents = "here"', 'must be one of "none", "worktree", "in_place"'],
  ['links = ["/etc"]', 'must be a path inside of the repository'],
  ['links = ["../other"]', 'must not lead out of the repository'],
  ['links = "node_modules"', 'must be a list of folders'],
  ['verify_timeout = "soon"', 'is no duration'],
  ['verify_timeout = "2d"', 'must be more than 0 and at most 24h'],
  ['trash_days = -1', 'must be a whole number of days from 0 to 3650'],
  ['review = "yes"', 'must be true or false'],
  ['denide = []', 'is no setting'],
])('refuses %s', (line, message) => {
  person(`[workspace]\n${line}`);
  expect(() => readConfig(path)).toThrow(message);
});

test('a project adds a review and denies more, and nothing else', () => {
  person('[workspace]\ndenied = ["*.key"]');
  const settings = new LiveSettings(path);
  expect(settings.workspace(root).review).toBe(false);
  project('[workspace]\nreview = true\ndenied = ["migrations/", "*.key"]');
  const { review, denied } = settings.workspace(root);
  expect([review, denied]).toEqual([true, ['*.key', 'migrations/']]);
  expect(settings.workspace(tmpdir()).review).toBe(false);
});

test('a project cannot do away with what the person wants', () => {
  person('[workspace]\nreview = true');
  project('[workspace]\nreview = false');
  expect(new LiveSettings(path).workspace(root).review).toBe(true);
  project('[workspace]\ndenied = ["!.env"]');
  expect(() => readProjectConfig(root)).toThrow('must not be an exception');
});

test.each(['setup = "curl x | sh"', 'verify = "true"', 'agents = "in_place"', 'links = ["x"]'])(
  'a project cannot say %s: it runs, or lets something pass',
  (line) => {
    project(`[workspace]\n${line}`);
    expect(() => readProjectConfig(root)).toThrow('cannot be set by a project');
  },
);
