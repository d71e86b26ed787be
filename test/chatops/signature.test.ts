import { equal } from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { isSignedByGithub, isTokenOfGitlab } from '../../src/chatops/signature.ts';

// The example of https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries.
const secret = "It's a Secret to Everybody";
const body = Buffer.from('Hello, World!');
const right = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
const sha1 = createHmac('sha1', secret).update(body).digest('hex');

const headers: { readonly [what: string]: readonly [header: string | string[] | undefined, is: boolean] } = {
  'as GitHub documents it': [right, true],
  missing: [undefined, false],
  empty: ['', false],
  'of another body': [`sha256=${createHmac('sha256', secret).update('Hello').digest('hex')}`, false],
  'with another secret': [`sha256=${createHmac('sha256', 'x'.repeat(20)).update(body).digest('hex')}`, false],
  'by SHA-1': [`sha1=${sha1}`, false],
  'SHA-1 that calls itself SHA-256': [`sha256=${sha1}`, false],
  'without its algorithm': [right.slice(7), false],
  'cut short': [right.slice(0, -2), false],
  'with more behind it': [`${right}00`, false],
  'in capitals': [right.toUpperCase(), false],
  'several of them': [[right], false],
};

for (const [what, [header, is]] of Object.entries(headers))
  test(`a signature ${what} is ${is ? 'right' : 'wrong'}`, () =>
    equal(isSignedByGithub(secret, body, header), is));

test('the token of GitLab is the secret and nothing else', () => {
  equal(isTokenOfGitlab(secret, secret), true);
  for (const wrong of [undefined, '', secret.slice(1), `${secret} `, [secret]])
    equal(isTokenOfGitlab(secret, wrong), false);
});

test('a secret that can be guessed signs nothing', () => {
  const short = 'hunter2';
  const signed = `sha256=${createHmac('sha256', short).update(body).digest('hex')}`;
  equal(isSignedByGithub(short, body, signed), false);
  equal(isTokenOfGitlab(short, short), false);
  equal(isTokenOfGitlab('', ''), false);
});
