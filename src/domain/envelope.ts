/** How much an agent may spend on one attempt. */
export interface Envelope {
  turns: number;
  costUsd: number;
  minutes: number;
}

export const TIERS = ['lite', 'standard', 'high'] as const;
export type Tier = (typeof TIERS)[number];

export const ENVELOPES: Readonly<Record<Tier, Envelope>> = {
  lite: { turns: 15, costUsd: 0.5, minutes: 10 },
  standard: { turns: 40, costUsd: 2, minutes: 30 },
  high: { turns: 80, costUsd: 8, minutes: 60 },
};

/** Nothing that is asked for goes beyond. */
export const ENVELOPE_CAPS: Envelope = { turns: 120, costUsd: 15, minutes: 120 };

export const PERMISSIONS = ['read-only', 'workspace', 'full'] as const;
/** What an agent may touch: nothing, the folder it works in, or everything its user may. */
export type Permissions = (typeof PERMISSIONS)[number];

/** What one side asks for; what is left out is for the next one to say. */
export type EnvelopeWish = Partial<Envelope>;

/** The first wish that says something counts, then the tier; never beyond the caps. */
export function envelope(tier: Tier, ...wishes: readonly EnvelopeWish[]): Envelope {
  const pick = (name: keyof Envelope): number => {
    const wished = wishes.map((wish) => wish[name]).find((value) => value !== undefined);
    return Math.min(wished ?? ENVELOPES[tier][name], ENVELOPE_CAPS[name]);
  };
  return { turns: pick('turns'), costUsd: pick('costUsd'), minutes: pick('minutes') };
}
