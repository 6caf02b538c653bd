import type { Workspaces } from '../../ports/workspace.ts';
import { changes, diff } from './changes.ts';
import { branches, namesIn } from './listing.ts';
import { placeOf } from './place.ts';
import { prepare, release } from './prepare.ts';
import { save, withPathsOf } from './save.ts';
import { leftoversIn } from './leftovers.ts';
import { checkBranch, commitOf, file, survey } from './survey.ts';

/** Git work trees below a state folder (an absolute path). */
export const createWorkspaces = (state: string): Workspaces => ({
  survey,
  commitOf,
  branches,
  namesIn,
  checkBranch,
  file,
  place: (spec, taskId, number, compete) => placeOf(state, spec, taskId, number, compete),
  prepare: (place, spec, starts, watchCheckout, now) =>
    prepare(state, place, spec, starts, watchCheckout, now),
  release: (place) => release(state, place),
  leftovers: () => leftoversIn(state),
  save: (place, request) => save(state, place, request),
  withPathsOf,
  changes,
  diff,
});
