/** The variables of a batch file: `${name}`, and `$${` for a `${` that is meant. */
import type { TendError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';

type Value = string | number | boolean;
type Path = readonly PropertyKey[];

/** Makes the error for an unknown variable at a key. */
export type Refuse = (key: Path, message: string, hint: string) => TendError;

const USE = /\$\$\{|\$\{([^}\n]*)\}/g;
/** A value that is nothing but one variable keeps the type of that. */
const ALONE = /^\$\{([^}\n]*)\}$/;

export interface Filled {
  data: unknown;
  /** The names that are used somewhere. */
  used: ReadonlySet<string>;
}

/** The file with its variables put in; those in `[vars]` may use the ones above them. `given` ones win. */
export function filled(
  data: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
  refuse: Refuse,
): Filled {
  const vars = new Map<string, Value>();
  const used = new Set<string>();
  const declared = isTable(data['vars']) ? data['vars'] : {};
  for (const [name, value] of Object.entries(declared)) {
    const own = given[name];
    if (own !== undefined) vars.set(name, like(value, own));
    else if (isValue(value)) vars.set(name, put(value, ['vars', name]) as Value);
  }
  for (const [name, value] of Object.entries(given)) if (!vars.has(name)) vars.set(name, value);
  const { vars: _vars, ...rest } = data;
  const body = walk(rest, []) as Record<string, unknown>;
  return { data: 'vars' in data ? { ...body, vars: data['vars'] } : body, used };

  function walk(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return put(value, path);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isTable(value)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, walk(item, [...path, key])]));
  }

  function put(value: Value, path: Path): Value {
    if (typeof value !== 'string' || !value.includes('${')) return value;
    const alone = ALONE.exec(value)?.[1];
    if (alone !== undefined) return valueOf(alone.trim(), path);
    return value.replace(USE, (found, name: string | undefined) =>
      name === undefined ? found.slice(1) : String(valueOf(name.trim(), path)),
    );
  }

  function valueOf(name: string, path: Path): Value {
    const value = vars.get(name);
    used.add(name);
    if (value !== undefined) return value;
    const guess = nearest(name, [...vars.keys()]);
    throw refuse(
      path,
      `there is no variable ${JSON.stringify(name)}`,
      guess === null
        ? `Set it under [vars] or with --var ${/^\w+$/.test(name) ? name : 'name'}=…; for the shell's own, write $$\{${name}}.`
        : `Did you mean \${${guess}}?`,
    );
  }
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const isValue = (value: unknown): value is Value =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** What was given on the command line, as the type that the file declares. */
function like(declared: unknown, given: string): Value {
  if (typeof declared === 'number' && given.trim() !== '' && Number.isFinite(Number(given)))
    return Number(given);
  if (typeof declared === 'boolean' && /^(true|false)$/.test(given)) return given === 'true';
  return given;
}
