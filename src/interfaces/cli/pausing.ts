/** What `tend pause` and `tend unpause` have in common. */
import type { Command } from 'commander';
import type { Output } from '../client/index.ts';
import type { Common, Context } from './context.ts';
import { common, text } from './options.ts';

export interface PauseOptions extends Common {
  group?: string;
  agent?: string;
}

const EXAMPLES = `
What runs goes on. A pause outlives the daemon and the machine.

Examples:
  tend pause
  tend pause --agent codex
  tend unpause`;

/** The options of both. */
export const pausing = (command: Command): Command =>
  common(command, 'nothing on stdout')
    .option('--group <group>', 'only this group', text('--group'))
    .option('--agent <agent>', 'only this agent', text('--agent'))
    .addHelpText('after', EXAMPLES);

export async function change(
  { out, err, connect, signal }: Context,
  { group, agent, json, quiet }: PauseOptions,
  verb: 'pause' | 'unpause',
): Promise<void> {
  const client = await connect();
  const input = { ...(group !== undefined && { group }), ...(agent !== undefined && { agent }) };
  const pauses = await client[verb](input, { signal });
  if (json === true) return out.json(pauses);
  if (quiet !== true) await err.line(`tend: ${pausedWords(pauses)}`);
}

/** What is paused, in a line. */
function pausedWords({ all, groups, agents }: Output<'pause'>): string {
  if (all) return 'the queue is paused; let it go on with: tend unpause';
  const named = [
    ...groups.map((name) => `group ${name}`),
    ...agents.map((name) => `agent ${name}`),
  ];
  return named.length === 0 ? 'nothing is paused' : `paused: ${named.join(', ')}`;
}
