/** `[permissions]`: what a worker may do where its agent would ask. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DECISIONS, type PermissionLayer, type PermissionRule } from '../domain/permission.ts';
import { list, oneOf, quoted } from './config-agent-values.ts';

const rule = z.strictObject({
  tool: quoted('a pattern').prefault('*').meta({
    description: 'Which tools, by the names that the agent gives them; * stands for anything.',
  }),
  match: quoted('a pattern').optional().meta({
    description:
      'Which command lines, paths (from the working folder) or addresses; * stands for anything.',
  }),
  do: oneOf(DECISIONS).meta({
    description: 'allow, deny, or ask = a person is asked, and the task waits without a process.',
  }),
});

const MOST_RULES = 200;
const rules = list(rule, 'rules, as in [[permissions.rule]]')
  .refine((given) => given.length <= MOST_RULES, `must be at most ${MOST_RULES} rules`)
  .prefault([]);

/** Of the person. */
export const permissionsSchema = z.strictObject({
  default: oneOf(DECISIONS).prefault('deny').meta({
    description: 'What holds for an act that the permissions of the task leave open, and no rule.',
  }),
  rule: rules.meta({ description: 'The first rule that fits counts.' }),
});

/** Of a project: whatever it says, the stricter word holds. */
export const projectPermissionsSchema = z.strictObject({
  default: oneOf(DECISIONS).optional().meta({
    description: 'As the one of the person, of which the stricter holds.',
  }),
  rule: rules.meta({ description: 'As those of the person, of which the stricter hold.' }),
});

type RuleFile = z.output<typeof rule>;

const ruleOf = ({ tool, match, do: decision }: RuleFile): PermissionRule => ({
  tool,
  match: match ?? null,
  decision,
});

export const permissionsOf = (
  given: z.output<typeof permissionsSchema>,
): readonly PermissionLayer[] => [
  { from: 'config', otherwise: given.default, rules: given.rule.map(ruleOf) },
];

/** With what a project adds. */
export const narrowPermissions = (
  layers: readonly PermissionLayer[],
  given: z.output<typeof projectPermissionsSchema>,
): readonly PermissionLayer[] => {
  const own = {
    from: '.tend.toml',
    otherwise: given.default ?? null,
    rules: given.rule.map(ruleOf),
  };
  // Who allows everything adds nothing, nor does who says it again.
  const isEmpty = own.rules.length === 0 && (own.otherwise ?? 'allow') === 'allow';
  return isEmpty || isDeepStrictEqual(layers.at(-1), own) ? layers : [...layers, own];
};

/** What holds while the project's file cannot be read. */
export const unreadableProject: PermissionLayer = {
  from: 'unreadable .tend.toml',
  otherwise: 'ask',
  rules: [],
};

/** The values by their dotted names in the file. */
export const flatPermissions = ([person]: readonly PermissionLayer[]) => ({
  'permissions.default': person?.otherwise ?? 'deny',
  'permissions.rule': `[${(person?.rules ?? []).map(inToml).join(', ')}]`,
});

const inToml = ({ tool, match, decision }: PermissionRule): string => {
  const matched = match === null ? '' : `, match = ${JSON.stringify(match)}`;
  return `{ tool = ${JSON.stringify(tool)}${matched}, do = ${JSON.stringify(decision)} }`;
};
