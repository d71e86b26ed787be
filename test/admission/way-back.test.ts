import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { wayBack } from '../../src/admission/way-back.ts';
import type { Json } from '../../src/rollout/types.ts';
import { aDeployment, aTemplate, templates } from './deployments.ts';

const two = (web: string, log: string): Json => ({
  spec: {
    containers: [
      { name: 'web', image: web },
      { name: 'log', image: log },
    ],
  },
});
const apply = 'apply the stable version again';
const long = `registry.example.com/${'team/'.repeat(20)}web:1`;

const ways: { readonly [behaviour: string]: readonly [held: Json, stable: Json, way: string] } = {
  'one image is named': [templates.two, templates.one, 'kubectl set image deploy/web web=web:1'],
  'of several, those that changed': [
    two('web:2', 'log:1'),
    two('web:1', 'log:1'),
    'kubectl set image deploy/web web=web:1',
  ],
  'two, in one command': [
    two('web:2', 'log:2'),
    two('web:1', 'log:1'),
    'kubectl set image deploy/web web=web:1 log=log:1',
  ],
  'where more than images changed, no command is short': [
    { ...templates.two, metadata: { labels: { app: 'other' } } },
    templates.one,
    apply,
  ],
  'a container that came or went is no image': [templates.two, two('web:1', 'log:1'), apply],
  'a command too long to be read is not given': [templates.two, aTemplate(long), apply],
  'a template without containers leads back by apply': [{ spec: null }, templates.one, apply],
};
for (const [behaviour, [held, stable, way]] of Object.entries(ways))
  test(behaviour, () => equal(wayBack(aDeployment({ template: held }), stable), way));
