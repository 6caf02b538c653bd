/** What stands in a line of JSON: looked into leniently, because its shape changes with every version. */
export type Json = Readonly<Record<string, unknown>>;

/** The object that a line is; null = no JSON object. */
export function objectIn(line: string): Json | null {
  // Most lines that are no object show it by their first character; an exception costs more than a look.
  if (line.charCodeAt(0) !== 0x7b && !/^\s*\{/.test(line)) return null;
  try {
    return asObject(JSON.parse(line));
  } catch {
    return null;
  }
}

export const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** The object under `name`, or an empty one. */
export const child = (of: Json, name: string): Json => asObject(of[name]) ?? {};

export const list = (of: Json, name: string): readonly unknown[] => {
  const value = of[name];
  return Array.isArray(value) ? value : [];
};

export const text = (of: Json, name: string): string | null => {
  const value = of[name];
  return typeof value === 'string' ? value : null;
};

/** A finite number. */
export const number = (of: Json, name: string): number | null => {
  const value = of[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

export const flag = (of: Json, name: string): boolean => of[name] === true;

/** A value as text for people: text as it is, all else as JSON. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '');
