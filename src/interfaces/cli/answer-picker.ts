/** A question on a terminal, with its options and a place for own words. */
import { type Asked, initial, type Model } from './board-model.ts';
import { ask } from './board-typing.ts';
import { update } from './board-update.ts';
import { view } from './board-view.ts';
import type { Context } from './context.ts';
import type { Key } from './keys.ts';
import { openScreen } from './screen.ts';

export interface Picked {
  id: string;
  text: string;
}

/** Resolves with the answer to one of these; null = the person left. */
export async function pick(
  { out, env, takeSignals }: Context,
  open: readonly Asked[],
): Promise<Picked | null> {
  const only = open.length === 1 ? open[0] : undefined;
  let model: Model = {
    ...initial(out.columns, out.rows, Date.now()),
    asked: open,
    link: { is: 'live', since: Date.now() },
    page: 'needs',
  };
  if (only !== undefined) model = ask(model, only);
  let picked: Picked | null = null;
  const draw = (): void => {
    if (!screen.signal.aborted) screen.draw(view(model, out));
  };
  const pressed = (key: Key): void => {
    const [next, effects] = update(model, { is: 'key', key }, Date.now());
    model = next;
    for (const effect of effects) {
      if (effect.do === 'suspend') screen.suspend();
      if (effect.do === 'redraw') screen.forget();
      if (effect.do === 'answer') picked = { id: effect.id, text: effect.text };
      if (effect.do === 'leave' || effect.do === 'answer') return screen.leave();
    }
    // A single question, or the list, is left by going back.
    if (model.page === 'list' || (only !== undefined && model.entry === null))
      return screen.leave();
    draw();
  };
  const screen = openScreen(out, process.stdin, process.stdout, env, {
    onKey: pressed,
    onResize: () => {
      [model] = update(model, { is: 'size', columns: out.columns, rows: out.rows }, Date.now());
      draw();
    },
  });
  takeSignals(screen.leave);
  draw();
  await new Promise<void>((resolve) =>
    screen.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  await screen.close();
  return picked;
}
