import type { OpenApi } from './access.ts';
import { githubThread } from './github.ts';
import { gitlabThread } from './gitlab.ts';
import type { ForgeSettings } from './settings.ts';
import type { Thread, ThreadOptions } from './thread.ts';

/** The comments of a request, and the commits of its repository. */
export async function openThread(
  open: OpenApi,
  settings: ForgeSettings,
  said: ThreadOptions['said'],
): Promise<Thread> {
  const api = await open(settings, said);
  if (said.forge === 'gitlab') return gitlabThread({ api, graphql: api, said });
  // Of an enterprise it stands beside /api/v3.
  const graphql = await open(settings, said, settings.api.replace(/\/v3$/, ''));
  return githubThread({ api, graphql, said });
}
