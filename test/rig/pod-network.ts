// Preloaded into a process that runs as a container: a pod has a network of its own, in which "every address" is the
// pod's address. The pods of the rig share one network, so here that has to be said.
import { Server } from 'node:net';

const podIp = process.env['RIG_POD_IP'];
const everyAddress: readonly unknown[] = [undefined, '', '0.0.0.0', '::'];
// Called by its object below: what it needs of `this` it gets.
// oxlint-disable-next-line typescript/unbound-method
const listen = Server.prototype.listen as unknown as (this: Server, ...args: unknown[]) => Server;

function listenAtPod(this: Server, ...args: unknown[]): Server {
  const [first, second, ...rest] = args;
  if (typeof first === 'object' && first !== null && 'port' in first) {
    const host = 'host' in first ? first.host : undefined;
    return listen.call(
      this,
      everyAddress.includes(host) ? { ...first, host: podIp } : first,
      second,
      ...rest,
    );
  }
  if (typeof first === 'number' && typeof second !== 'string')
    return listen.call(this, first, podIp, second, ...rest);
  if (typeof first === 'number' && everyAddress.includes(second))
    return listen.call(this, first, podIp, ...rest);
  return listen.apply(this, args);
}

Server.prototype.listen = listenAtPod as typeof Server.prototype.listen;
