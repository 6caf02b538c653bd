/** What Tend does with a work tree, one act at a time, so that it can also be done by a process that dies over it. */
import { pathToFileURL } from 'node:url';
import type { Prepared, Place, WorkspaceSpec } from '../../src/domain/workspace.ts';
import type { Kept } from '../../src/ports/workspace.ts';
import { createGit } from '../../src/adapters/git/git.ts';
import { isTendError } from '../../src/domain/errors.ts';

export type Act =
  | { do: 'prepare'; spec: WorkspaceSpec }
  | { do: 'save'; prepared: Prepared; previous: string | null }
  | { do: 'put' | 'restore' | 'purge' | 'forget' };

export interface Work {
  state: string;
  place: Place;
  now: number;
}

/** Answers what came of it, or why nothing did. */
export type Came =
  | { came: 'prepared'; prepared: Prepared }
  | { came: 'saved'; kept: Kept }
  | { came: 'done' }
  | { came: 'refused'; why: string };

const DONE: Came = { came: 'done' };

/** What the person or the next pass would see is an answer, too. */
export async function perform(work: Work, act: Act): Promise<Came> {
  try {
    return await performed(work, act);
  } catch (error) {
    if (isTendError(error) || (error instanceof Error && error.message.startsWith('git ')))
      return { came: 'refused', why: error.message };
    throw error;
  }
}

async function performed({ state, place, now }: Work, act: Act): Promise<Came> {
  const { workspaces, trash } = createGit(state);
  const { repository, taskId } = place;
  switch (act.do) {
    case 'prepare': {
      const { spec } = act;
      const prepared = await workspaces.prepare(place, spec, [spec.base], false, now);
      if (prepared.refusal !== null) return { came: 'refused', why: prepared.refusal };
      return { came: 'prepared', prepared };
    }
    case 'save': {
      const { prepared, previous } = act;
      const request = { at: now, message: 'saved', prepared, previous, keepIgnored: [] };
      const kept = await workspaces.save(place, { ...request, watchCheckout: false });
      return 'refusal' in kept ? { came: 'refused', why: kept.refusal } : { came: 'saved', kept };
    }
    case 'put': {
      await workspaces.release(place);
      const put = await trash.put(place, now);
      return put !== null && 'refusal' in put ? { came: 'refused', why: put.refusal } : DONE;
    }
    case 'restore': {
      const [newest] = await trash.list();
      if (newest === undefined) return { came: 'refused', why: 'nothing is in the trash' };
      await trash.restore(newest);
      return DONE;
    }
    case 'purge':
      await trash.purge(now, false);
      return DONE;
    case 'forget':
      await trash.archive(repository, taskId);
      await trash.retire(repository, taskId);
      return DONE;
    default:
      return act satisfies never;
  }
}

// Run by itself: work and act as JSON.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , work = '', act = ''] = process.argv;
  const came = await perform(JSON.parse(work) as Work, JSON.parse(act) as Act);
  process.stdout.write(JSON.stringify(came));
}
