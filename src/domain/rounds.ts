import type { EndedAttempt } from './attempt.ts';
import { sameFailure } from './failures.ts';
import { ending } from './outcome.ts';
import { NO_PRODUCT, type Product, resultIn } from './product.ts';
import { hasFailed } from './verifying.ts';

type Past = Pick<EndedAttempt, 'outcome' | 'product'>;

/** How often work was sent back since a person last looked at it. */
export interface Rounds {
  /** What the attempts made that were to be mended, oldest first. */
  mended: readonly Product[];
  /** How many of them a judge sent back. */
  revised: number;
  /** How many were sent back without a judge. */
  fixed: number;
}

const isReviewed = ({ product }: Past): boolean => product?.review !== undefined;
const isRevised = ({ product = NO_PRODUCT }: Past): boolean =>
  resultIn(product).judged?.decision === 'revise';

/** Whether the next attempt after these competes with others: until the first that a judge or a person sent back. */
export const isContest = (bestOf: number, earlier: readonly Past[]): boolean =>
  bestOf > 1 && !earlier.some((one) => isReviewed(one) || isRevised(one));

/** `earlier` are the ended attempts before, oldest first; those that competed were not to be mended. */
export function roundsIn(bestOf: number, earlier: readonly Past[]): Rounds {
  const from = earlier.findLastIndex(isReviewed) + 1;
  const recent = earlier.slice(from);
  const own = from === 0 && bestOf > 1 ? recent.slice(recent.findIndex(isRevised) + 1) : recent;
  const revised = recent.filter(isRevised).length;
  const mended = own.flatMap(({ outcome, product }) =>
    product !== undefined && ending(outcome).state === 'completed' ? [product] : [],
  );
  return {
    mended,
    revised,
    fixed: mended.filter(({ judged }) => judged?.decision !== 'revise').length,
  };
}

/** Attempts in a row that changed nothing, after which no further one is made; those that failed alike. */
const MOST_IDLE = 2;
const MOST_ALIKE = 3;

const changedNothing = ({ saved }: Product): boolean => saved !== null && saved.since.files === 0;

/** Why another attempt would come to nothing else, in a sentence; null = it may. `products`: the last is the newest. */
export function stuckBecause(products: readonly Product[]): string | null {
  const last = products.slice(-MOST_IDLE);
  if (last.length === MOST_IDLE && last.every(changedNothing))
    return `${MOST_IDLE} attempts in a row changed nothing`;
  const tails = products
    .slice(-MOST_ALIKE)
    .flatMap(({ verification }) =>
      verification !== undefined && hasFailed(verification) ? [verification.tail] : [],
    );
  const [first = ''] = tails;
  return tails.length === MOST_ALIKE && tails.every((tail) => sameFailure(first, tail))
    ? `it failed ${MOST_ALIKE} times in the same way`
    : null;
}
