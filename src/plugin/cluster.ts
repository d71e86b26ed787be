// The cluster that the flags name, asked as the user of the kubeconfig.
import { systemClock } from '../clock.ts';
import { nearest } from '../config/nearest.ts';
import { messageOf, SerinError } from '../errors.ts';
import { createKube } from '../kube/client.ts';
import { impersonating } from '../kube/impersonate.ts';
import { serverTime } from '../kube/server-time.ts';
import { createTransport, loadKubeConfig, type Transport } from '../kube/transport.ts';
import type { Args, Cluster } from './verb.ts';

/** Reads the kubeconfig; nothing is asked of the cluster yet. Throws CONFIG_INVALID with what would be right. */
export function openCluster(args: Args): Cluster {
  const context = args.text('context');
  const config = configOf(args.text('kubeconfig'), context);
  const known = config.getContexts().map(({ name }) => name);
  const current = config.getCurrentContext();
  if (context !== undefined && !known.includes(context)) {
    const near = nearest(context, known);
    const hint = near === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${near}?`;
    throw new SerinError('CONFIG_INVALID', `--context: the kubeconfig has no ${context}${hint}`);
  }
  const { transport, clock } = serverTime(asked(createTransport(config), args), systemClock);
  const { namespace } = config.getContextObject(current) ?? {};
  return {
    ...{ kube: createKube(transport, systemClock), transport, clock, context: current },
    namespace: args.text('namespace') ?? namespace ?? 'default',
  };
}

function configOf(file: string | undefined, context: string | undefined): ReturnType<typeof loadKubeConfig> {
  try {
    return loadKubeConfig(file, context);
  } catch (error) {
    throw new SerinError('CONFIG_INVALID', `the kubeconfig cannot be read: ${messageOf(error)}`);
  }
}

function asked(transport: Transport, args: Args): Transport {
  const [user, groups] = [args.text('as'), args.texts('as-group')];
  if (user !== undefined) return impersonating(transport, { user, groups });
  if (groups.length > 0) throw new SerinError('CONFIG_INVALID', '--as-group: means nothing without --as');
  return transport;
}
