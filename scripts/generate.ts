/**
 * Writes everything that is made from the code rather than by hand: the OpenAPI document, the client's
 * types and routes, the life cycle, the schemas of the configuration. `--check` writes nothing and fails when one is stale.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { openapi } from '../src/interfaces/http/openapi.ts';
import { api } from './generate/api.ts';
import { routes } from './generate/routes.ts';

const ROOT = join(import.meta.dirname, '..');
const CLIENT = join(ROOT, 'src/interfaces/client');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function generated(): Map<string, string> {
  const document = `${JSON.stringify(openapi(versionOf()), null, 2)}\n`;
  const folder = mkdtempSync(join(tmpdir(), 'tend-generate-'));
  try {
    const path = join(folder, 'openapi.json');
    writeFileSync(path, document);
    return new Map([
      [join(ROOT, 'docs/openapi.json'), document],
      [join(CLIENT, 'api.generated.ts'), api(path)],
      [join(CLIENT, 'routes.generated.ts'), routes()],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const read = (path: string): string | null =>
  existsSync(path) ? readFileSync(path, 'utf8') : null;

for (const [path, content] of generated()) {
  if (read(path) === content) continue;
  if (values.check) {
    console.error(`stale: ${relative(ROOT, path)}; run: npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, content);
    console.log(`wrote ${relative(ROOT, path)}`);
  }
}

// Documents that are made by scripts of their own.
for (const name of ['lifecycle-doc.ts', 'config-schema.ts']) {
  const script = join(import.meta.dirname, name);
  const made = spawnSync(process.execPath, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (made.status !== 0) process.exitCode = 1;
}
