import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const TOOL = join(import.meta.dirname, '../../tools/client-generator');

/** Source of the client's types: what openapi-typescript makes of the document at `path`. */
export function api(path: string): string {
  const cli = join(TOOL, 'node_modules/openapi-typescript/bin/cli.js');
  const made = spawnSync(process.execPath, [cli, path, '--default-non-nullable=false'], {
    encoding: 'utf8',
    cwd: TOOL,
  });
  if (made.status !== 0) throw new Error(`openapi-typescript failed: ${made.stderr}`);
  return made.stdout;
}
