// The pods of main, as Kubernetes rolls them.
import type { World } from './world.ts';

export interface Main {
  replicas: number;
  ready: number;
  updated: number;
  paused: boolean;
  restorable: boolean;
  scaler: boolean;
  minReadySeconds: number;
  /** When pods of it were last replaced. */
  rolledAt: number;
  trouble?: string;
}

export function aMain(): Main {
  const pods = { replicas: 4, ready: 4, updated: 0, minReadySeconds: 0, rolledAt: 0 };
  return { ...pods, paused: true, restorable: true, scaler: false };
}

/** Pods of main that are ready and not available yet. */
export function young({ main, now, rollsBy }: World): number {
  return isYoung(main, now) ? Math.min(main.ready, main.updated, rollsBy) : 0;
}

function isYoung({ rolledAt, minReadySeconds }: Main, now: number): boolean {
  return now < rolledAt + minReadySeconds * 1000;
}

/** They come up or not, and where all of them are available more of them roll. */
export function passOfMain({ main, mainComesUp, now, rollsBy }: World): void {
  if (mainComesUp) {
    main.ready = main.replicas;
    if (main.paused || main.updated >= main.replicas || isYoung(main, now)) return;
    main.updated = Math.min(main.replicas, main.updated + rollsBy);
    main.rolledAt = now;
  } else if (!main.paused) {
    // One at a time is made, and the next only when it is ready.
    const isSlow = Number.isFinite(rollsBy);
    main.updated = isSlow ? Math.max(main.updated, 1) : 0;
    main.ready = isSlow ? main.replicas - 1 : 0;
  }
}
