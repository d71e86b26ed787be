import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type AwsKeys, signed } from '../../src/sources/sigv4.ts';

// The keys, moment and signatures are those of the test suite AWS publishes (aws-sig-v4-test-suite) and of the worked
// example in its reference ("Signature calculation example": ListUsers).
const keys: AwsKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const now = Date.parse('2015-08-30T12:36:00Z');
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const unreserved = `-._~0123456789${alphabet}`;

interface Vector {
  readonly method?: 'GET' | 'POST';
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signature: string;
}

const vectors: { readonly [name: string]: Vector } = {
  'get-vanilla': { signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' },
  'get-vanilla-query-order-key-case': {
    query: '?Param2=value2&Param1=value1',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  'get-vanilla-query-unreserved': {
    query: `?${unreserved}=${unreserved}`,
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  'post-vanilla': {
    method: 'POST',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  'post-x-www-form-urlencoded': {
    method: 'POST',
    headers: form,
    body: 'Param1=value1',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
};
for (const [name, { method = 'GET', query = '', headers = {}, body, signature }] of Object.entries(vectors)) {
  test(`${name} of the published suite`, () => {
    const url = new URL(`https://example.amazonaws.com/${query}`);
    const request = { url, method, headers, ...(body === undefined ? {} : { body }) };
    const names = [...Object.keys(headers), 'host', 'x-amz-date'].join(';');
    equal(
      signed(request, keys, { region: 'us-east-1', service: 'service', now }).headers['authorization'],
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    );
  });
}

test('the worked example of the reference', () => {
  const url = new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08');
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const { authorization } = signed({ url, method: 'GET', headers }, keys, {
    region: 'us-east-1',
    service: 'iam',
    now,
  }).headers as { authorization: string };
  equal(
    authorization.split('Signature=')[1],
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

test('the token of a session is sent and signed', () => {
  const url = new URL('https://example.amazonaws.com/');
  const session = { ...keys, sessionToken: 'session' };
  const { headers } = signed({ url, method: 'GET', headers: {} }, session, {
    region: 'us-east-1',
    service: 'service',
    now,
  });
  equal(headers['x-amz-security-token'], 'session');
  equal(headers['authorization']?.includes('SignedHeaders=host;x-amz-date;x-amz-security-token,'), true);
});
