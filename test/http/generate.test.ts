import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operations, streams } from '../../src/operations/index.ts';

const ROOT = join(import.meta.dirname, '../..');

test('what is generated is up to date', { timeout: 120_000 }, () => {
  const script = join(ROOT, 'scripts/generate.ts');
  const made = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(made.stderr).toBe('');
  expect(made.status).toBe(0);
});

test('the document has every verb at its place, and every reference leads somewhere', () => {
  const text = readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8');
  const document = JSON.parse(text) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: Record<string, Record<string, unknown>>;
  };
  for (const { name, http } of [...Object.values(operations), ...Object.values(streams)])
    expect(document.paths[http.path]?.[http.method.toLowerCase()]?.operationId).toBe(name);
  const references = [...text.matchAll(/"\$ref": "#\/components\/(\w+)\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, kind = '', name = ''] of references)
    expect(document.components[kind]).toHaveProperty(name);
});
