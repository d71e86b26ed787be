// What can go wrong with an answer of the webhook, and what becomes of the request: the rows of the table in docs/admission.md.
export interface Fault {
  readonly fault: string;
  /** Label of the Deployment that brings it about, and the path that is called. */
  readonly name: string;
  readonly path: string;
  /** Why it is not even asked. */
  readonly unasked?: 'nobody listens' | 'not trusted';
  /** What the webhook answers. */
  readonly answer: string;
  /** What who asked is told where the failurePolicy is Fail; undefined where the request goes through. */
  readonly withFail: string | undefined;
  readonly withIgnore: string | undefined;
}

const failed = 'failed calling webhook "fail.door.test"';

export const faults: readonly Fault[] = [
  {
    ...{
      fault: 'a mistake of the user',
      name: 'mistake',
      path: '/mutate',
      answer: '200, `allowed: false`, 422',
    },
    withFail: 'admission webhook "fail.door.test" denied the request: mend it',
    withIgnore: 'admission webhook "ignore.door.test" denied the request: mend it',
  },
  {
    ...{ fault: 'a bug of ours', name: 'bug', path: '/mutate', answer: '500' },
    ...{ withFail: failed, withIgnore: undefined },
  },
  {
    ...{ fault: 'a review that cannot be read', name: 'unreadable', path: '/mutate', answer: '400' },
    ...{ withFail: failed, withIgnore: undefined },
  },
  {
    ...{
      fault: 'a path that a version of ours does not have',
      name: 'unknown',
      path: '/no-such',
      answer: '404',
    },
    ...{ withFail: failed, withIgnore: undefined },
  },
  {
    ...{
      fault: 'a rule that does not come to an end',
      name: 'slow',
      path: '/validate',
      answer: 'none in time',
    },
    ...{ withFail: failed, withIgnore: undefined },
  },
  {
    ...{
      fault: 'the process dies under the request',
      name: 'dies',
      path: '/dies',
      answer: 'none: the connection breaks',
    },
    ...{ withFail: failed, withIgnore: undefined },
  },
  {
    ...{
      fault: 'no process runs',
      name: 'nobody',
      path: '/mutate',
      unasked: 'nobody listens',
      answer: 'none',
    },
    ...{ withFail: failed, withIgnore: undefined },
  },
  {
    ...{
      fault: 'a caBundle that is not ours',
      name: 'foreign',
      path: '/mutate',
      unasked: 'not trusted',
      answer: 'none',
    },
    ...{ withFail: failed, withIgnore: undefined },
  },
];

/** The table of docs/admission.md. */
export function faultTable(): string {
  const head = ['what is wrong', 'the webhook answers', 'kube-apiserver, with `Fail`', 'with `Ignore`'];
  const becomes = (told: string | undefined): string =>
    told === undefined
      ? 'goes on without us'
      : told.includes('denied')
        ? 'refuses, with our sentence'
        : 'refuses: "failed calling webhook"';
  const rows = faults.map(({ fault, answer, withFail, withIgnore }) => [
    fault,
    answer,
    becomes(withFail),
    becomes(withIgnore),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
