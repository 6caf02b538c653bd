import { isTendError, TendError } from '../../domain/errors.ts';
import type { Carrier } from './carrier.ts';
import type { Repeats } from './repeats.ts';
import type { Place, Tool } from './tool.ts';
import { known, type News } from './words.ts';

/** A result of `tools/call`. */
export interface ToolResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

/** Any thrown thing as something a caller can act on. */
export function asTendError(error: unknown): TendError {
  if (isTendError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TendError(
    'internal',
    `tend itself failed: ${message === '' ? 'for an unknown reason' : message}`,
    'See what the daemon says with: tend daemon logs',
    error,
  );
}

const NOTHING = { news: [], more: false };

/** The client that calls, as far as it is known. */
export interface Calling {
  request: string | number;
  /** Null = nothing rides on its answers. */
  carrier: Carrier | null;
  /** Null = it is not remembered what it asked before. */
  repeats: Repeats | null;
}

/** Runs a tool; whatever goes wrong is a result that says so. News of the owner ride on it either way. */
export async function callTool(
  tool: Tool,
  given: unknown,
  place: Place,
  { carrier, repeats, request }: Calling,
): Promise<ToolResult> {
  const answer = await tool.run(given, place).catch(asTendError);
  const { shown = [], handed = [] } = answer instanceof TendError ? {} : answer;
  carrier?.hand(place.owner, request, handed);
  const { news, more } = (await carrier?.take(place.owner, request, shown)) ?? NOTHING;
  // Whoever has called it off gets no answer.
  if (place.signal.aborted) carrier?.lost(request);
  if (answer instanceof TendError) return errorResult(answer, news, more);
  const hint = tool.hints.readOnly ? (repeats?.of(tool.name, given, answer.text) ?? null) : null;
  const parts = [answer.text, hint ?? '', newsText(news, more)];
  return {
    content: [{ type: 'text', text: parts.filter((part) => part !== '').join('\n\n') }],
    ...(tool.output !== null && {
      structuredContent: {
        ...known(answer.structured),
        ...(hint !== null && { next: hint }),
        ...(news.length > 0 && { news }),
      },
    }),
  };
}

/** What went wrong, in the one shape that models see: no protocol error, or the host would hide it. */
export function errorResult(
  { code, message, hint }: TendError,
  news: readonly News[] = [],
  more = false,
): ToolResult {
  const said = `Error ${code}: ${message}${hint === '' ? '' : `\n${hint}`}`;
  const text = [said, newsText(news, more)].filter((part) => part !== '').join('\n\n');
  return { content: [{ type: 'text', text }], isError: true };
}

function newsText(news: readonly News[], more: boolean): string {
  if (news.length === 0) return '';
  return [
    'News, told once:',
    ...news.map(({ delivery, text }) => `- ${text} [${delivery}]`),
    ...(more ? ['There is more: call inbox.'] : []),
  ].join('\n');
}
