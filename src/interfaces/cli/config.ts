/** `tend config`: the effective configuration, and one setting at a time. */
import type { Command } from 'commander';
import { nearest } from '../../domain/nearest.ts';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { usage } from './failure.ts';
import { common } from './options.ts';
import { pairs } from './table.ts';
import { oneLine } from './text.ts';

const EXAMPLES = `
Examples:
  tend config
  tend config get limits.slots
  tend config set limits.slots 4`;

export function define(command: Command, context: Context): void {
  common(command, 'names only')
    .description('Read or change the configuration.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .argument('[word]')
    .usage('[options] [command]')
    .action((word: string | undefined, options: Common) => {
      if (word !== undefined) throw unknownWord(word);
      return all(context, options);
    });
  common(command.command('get'), 'the value only')
    .description('One setting.')
    .argument('<name>', 'such as limits.slots')
    .action((name: string, options: Common) => get(context, name, options));
  common(command.command('set'), 'nothing')
    .description('Change one setting in your config file.')
    .argument('<name>', 'such as limits.slots')
    .argument('<value>', 'as in the file')
    .action((name: string, value: string, options: Common) => set(context, name, value, options));
  common(command.command('path'), 'the same')
    .description('Where your config file is.')
    .action((options: Common) => path(context, options));
}

function unknownWord(word: string): Error {
  const guess = nearest(word, ['get', 'set', 'path']);
  return usage(
    `there is no command "config ${word}"`,
    guess === null ? '' : `Did you mean: tend config ${guess}`,
  );
}

type Value = Output<'config'>['values'][string];

const shown = (value: Value): string => oneLine(String(value ?? ''));

async function all({ out, connect }: Context, { json, quiet }: Common): Promise<void> {
  const client = await connect();
  const config = await client.config();
  if (json === true) return out.json(config);
  const entries = Object.entries(config.values);
  if (quiet === true) return out.write(entries.map(([name]) => `${name}\n`).join(''));
  const lines = pairs(
    entries.map(([name, value]) => [name, shown(value)] as const),
    out,
  );
  await out.write([out.paint('dim', `# ${oneLine(config.path)}`), ...lines, ''].join('\n'));
}

async function get({ out, connect }: Context, name: string, { json }: Common): Promise<void> {
  const client = await connect();
  const { values } = await client.config();
  if (!Object.hasOwn(values, name)) throw unknownSetting(name, Object.keys(values));
  const value = values[name] ?? null;
  if (json === true) return out.json({ name, value });
  await out.line(shown(value));
}

function unknownSetting(name: string, known: readonly string[]): Error {
  const guess = nearest(name, known);
  return usage(
    `there is no setting ${JSON.stringify(name)}`,
    guess === null ? 'All settings: tend config' : `Did you mean ${guess}?`,
  );
}

async function set(
  { out, connect }: Context,
  name: string,
  value: string,
  { json, quiet }: Common,
): Promise<void> {
  const client = await connect();
  const { path, values } = await client.configure({ name, value });
  const now = values[name] ?? null;
  if (json === true) return out.json({ name, value: now, path });
  if (quiet !== true) await out.line(`${name} ${shown(now)}`);
}

async function path({ out, env }: Context, { json }: Common): Promise<void> {
  const { resolvePaths } = await import('../client/index.ts');
  const { configPath } = resolvePaths(env);
  if (json === true) return out.json({ path: configPath });
  await out.line(configPath);
}
