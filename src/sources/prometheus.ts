import { readAnswer } from '../prometheus/answers.ts';
import { endpointOf, queryRequest } from '../prometheus/client.ts';
import { usualTimeoutMs } from '../prometheus/exchange.ts';
import { onlyValue } from '../prometheus/readings.ts';
import { textAt } from '../routing/json.ts';
import { jsonIn } from '../prometheus/json.ts';
import type { Provider } from './provider.ts';

/** Another Prometheus than Serin's own, or what answers as one does. */
export const prometheus: Provider = {
  secretKeys: [],
  request: (address, { query, provider }) => {
    const request = queryRequest(endpointOf(address, usualTimeoutMs), query);
    return { ...request, headers: { ...request.headers, ...provider.headers } };
  },
  read: (body) => onlyValue(readAnswer(200, body)),
  complaint: (body) => textAt(jsonIn(body), 'error'),
};
