import type { Group, GroupFinding, NewFinding } from '../domain/group.ts';

/** A group as a list shows it. */
export interface CountedGroup {
  group: Group;
  findings: number;
}

/** Most findings of a group, and of one task in it. */
interface FindingLimits {
  group: number;
  task: number;
}

/** The durable part of groups. */
export interface GroupStore {
  /** Every group that has a row, by name. */
  groups(): Promise<CountedGroup[]>;
  group(name: string): Promise<Group | null>;
  /** Stores a group that is not there yet; false = it is. */
  addGroup(group: Group): Promise<boolean>;
  /** Stores a group in the place of the one with its name; its findings stay. */
  putGroup(group: Group): Promise<void>;
  /** Forgets a group with its findings; false when there was none. */
  dropGroup(name: string): Promise<boolean>;
  /**
   * Stores a finding, and the row of its group where there is none. One with the same `findingKey` in the group is answered
   * instead. Null: there is no room for it.
   */
  addFinding(
    finding: NewFinding,
    limits: FindingLimits,
  ): Promise<{ finding: GroupFinding; repeated: boolean } | null>;
  /** Those of a group, the newest first. */
  findings(group: string): Promise<GroupFinding[]>;
  finding(seq: number): Promise<GroupFinding | null>;
  /** Forgets a finding; false when there was none. */
  dropFinding(seq: number): Promise<boolean>;
}
