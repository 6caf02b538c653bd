/** `tend daemon install`: a file for the init system of the person; nothing is started. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TendError } from '../../domain/errors.ts';
import type { Common, Context } from './context.ts';
import { type Service, service } from './service.ts';

type Options = Common & { dryRun?: boolean };

export async function install(context: Context, options: Options): Promise<void> {
  const { out, err, env, uid } = context;
  const found = service({
    platform: process.platform,
    home: filled(env['HOME']) ?? homedir(),
    configHome: filled(env['XDG_CONFIG_HOME']),
    node: process.execPath,
    entry: fileURLToPath(new URL('../../daemon/main.js', import.meta.url)),
    stateHome: absolute(env['TEND_HOME']),
    path: filled(env['PATH']) ?? '/usr/local/bin:/usr/bin:/bin',
    uid,
  });
  if (found === null)
    throw new TendError(
      'unsupported',
      `tend knows no init system of ${process.platform}`,
      'The daemon starts by itself when a command needs it.',
    );
  const written = options.dryRun !== true;
  if (written) write(found);
  if (options.json === true) return out.json({ ...found, written });
  if (options.quiet === true) return out.line(found.path);
  await err.line(written ? `tend: wrote ${found.path}` : `tend: would write ${found.path}`);
  await out.write(found.content);
  await err.line(written ? 'Switch it on with:' : 'and to switch it on:');
  for (const command of found.enable) await err.line(`  ${command}`);
}

const filled = (value: string | undefined): string | undefined =>
  value === '' ? undefined : value;

const absolute = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : resolve(value);

function write({ path, content }: Service): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o644 });
  } catch (error) {
    throw new TendError(
      'state_unwritable',
      `cannot write ${path}: ${(error as Error).message}`,
      'Print it instead: tend daemon install --dry-run',
      error,
    );
  }
}
