/** Prepares one place and prints what came of it, in a process of its own: arguments as JSON in the first argument. */
import type { Place, WorkspaceSpec } from '../../src/domain/workspace.ts';
import { NOW } from './ground.ts';
import { prepare } from '../../src/adapters/git/prepare.ts';

const { state, place, spec, starts } = JSON.parse(process.argv[2] ?? '') as {
  state: string;
  place: Place;
  spec: WorkspaceSpec;
  starts: string[];
};
process.stdout.write(JSON.stringify(await prepare(state, place, spec, starts, true, NOW)));
