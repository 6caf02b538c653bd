import { taskId } from './ids.ts';
import type { TaskId } from './task.ts';

/** What kind of thing is known. */
export const MEMORY_KINDS = ['convention', 'decision', 'fact', 'warning', 'preference'] as const;
export type MemoryKind = (typeof MEMORY_KINDS)[number];

/** What a person wants agents to know from now on. */
export interface Memory {
  id: string;
  kind: MemoryKind;
  text: string;
  /** Told to tasks in this folder and below it; null = to every task of the person. */
  folder: string | null;
  /** Told before everything else. */
  pinned: boolean;
  /** Who added it: an owner. */
  by: string;
  createdAt: number;
  /** Told to nobody from then on; null = for good. */
  expiresAt: number | null;
  /** When it was taken away; null = it holds. */
  endedAt: number | null;
  /** The finding that it was made of; null = a person wrote it. */
  from: { finding: string; group: string; taskId: TaskId | null } | null;
}

export const LONGEST_MEMORY = 2_000;
/** Most that hold at a time, of all folders. */
export const MOST_MEMORIES = 2_000;

/** `m-` and 8 characters from 8 random bytes. */
export const memoryId = (random: Uint8Array): string => taskId(random).replace('t-', 'm-');

export const isCurrent = ({ endedAt, expiresAt }: Memory, now: number): boolean =>
  endedAt === null && (expiresAt === null || expiresAt > now);

/** The words of a text, each once, as they are looked for: in lower case, without marks. */
export const wordsIn = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? [],
  ),
];

/** Whether every one of `wanted` is a word of the text, or begins one. */
export function matches(text: string, wanted: readonly string[]): boolean {
  const words = wordsIn(text);
  return wanted.every((one) => words.some((word) => word.startsWith(one)));
}

/** The folder of an absolute path and all folders around it, the innermost first. */
export function foldersAround(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, at) => `/${parts.slice(0, parts.length - at).join('/')}`).concat('/');
}

/** Shorter words tell nothing of what a text is about. */
const LEAST_WORD = 3;

/** As they are told to a task with this brief: the pinned ones, then by the words that they share with it, then the newest. */
export function byConcern(memories: readonly Memory[], brief: string): Memory[] {
  const asked = new Set(wordsIn(brief).filter((word) => word.length >= LEAST_WORD));
  const scored = memories.map((memory) => ({
    memory,
    pinned: Number(memory.pinned),
    at: memory.createdAt,
    score: wordsIn(memory.text).filter((word) => asked.has(word)).length,
  }));
  return scored
    .toSorted(
      (a, b) =>
        b.pinned - a.pinned ||
        b.score - a.score ||
        b.at - a.at ||
        (a.memory.id < b.memory.id ? -1 : 1),
    )
    .map(({ memory }) => memory);
}
