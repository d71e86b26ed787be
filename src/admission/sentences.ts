import { type Mistake, mistakesText } from '../config/canary.ts';
import { names } from '../kube/objects.ts';

// What people read of the webhook. kubectl shows a warning as one line, best within 120 characters.

export const held = (name: string): string =>
  `held: ${name} rolls out as a canary; follow it with kubectl rollout status deploy/${name}`;

export const superseded = (name: string, before: string): string =>
  `held: ${name} rolls out as a canary in place of revision ${before}; follow it with kubectl rollout status deploy/${name}`;

export const aborted = (name: string, revision: string): string =>
  `the rollout of revision ${revision} ends: ${name} stays at its stable version`;

export const turnedBack = (name: string, revision: string): string =>
  `the promotion of revision ${revision} is turned back: ${name} rolls to its stable version`;

export const direct = (name: string, why: string): string =>
  `${name} was rolled out directly, without a canary: ${why}`;

export const pausedLater = (name: string, revision: string): string =>
  `${name} is paused once revision ${revision} is promoted: its pods are rolling`;

export const staysPaused = (name: string, back: string): string =>
  `${name} stays paused: held by the canary, which promotes it by itself; to go back, ${back}`;

/** The reason comes last: it is as long as it is, and what is too long is cut. */
export const failedBefore = (revision: string, message: string, back: string): string =>
  `revision ${revision} failed its canary: change the template, or, to go back, ${back}; why: ${message}`;

export const putBack = (keys: readonly string[]): string =>
  `${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} written by Serin alone: put back as before`;

export const leftOut = (keys: readonly string[]): string =>
  `${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} written by Serin alone: left out of a new Deployment`;

export const withoutTraffic = (name: string, why: string): string =>
  `${why}: ${name} is checked without traffic: readiness, restarts and the plan's own metrics`;

export const promoting = (revision: string): string =>
  `promotion of ${revision} in progress, retry in a moment`;

export const turningBack = (revision: string): string =>
  `return from ${revision} to the stable version in progress, retry in a moment`;

export const unclear = (name: string, why: string): string =>
  `${name} is held and the record of its rollout does not fit (${why}): its template is not changed until Serin has mended that, retry in a moment`;

export const unfollowable = (mistakes: readonly Mistake[]): string =>
  `${names.canary} cannot be followed:\n${mistakesText(mistakes)}`;

export const tooLarge = (name: string, bytes: number, limit: number): string =>
  `the annotations of ${name} would be ${bytes} bytes with the way back to its stable version, and kube-apiserver takes ${limit}: make them or the change of the template smaller`;

export const letBy = (name: string): string =>
  `${name} goes out to everybody at once, without a canary: serin.dev/bypass gives a reason`;

export const oneAtATime = (name: string): string =>
  `one at a time: ${names.command} tells the rollout of ${name} something, and the same request changes what is rolled out; change it first, and then say ${names.command}`;

export const staysSaid = (name: string): string =>
  `${names.command} of ${name} stays until Serin has heeded it: say another to change it`;

export const noRollout = (name: string): string =>
  `${names.command}: ${name} has no rollout to tell anything; change its template to begin one`;

export const deaf = (name: string, why: string): string =>
  `${name} takes no command now (${why}), retry in a moment`;

export const keepsSplit = (services: readonly string[]): string =>
  `carried: while the canary of ${services.join(', ')} runs, it keeps its share of these routes; after it they are as you wrote them`;

export const configStays = (name: string): string =>
  `${names.config} in the template of ${name} is written by Serin alone: put back; what pods read of ConfigMaps and Secrets changes with those`;
