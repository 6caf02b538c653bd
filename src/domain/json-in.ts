type Found = Readonly<Record<string, unknown>>;

/** The JSON objects of a text that stand in no other one, in order, whatever stands around them. */
export function* objectsIn(text: string, mostTried: number): Generator<Found> {
  let from = text.indexOf('{');
  for (let tried = 0; from !== -1 && tried < mostTried; tried += 1) {
    const to = endOfObject(text, from);
    const value = to === null ? null : parsed(text.slice(from, to));
    if (value !== null) yield value;
    from = text.indexOf('{', to === null || value === null ? from + 1 : to);
  }
}

/** Behind the brace that closes the one at `from`; null = none does. */
function endOfObject(text: string, from: number): number | null {
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (isText) {
      if (char === '\\') at += 1;
      else if (char === '"') isText = false;
    } else if (char === '"') isText = true;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Found;
  } catch {
    return null;
  }
}
