/** Dollars are added and compared in whole millionths: sums are exact, in whatever order. */
const MILLIONTHS = 1_000_000;

/** What an agent tells is not always sane; beyond this nothing needs to be told apart. */
const MOST = 1e15;

export const micros = (usd: number): number => Math.min(Math.round(usd * MILLIONTHS), MOST);
export const dollars = (millionths: number): number => millionths / MILLIONTHS;

/** The exact sum of amounts in dollars. */
export const sumUsd = (...amounts: readonly number[]): number =>
  dollars(amounts.reduce((sum, usd) => sum + micros(usd), 0));
