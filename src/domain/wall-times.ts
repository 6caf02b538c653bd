import { DAY, SECOND, utcOf, type Zone } from './civil.ts';

/**
 * The first time of a clock face after another one, both as the moment at which a clock at Greenwich shows it; null =
 * there is none.
 */
export type WallTimes = (after: number) => number | null;

/** How far ahead of Greenwich (ms) the clocks of `zone` are at a moment. */
const offsetAt = (zone: Zone, moment: number): number =>
  utcOf(zone(moment)) - Math.floor(moment / SECOND) * SECOND;

/** The offsets a day before and a day after: if the clocks are changed around then, they differ. */
const offsetsAround = (zone: Zone, moment: number): [number, number] => [
  offsetAt(zone, moment - DAY),
  offsetAt(zone, moment + DAY),
];

/**
 * The moments that a time of the clock face means: one that the clocks skip comes as much later as they go forward, one
 * that they show twice is the first of the two, or `both`.
 */
function momentsOf(wall: number, zone: Zone, both: boolean): number[] {
  const candidates = offsetsAround(zone, wall).map((offset) => wall - offset);
  const real = candidates.filter((moment) => utcOf(zone(moment)) === wall);
  if (real.length === 0) return [Math.max(...candidates)];
  return both ? real : [Math.min(...real)];
}

/**
 * The first moment after `after` at which the clocks of `zone` show one of `walls`; null = never. A time shown twice
 * counts twice with `both`, else once.
 */
export function momentAfter(
  walls: WallTimes,
  zone: Zone,
  both: boolean,
  after: number,
): number | null {
  let best: number | null = null;
  let wall = walls(after + Math.min(...offsetsAround(zone, after)));
  while (wall !== null) {
    for (const moment of momentsOf(wall, zone, both))
      if (moment > after && (best === null || moment < best)) best = moment;
    // Where the clocks are changed, a later time of their face can come earlier.
    if (best !== null && wall - Math.max(...offsetsAround(zone, best)) >= best) return best;
    wall = walls(wall);
  }
  return best;
}
