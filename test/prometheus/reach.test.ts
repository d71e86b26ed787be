import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnMachine } from '../../src/prometheus/reach.ts';

test('the pod itself and what a cloud tells its machines are told from all else', () => {
  const own = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
  ];
  const others = [
    '10.0.0.1',
    '192.168.1.1',
    '128.0.0.1',
    '168.254.1.1',
    '2001:db8::1',
    'fd00:10::1',
    '::ffff:10.0.0.1',
    'localhost',
    '',
  ];
  deepEqual([...own, ...others].filter(isOwnMachine), own);
});
