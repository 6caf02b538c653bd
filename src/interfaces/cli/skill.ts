/** `tend skill`: what an agent must know to delegate, from the program itself, so that it fits it. */
import type { Command } from 'commander';
import { type Host, HOSTS } from '../../domain/host.ts';
import type { Common, Context } from './context.ts';
import { skillText } from './hosts/skill-text.ts';
import { common, oneOf } from './options.ts';

const EXAMPLES = `
The skill that tend integrate gives a host says to read this.

Examples:
  tend skill
  tend skill --host codex`;

export function define(command: Command, context: Context): void {
  common(command, 'the same')
    .description('Print what an agent must know to delegate to tend.')
    .option('--host <host>', `for one host: ${HOSTS.join(', ')}`, oneOf('--host', HOSTS))
    .addHelpText('after', EXAMPLES)
    .action(async ({ host, json }: Common & { host?: Host }) => {
      const text = skillText(host ?? null);
      await (json === true
        ? context.out.json({ host: host ?? null, text })
        : context.out.write(text));
    });
}
