/** What `completion` writes for: kubectl itself, which asks `kubectl_complete-canary`, and shells that call us directly. */
export const shells = ['kubectl', 'bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];
