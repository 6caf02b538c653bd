/** What a merge came to, in words for people. */
import type { Client, Task } from '../client/index.ts';
import type { Printer } from './print.ts';
import { sizeOf } from './show-work.ts';
import { oneLine } from './text.ts';

export type TaskMerge = NonNullable<Task['workspace']['merge']>;
export type Preview = Awaited<ReturnType<Client['previewMerge']>>;

/** Paths in a list of many. */
const MOST_PATHS = 10;

const short = (commit: string | null): string => (commit ?? '').slice(0, 10);
const firstLine = (text: string | null): string =>
  oneLine((text ?? '').trim().split('\n')[0] ?? '');

/** Quoted where a name would not be told from the next one. */
const nameOf = (path: string): string =>
  /^[^\s,"'\p{Cc}]+$/u.test(path) ? path : JSON.stringify(path);

function named(paths: readonly string[]): string {
  const some = paths.slice(0, MOST_PATHS).map(nameOf).join(', ');
  return paths.length > MOST_PATHS ? `${some} and ${paths.length - MOST_PATHS} more` : some;
}

const inPaths = (paths: readonly string[]): string =>
  paths.length === 0 ? '' : ` in ${named(paths)}`;

const PROOFS = { same: 'verified', again: 'verified again', none: '' } as const;

/** Follows the id of the task in a sentence. */
export function mergeEnd(merge: TaskMerge, { paint }: Printer): string {
  const { state, from, to, detail, paths, changed, verified } = merge;
  const target = oneLine(merge.target);
  const why = firstLine(detail);
  switch (state) {
    case 'merged': {
      if (to === from) return `is in ${target} already`;
      const size = changed === null ? '' : sizeOf(changed, paint);
      const known = [size, PROOFS[verified]].filter((one) => one !== '').join(', ');
      const also = why === '' ? '' : `: ${why}`;
      return `merged into ${target} as ${short(to)}${known === '' ? '' : ` (${known})`}${also}`;
    }
    case 'conflict':
      return `conflicts with ${target}${paths.length === 0 ? `: ${why}` : inPaths(paths)}`;
    case 'diverged':
      return `is no fast-forward: ${why}`;
    case 'broken':
      return `would break ${target}: the verification of the merged tree failed: ${why}`;
    case 'unverified':
      return `is not merged: the merged tree could not be verified: ${why}`;
    case 'refused':
      return `was refused by a hook of the repository: ${oneLine(detail ?? '')}`;
    case 'dirty':
      return `is not merged: ${why}${paths.length === 0 ? '' : `: ${named(paths)}`}`;
    case 'moved':
    case 'failed':
      return `is not merged: ${oneLine(detail ?? '')}`;
    case 'queued':
      return `is to be merged into ${target}`;
    case 'checking':
      return `is being verified as it would be in ${target}`;
    case 'landing':
      return `is being merged into ${target}`;
    default:
      return state satisfies never;
  }
}

/** The commands that fit now. */
export function afterMerge(id: string, { state, check, target }: TaskMerge): string[] {
  const again = `tend merge ${id}`;
  switch (state) {
    case 'merged':
      return [];
    case 'conflict':
      return [`tend merge --with <agent> ${id}  # an agent resolves it, in a task of its own`];
    case 'broken':
    case 'unverified':
      return check === null ? [again] : [`tend logs ${check}`, again];
    case 'diverged':
      return [`${again}  # with a merge commit`];
    case 'dirty':
      return [`${again}  # once ${oneLine(target)} is clean where it is checked out`];
    case 'refused':
    case 'moved':
    case 'failed':
      return [again];
    default:
      return [`tend show ${id}`];
  }
}

/** What a merge would come to; follows the id of the task in a sentence. */
export function previewWords(preview: Preview, { paint }: Printer): string {
  const { result, paths, changed, needsCheck, detail } = preview;
  const target = oneLine(preview.target);
  switch (result) {
    case 'merged': {
      const size = sizeOf(changed, paint);
      const first = needsCheck ? ', once the merged tree is verified' : '';
      return `would be merged into ${target}${size === '' ? '' : ` (${size})`}${first}`;
    }
    case 'contained':
      return `is in ${target} already`;
    case 'diverged':
      return `is no fast-forward: ${target} has commits that the work does not have`;
    case 'conflict':
      return `conflicts with ${target}${paths.length === 0 ? `: ${firstLine(detail)}` : inPaths(paths)}`;
    default:
      return result satisfies never;
  }
}
