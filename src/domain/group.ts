import { groupId } from './ids.ts';
import type { TaskId } from './task.ts';

/** What the tasks that are submitted under a name share. A name without a row is only a name. */
export interface Group {
  /** As tasks name it: chosen by a person, or an id. */
  name: string;
  title: string | null;
  /** Told to every task of the group; '' = nothing. */
  context: string;
  createdAt: number;
  updatedAt: number;
}

/** A milestone is a finding with a date. */
export const FINDING_KINDS = ['finding', 'milestone'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** What a task or a person tells the later tasks of a group. */
export interface NewFinding {
  group: string;
  kind: FindingKind;
  text: string;
  important: boolean;
  /** The task that found it; null = a person did. */
  taskId: TaskId | null;
  /** Whose it is: an owner. */
  by: string;
  /** When it was told; of a milestone, its date. */
  at: number;
}

export interface GroupFinding extends NewFinding {
  /** Grows, and is never used again. */
  seq: number;
}

/** Longest texts, in characters, and most findings of a group, and of one task in it. */
export const LONGEST_GROUP_CONTEXT = 16_000;
export const LONGEST_FINDING = 2_000;
export const MOST_FINDINGS = 500;
export const MOST_FINDINGS_OF_TASK = 50;

export const newGroup = (
  given: { name: string | null; title: string | null; context: string },
  random: Uint8Array,
  now: number,
): Group => ({
  ...given,
  name: given.name ?? groupId(random),
  createdAt: now,
  updatedAt: now,
});

/** The row that the first finding of a group makes. */
export const bareGroup = (name: string, now: number): Group => ({
  name,
  title: null,
  context: '',
  createdAt: now,
  updatedAt: now,
});

export const findingId = (seq: number): string => `f-${seq}`;

/** The number that an id of `findingId` names; null = it is no such id. */
export function findingSeq(id: string): number | null {
  const [, digits] = /^f-(\d{1,15})$/.exec(id) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** Findings with the same key say the same: case, spaces and the marks at the end tell them not apart. */
export const findingKey = ({ kind, text }: Pick<NewFinding, 'kind' | 'text'>): string => {
  const plain = text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  return `${kind}:${plain.replace(/[\s.!;,:]+$/, '')}`;
};

/** The most important first, then the newest. */
export const foremost = (findings: readonly GroupFinding[]): GroupFinding[] =>
  findings.toSorted((a, b) => Number(b.important) - Number(a.important) || b.seq - a.seq);
