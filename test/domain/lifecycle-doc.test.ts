/** docs/lifecycle.md tells what the tables of the domain tell, and a stale one is noticed. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SCRIPT = join(ROOT, 'scripts/lifecycle-doc.ts');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-lifecycle-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  return { status, stderr };
}

test('the committed document is the generated one', () => {
  const copy = join(folder, 'lifecycle.md');
  expect(run(copy)).toEqual({ status: 0, stderr: '' });
  expect(readFileSync(join(ROOT, 'docs/lifecycle.md'), 'utf8')).toBe(readFileSync(copy, 'utf8'));
  expect(run('--check')).toEqual({ status: 0, stderr: '' });
});

test('a stale document is refused and left as it is', () => {
  const copy = join(folder, 'lifecycle.md');
  run(copy);
  appendFileSync(copy, 'and one more thing\n');
  const { status, stderr } = run('--check', copy);
  expect(status).toBe(1);
  expect(stderr).toContain('stale');
  expect(readFileSync(copy, 'utf8')).toMatch(/one more thing\n$/);
});
