/** `tend unpause`: what was paused may start again. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { change, type PauseOptions, pausing } from './pausing.ts';

export function define(command: Command, context: Context): void {
  pausing(command)
    .description('Let paused tasks start again: everything, or a group or an agent.')
    .action((options: PauseOptions) => change(context, options, 'unpause'));
}
