/** What a server is to be trusted by, and what Serin shows it; all PEM. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Present where whoever answers is trusted. */
  readonly rejectUnauthorized?: false;
}

/** What a request to a metric source carries. Never to be logged or told: `hidden` takes it out of a text. */
export interface Credentials {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: Tls;
  /** Every text of it that nobody may see. */
  readonly secrets: readonly string[];
}

/** The data of a Secret, decoded. */
export type SecretData = Readonly<Record<string, string>>;

export type CredentialsRead =
  | { readonly ok: true; readonly credentials: Credentials }
  | { readonly ok: false; readonly why: string };

export const noCredentials: Credentials = { headers: {}, secrets: [] };

/**
 * Reads a Secret's `username` and `password`, `token`, `ca.crt`, `tls.crt` and `tls.key`, and a header for each
 * `header.<Name>`; other keys are a source's own. Every mistake at once, by the keys alone.
 */
export function credentialsIn(data: SecretData): CredentialsRead {
  const mistakes = [...halves(data, 'username', 'password'), ...halves(data, 'tls.crt', 'tls.key')];
  const [token, username, password] = ['token', 'username', 'password'].map((key) => data[key]?.trim());
  if (token !== undefined && username !== undefined)
    mistakes.push('token and username say the same: remove one');
  const headers = { ...headersIn(data), ...authorizationOf(token, username, password) };
  for (const [name, value] of Object.entries(headers)) {
    // fetch would tell the value in its complaint.
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      mistakes.push(`${keyOf(name, token)} cannot be sent as a header`);
  }
  if (mistakes.length > 0) return { ok: false, why: mistakes.join('; ') };
  const tls = tlsIn(data);
  const secrets = [...Object.values(headers), token, password];
  return {
    ok: true,
    credentials: { headers, secrets: long(secrets), ...(tls === undefined ? {} : { tls }) },
  };
}

/** The Authorization header of a name and a password. */
export function basicAuth(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The text without what is secret: servers repeat what they were sent. */
export function hidden(text: string, { secrets }: Pick<Credentials, 'secrets'>): string {
  const bare = secrets.map((secret) => secret.replace(/^(?:Basic|Bearer) /i, ''));
  // The longest first, else a part of it would keep the rest from being found.
  const all = long([...secrets, ...bare]).sort((a, b) => b.length - a.length);
  return all.reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text);
}

/** A tenant of one letter hides nothing, and taking it out would take the sense out. */
function long(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts)].filter((text) => text !== undefined && text.length >= 4) as string[];
}

function halves(data: SecretData, one: string, other: string): string[] {
  const [has, lacks] = data[one] === undefined ? [other, one] : [one, other];
  return data[has] !== undefined && data[lacks] === undefined ? [`${has} is there without ${lacks}`] : [];
}

function headersIn(data: SecretData): Record<string, string> {
  const given = Object.entries(data).filter(([key]) => key.startsWith('header.'));
  return Object.fromEntries(
    given.map(([key, value]) => [key.slice('header.'.length).toLowerCase(), value.trim()]),
  );
}

function authorizationOf(
  token: string | undefined,
  username: string | undefined,
  password: string | undefined,
): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (username === undefined || password === undefined) return {};
  return { authorization: basicAuth(username, password) };
}

function keyOf(header: string, token: string | undefined): string {
  return header === 'authorization' && token !== undefined ? 'token' : `header.${header}`;
}

function tlsIn(data: SecretData): Tls | undefined {
  const [ca, cert, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => data[name]);
  if (ca === undefined && cert === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}
