/** `tend pause`: nothing more starts, what runs goes on. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { change, type PauseOptions, pausing } from './pausing.ts';

export function define(command: Command, context: Context): void {
  pausing(command)
    .description('Start nothing more until it is unpaused; what runs goes on.')
    .action((options: PauseOptions) => change(context, options, 'pause'));
}
