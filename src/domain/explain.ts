import type { Block } from './admission.ts';
import { TRIED_FIRST } from './holds.ts';

/** How a moment (epoch ms) is said. */
type Saying = (at: number) => string;

/**
 * Why a queued task does not start, and when it may: what follows "waits" in a sentence. `ahead` counts the queued
 * tasks that go first; null = not counted.
 */
export function whyQueued(block: Block, ahead: number | null, say: Saying): string {
  const until = block.until === null ? '' : ` until ${say(block.until)}`;
  const detail = block.detail === null ? '' : ` (${block.detail})`;
  return `${cause(block, until)}${detail}${place(block, ahead)}`;
}

function cause(block: Block, untilWords: string): string {
  const { reason, what, until } = block;
  switch (reason) {
    case 'paused':
      return `: ${what ?? 'the queue'} is paused until it is unpaused`;
    case 'disk':
      return ': free disk space is below its floor';
    case 'memory':
      return ': free memory is below its floor';
    case 'held':
      return heldWords(block, untilWords);
    case 'budget':
      return `: there is no room in the budget ${what ?? ''}${until === null ? ' until it is raised' : untilWords}`;
    case 'exclusive':
    case 'workspace_busy':
      return ` for the running task that holds ${what ?? 'its workspace'}`;
    case 'group_limit':
      return ` for a running task of group ${what ?? ''}: as many run as may`;
    case 'label_limit':
      return ` for a running task labelled ${what ?? ''}: as many run as may`;
    case 'agent_limit':
      return ` for a running task of ${what ?? 'its agent'}: as many run as may`;
    case 'checks':
      return ' for another check to end: as many run as may';
    case 'slots':
      return ' for a free slot: as many tasks run as may';
  }
}

function heldWords({ what, until, detail }: Block, untilWords: string): string {
  const [agent = '', own] = (what ?? '').split('/');
  if (own === 'drained')
    return `: ${agent} is drained until a person has seen it, with: tend agents ack ${agent}`;
  if (detail?.endsWith(TRIED_FIRST) === true) return `: ${what} was held`;
  return `: ${what ?? 'its account'} is held${until === null ? ' until it is released' : untilWords}`;
}

/** Only where tasks take turns does it say something how many go first. */
function place({ reason }: Block, ahead: number | null): string {
  if (ahead === null || reason === 'paused' || reason === 'disk' || reason === 'memory') return '';
  if (ahead === 0) return '; it is next';
  return `; ${ahead} ${ahead === 1 ? 'task' : 'tasks'} ahead`;
}
