import { TendError } from '../domain/errors.ts';
import {
  bareGroup,
  findingSeq,
  foremost,
  type Group,
  type GroupFinding,
  LONGEST_FINDING,
  MOST_FINDINGS,
  MOST_FINDINGS_OF_TASK,
  newGroup,
} from '../domain/group.ts';
import { nearest } from '../domain/nearest.ts';
import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { FindingPost, GroupDetails, GroupStatus, GroupVerbs } from './group-facade.ts';

type Known = Pick<Ports, 'store' | 'clock' | 'chance'>;

const LIMITS = { group: MOST_FINDINGS, task: MOST_FINDINGS_OF_TASK };
/** Of so many of its newest tasks the states are told. */
const MOST_TASKS = 200;

/** Everything that doors may ask about groups. */
export function groupVerbs(ports: Known): GroupVerbs {
  const { store, clock, chance } = ports;
  const statusOf = async (group: Group): Promise<GroupStatus> => ({
    group,
    name: group.name,
    findings: (await store.findings(group.name)).length,
  });
  return {
    create: async (name, given) => {
      const group = newGroup({ name, ...given }, chance.bytes(8), clock.now());
      if (await store.addGroup(group)) return { group, name: group.name, findings: 0 };
      throw new TendError(
        'id_taken',
        `there is a group ${JSON.stringify(group.name)} already`,
        `Change what it shares with: tend group edit ${group.name}`,
      );
    },
    list: async () =>
      (await store.groups()).map(({ group, findings }) => ({ group, name: group.name, findings })),
    find: (name) => details(ports, name),
    edit: async (asked, change) => {
      const name = await nameOf(ports, asked);
      const now = clock.now();
      const group = (await store.group(name)) ?? bareGroup(name, now);
      const changed = { ...group, ...change, updatedAt: now };
      await store.putGroup(changed);
      return statusOf(changed);
    },
    remove: async (asked) => {
      const name = await nameOf(ports, asked);
      const group = await store.group(name);
      if (group === null)
        throw new TendError(
          'not_found',
          `the group ${JSON.stringify(name)} is only a name: nothing is kept of it`,
          'Its tasks are forgotten with: tend rm',
        );
      const status = await statusOf(group);
      await store.dropGroup(name);
      return status;
    },
    post: (finding) => postFinding(ports, finding),
    removeFinding: async (asked, id) => {
      const name = await nameOf(ports, asked);
      const found = await findingNamed(ports, id);
      if (found.group !== name) throw noFinding(id);
      await store.dropFinding(found.seq);
      return found;
    },
  };
}

/** Stores what is told, once. Throws `invalid_input` or `limit_reached`. */
export async function postFinding(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { at, text: given, ...rest }: FindingPost,
): Promise<{ finding: GroupFinding; repeated: boolean }> {
  const text = given.trim();
  if (text === '' || text.length > LONGEST_FINDING)
    throw new TendError(
      'invalid_input',
      `a finding has 1 to ${LONGEST_FINDING} characters, and this one has ${text.length}`,
      'Say it in a sentence or two; write a file for what is longer, and name that.',
    );
  const added = await store.addFinding({ ...rest, text, at: at ?? clock.now() }, LIMITS);
  if (added !== null) return added;
  throw new TendError(
    'limit_reached',
    `the group ${JSON.stringify(rest.group)} has no room for more findings: ${MOST_FINDINGS}, of one task ${MOST_FINDINGS_OF_TASK}`,
    'Say the rest in the result of the task.',
  );
}

/** Throws `not_found`. */
export async function findingNamed(
  { store }: Pick<Ports, 'store'>,
  id: string,
): Promise<GroupFinding> {
  const seq = findingSeq(id);
  const found = seq === null ? null : await store.finding(seq);
  if (found === null) throw noFinding(id);
  return found;
}

const noFinding = (id: string): TendError =>
  new TendError(
    'not_found',
    `there is no finding ${JSON.stringify(id)} there`,
    'See them with: tend group show <group>',
  );

async function details({ store, ...ports }: Known, asked: string): Promise<GroupDetails> {
  const name = await nameOf({ store, ...ports }, asked);
  const group = await store.group(name);
  const told = foremost(await store.findings(name));
  const { tasks } = await store.list({ group: name, limit: MOST_TASKS });
  return { group, name, findings: told.length, told, tasks: statesOf(tasks) };
}

function statesOf(tasks: readonly Task[]): GroupDetails['tasks'] {
  const counts: GroupDetails['tasks'] = {};
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** The name of the group that is meant. Throws `not_found` or `ambiguous_id`. */
async function nameOf({ store }: Known, asked: string): Promise<string> {
  if ((await store.group(asked)) !== null) return asked;
  if ((await store.list({ group: asked, limit: 1 })).tasks.length > 0) return asked;
  const names = (await store.groups()).map(({ group }) => group.name);
  const [found, ...others] = names.filter(
    (name) => name.startsWith('g-') && name.startsWith(asked),
  );
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined)
    throw new TendError(
      'ambiguous_id',
      `"${asked}" begins the ids of several groups: ${[found, ...others].join(', ')}`,
      'Write more of the id.',
    );
  const similar = nearest(asked, names);
  throw new TendError(
    'not_found',
    `there is no group "${asked}"`,
    similar === null ? 'See the groups with: tend group ls' : `Did you mean ${similar}?`,
  );
}
