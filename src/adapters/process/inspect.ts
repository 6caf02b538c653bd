import * as fs from 'node:fs';
import { NO_OUTPUT, type ProcessIdentity } from '../../domain/attempt.ts';
import type { AttemptEvidence } from '../../domain/evidence.ts';
import { type Claim, readClaim, readExit, readRefusal } from './claim.ts';
import { lifeOf } from './identity.ts';
import { type Members, searchOf, survivorsOf } from './members.ts';
import { isAnyoneIn } from './process-table.ts';
import { summarize } from './summary.ts';

/** A claim that is still empty after this (ms) was left by a wrapper that died over it. */
const EMPTY = 2_000;

type Held = Extract<Claim, { kind: 'held' }>;

/** What the machine shows of the attempt in `folder`. */
export async function inspectFolder(folder: string, members: Members): Promise<AttemptEvidence> {
  const claim = readClaim(folder);
  switch (claim.kind) {
    case 'none':
      return { kind: 'none' };
    case 'void':
      return { kind: 'voided' };
    case 'refused':
      return { kind: 'refused', detail: claim.detail };
    case 'empty':
      return inspectEmpty(folder, claim.at);
    case 'unreadable':
      return gone('unreadable', null, null, folder);
    case 'held':
      return inspectHeld(folder, claim, members);
    default:
      return claim satisfies never;
  }
}

/** Its wrapper is about to write itself down, or died before the command. */
function inspectEmpty(folder: string, at: number): AttemptEvidence {
  const young = Math.abs(Date.now() - at) < EMPTY;
  return young || isAnyoneIn(folder) ? { kind: 'none' } : gone('vanished', null, null, folder);
}

async function inspectHeld(
  folder: string,
  claim: Held,
  members: Members,
): Promise<AttemptEvidence> {
  const { process, at: startedAt } = claim;
  // In this order: a wrapper that is seen dead has written its record by now, or never will.
  const life = lifeOf(process);
  const record = readExit(folder);
  if (record === null && life === 'alive') return { kind: 'alive', process, startedAt };
  const search = life === 'rebooted' ? null : searchOf(folder, claim);
  if (record === null) {
    const left = search === null ? [] : await members.all(search);
    const how = life === 'rebooted' ? 'rebooted' : 'vanished';
    return { ...gone(how, process, startedAt, folder), survivors: survivorsOf(left) };
  }
  const detail = readRefusal(folder);
  if (detail !== null) return { kind: 'refused', detail };
  const left = search === null ? [] : await members.outlived(search);
  const { exit, at } = record;
  const output = summarize(folder);
  return { kind: 'exited', exit, process, startedAt, at, output, survivors: survivorsOf(left) };
}

type Gone = Extract<AttemptEvidence, { kind: 'gone' }>;

function gone(
  how: Gone['how'],
  process: ProcessIdentity | null,
  startedAt: number | null,
  folder: string,
): Gone {
  const output = fs.existsSync(folder) ? summarize(folder) : NO_OUTPUT;
  return { kind: 'gone', how, process, startedAt, at: Date.now(), output, survivors: [] };
}
