import { createHash } from 'node:crypto';

/** Hexadecimal digits of a text, for names that must be cut: webhook and controller have to come to the same. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
