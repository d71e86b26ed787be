import { BlockList, isIP } from 'node:net';

// The pod's own ports, and what a cloud tells its machines: credentials among it.
const ownMachine = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
] as const)
  ownMachine.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 127],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
] as const)
  ownMachine.addSubnet(net, bits, 'ipv6');

/** True for an IP address that is the machine Serin runs on, or one that only this machine reaches. */
export function isOwnMachine(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && ownMachine.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
