import type { EventShown } from '../../report/report.ts';
import { time } from './format.ts';

/** What was told of the rollout, newest first. */
export function Events({ events }: { readonly events: readonly EventShown[] }) {
  return (
    <section aria-labelledby="events">
      <h3 id="events">Events</h3>
      {events.length === 0 ? (
        <p class="nothing">None are kept.</p>
      ) : (
        <ol class="events" tabIndex={0} aria-labelledby="events">
          {events.toReversed().map(({ at, type, reason, message, count }) => (
            <li key={`${at} ${reason} ${message}`} data-type={type}>
              <time dateTime={new Date(at).toISOString()}>{time(at)}</time>
              <span>
                <b>{reason}</b>
                {count > 1 && ` ×${count}`}: {message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
