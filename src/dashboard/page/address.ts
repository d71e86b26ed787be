import { useEffect, useState } from 'preact/hooks';

/** The rollout that the address names (`#/shop/web`); undefined where it names none. */
export function keyIn(hash: string): string | undefined {
  const [, key] = /^#\/([a-z0-9-]+\/[a-z0-9.-]+)$/.exec(hash) ?? [];
  return key;
}

/** The address of a rollout, or of the list. */
export function addressOf(key: string | undefined): string {
  return key === undefined ? '#/' : `#/${key}`;
}

/** The rollout that is looked at. */
export function useAddress(): string | undefined {
  const [key, setKey] = useState(keyIn(location.hash));
  useEffect(() => {
    const follow = (): void => setKey(keyIn(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return key;
}
