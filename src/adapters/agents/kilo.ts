import { opencodeLike } from './opencode/family.ts';

/** Kilo's CLI, which is built on opencode. */
export const kilo = opencodeLike({
  name: 'kilo',
  prefix: 'KILO',
  programs: ['kilo'],
  verified: false,
});
