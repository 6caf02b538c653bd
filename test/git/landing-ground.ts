/** A merge that is made, and only has to land. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import { createMerging } from '../../src/adapters/git/merging.ts';
import type { LandRequest } from '../../src/ports/merging.ts';

export const ground = eachOnGround();
export const merging = createMerging(2_000);
export const REF = 'refs/tend/merges/t-1';
export type Files = Parameters<ReturnType<typeof ground>['write']>[0];

/** A merge onto main as it is, that changes these files; what there is to land. */
export async function made(files: Files): Promise<LandRequest> {
  const { repository } = ground();
  const from = ground().rev('main');
  ground().git('checkout', '-q', '--detach');
  const commit = ground().commit('work', files);
  ground().git('checkout', '-q', 'main');
  const merged = await merging.merge({
    repository,
    onto: from,
    commit,
    how: 'merge',
    message: 'merge',
    at: NOW,
    ref: REF,
  });
  if (merged.kind !== 'merged') throw new Error(merged.kind);
  return { repository, branch: 'main', from, to: merged.commit, reason: 'tend: t-1', ref: REF };
}

export const CHANGE: Files = { 'file.txt': 'two\n', 'src/a.txt': null, 'new/b.txt': 'b\n' };
export const LANDED = { kind: 'landed', behind: [] };
export const clean = (folder = ground().checkout): string =>
  gitIn(folder, 'status', '--porcelain', '--ignored');
export const textOf = (path: string): string => readFileSync(join(ground().checkout, path), 'utf8');

export function hook(body: string, folder = join(ground().repository, 'hooks')): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'reference-transaction'), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, 'reference-transaction'), 0o755);
}
