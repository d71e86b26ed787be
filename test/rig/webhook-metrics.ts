// The metrics of Serin's webhooks, from each of their pods.
import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Kubelet } from './kubelet.ts';

/** How many reviews the webhooks that run have counted, whatever became of them. */
export async function reviewsCounted(kubelet: Kubelet): Promise<number> {
  const pods = kubelet.pods().filter(({ namespace }) => namespace === 'serin-system');
  const pages = await Promise.all(pods.map(({ ip }) => pageOf(ip)));
  const counts = pages.flatMap((page) => [...page.matchAll(/^serin_admission_reviews_total\{.*\} (\d+)$/gm)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function pageOf(ip: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Its certificate is for the name of its Service.
    const options = {
      host: ip,
      port: 8443,
      path: '/metrics',
      rejectUnauthorized: false,
      agent: false,
    } as const;
    get(options, (answer) => resolve(text(answer))).on('error', reject);
  });
}
