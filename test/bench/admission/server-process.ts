// One server in a process of its own: what its requests cost is the CPU time of this process.
import { type Contender, servers } from './servers.ts';

interface Asked {
  readonly start?: {
    readonly name: Contender;
    readonly key: string;
    readonly cert: string;
    readonly folder: string;
  };
}

let reviews = 0;
const onReview = (): void => {
  reviews += 1;
};

process.on('message', ({ start }: Asked) => {
  if (start === undefined) {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuSeconds: (user + system) / 1e6, reviews });
    return;
  }
  const { name, key, cert, folder } = start;
  void servers[name]({ key, cert }, { folder, onReview }).then((port) => process.send?.({ port }));
});
process.on('disconnect', () => process.exit(0));
