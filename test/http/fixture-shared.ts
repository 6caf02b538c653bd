import { openMemory } from '../../src/adapters/memory/store.ts';
import { systemChance } from '../../src/adapters/process/system-chance.ts';
import { systemClock } from '../../src/adapters/process/system-clock.ts';
import { TendError } from '../../src/domain/errors.ts';
import {
  NOT_PAUSED,
  paused,
  type Pauses,
  type PauseTarget,
  unpaused,
} from '../../src/domain/pauses.ts';
import { groupVerbs } from '../../src/engine/groups.ts';
import { memoryVerbs } from '../../src/engine/memories.ts';
import { fixtureNotices } from './fixture-notices.ts';

const noProject = async (folder: string): Promise<never> => {
  throw new TendError('not_found', `there is no repository around ${folder}`, 'Name another one.');
};

/** What of an engine needs no more than a store. */
export class FixtureShared {
  readonly store = openMemory();
  readonly #around = { store: this.store, clock: systemClock, chance: systemChance };
  readonly groups = groupVerbs(this.#around);
  readonly memories = memoryVerbs(this.#around);
  readonly notices = fixtureNotices(this.store);
  readonly trust = { look: noProject, trust: noProject, distrust: noProject };

  pauses: Pauses = NOT_PAUSED;
  pause = async (target: PauseTarget) => (this.pauses = paused(this.pauses, target));
  unpause = async (target: PauseTarget) => (this.pauses = unpaused(this.pauses, target));
}
