import type { Affinity } from '../rollout/strategy.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import { matching } from './provider.ts';
import * as schema from './schema.ts';

const oneDay = 86_400;
/** RFC 6265bis: browsers keep no cookie for longer. */
const longest = 400 * oneDay;

/** Letters that need no quoting in a cookie, a header or a pattern of a route. */
const cookieName = /^[\w-]{1,100}$/;

/** The cookie of `sessionAffinity`; undefined where there is to be none. */
export function affinityOf(field: Field): Affinity | undefined {
  checkNames(field, schema.sessionAffinity);
  if (field.keys().length === 0) return undefined;
  field.at('cookieName').required('the name of the cookie');
  const name = nameOf(field.at('cookieName'));
  checkPrimary(field.at('primaryCookieName'), name);
  const maxAgeSeconds = field.at('maxAge').whole(1, longest) ?? oneDay;
  const attributes = attributesOf(field);
  if (attributes.sameSite === 'None' && attributes.secure !== true)
    field.at('sameSite').note('browsers take None only from a cookie that is secure');
  return name === undefined ? undefined : { cookieName: name, maxAgeSeconds, ...attributes };
}

function nameOf(field: Field): string | undefined {
  return matching(field, cookieName, 'the name of a cookie (letters, digits, _ and -)');
}

/** Who is on stable is not kept there: the share of the candidate could not grow. */
function checkPrimary(field: Field, name: string | undefined): void {
  if (!field.isGiven) return;
  const primary = nameOf(field);
  if (primary !== undefined && primary === name) return field.report('must differ from cookieName');
  field.note('not used: users of the candidate stay with it; those of the stable version may move on to it');
}

function attributesOf(field: Field): Omit<Affinity, 'cookieName' | 'maxAgeSeconds'> {
  const domain = matching(field.at('domain'), /^\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/, 'a domain');
  const path = matching(field.at('path'), /^\/[\x21-\x3a\x3c-\x7e]*$/, 'a path that begins with /');
  const sameSite = field.at('sameSite').choice(['Strict', 'Lax', 'None']);
  const [secure, httpOnly, partitioned] = ['secure', 'httpOnly', 'partitioned'].map((key) =>
    field.at(key).flag(),
  );
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(path === undefined ? {} : { path }),
    ...(sameSite === undefined ? {} : { sameSite }),
    ...(secure === undefined ? {} : { secure }),
    ...(httpOnly === undefined ? {} : { httpOnly }),
    ...(partitioned === undefined ? {} : { partitioned }),
  };
}
