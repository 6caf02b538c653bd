import { opencodeLike } from './opencode/family.ts';

/** opencode, by `opencode run --format json`. */
export const opencode = opencodeLike({
  name: 'opencode',
  prefix: 'OPENCODE',
  programs: ['opencode'],
  verified: true,
});
